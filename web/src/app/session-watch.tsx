// Says in time that a session ends, and lets it go on where the node allows that (WCAG 2.2.1).
import { useEffect, useState } from "react";
import { lastUsed } from "../api/client.ts";
import { Text } from "../i18n/text.tsx";
import { Button } from "../ui/button.tsx";
import { DateTime } from "../ui/date-time.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { useSession, useSessionState } from "./session.tsx";

// The node ends a session that was not used for so long (api/sessions.h); its word counts, this only
// warns in time.
export const idleMs = 30 * 60_000;
export const warnBeforeMs = 120_000;
const lookMs = 10_000;

export type Ending = { readonly at: number; readonly idle: boolean };

// When a session ends: after a time without use, which going on prolongs, or at its last instant.
export function endingOf(ends: string, used: number): Ending {
  const last = Date.parse(ends);
  const unused = used + idleMs;
  return unused < last ? { at: unused, idle: true } : { at: last, idle: false };
}

export function SessionWatch() {
  const session = useSession();
  const { renew, signOut } = useSessionState();
  const [ending, setEnding] = useState<Ending | null>(null);
  const [seen, setSeen] = useState<number | null>(null);

  useEffect(() => {
    const look = () => {
      const next = endingOf(session.ends, lastUsed());
      const left = next.at - Date.now();
      // By now the node has ended it: asking makes both agree.
      if (left <= 0) void renew();
      setEnding((before) => (left > warnBeforeMs ? null : before?.at === next.at ? before : next));
    };
    look();
    const timer = setInterval(look, lookMs);
    return () => clearInterval(timer);
  }, [session.ends, renew]);

  if (!ending || seen === ending.at) return null;
  return (
    <Dialog
      open
      close={() => setSeen(ending.at)}
      alert
      title={<Text k="session.ends-title" />}
      actions={
        <>
          {ending.idle ? (
            <Button
              kind="primary"
              onPress={() => {
                setEnding(null);
                void renew();
              }}
            >
              <Text k="session.stay" />
            </Button>
          ) : null}
          <Button onPress={() => void signOut()}>
            <Text k="session.sign-out" />
          </Button>
        </>
      }
    >
      <p>
        <Text k={ending.idle ? "session.ends-idle" : "session.ends-last"} />{" "}
        <DateTime value={new Date(ending.at).toISOString()} />
      </p>
    </Dialog>
  );
}
