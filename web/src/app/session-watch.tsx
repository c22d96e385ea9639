// Says in time that a session ends, and lets it go on (WCAG 2.2.1).
import { useEffect, useState } from "react";
import { Text } from "../i18n/text.tsx";
import { Button } from "../ui/button.tsx";
import { DateTime } from "../ui/date-time.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { useSession, useSessionState } from "./session.tsx";

export const warnBeforeMs = 120_000;
// Longer timers overflow in browsers; nothing here waits longer than this without looking again.
const lookMs = 30_000;

export function SessionWatch() {
  const session = useSession();
  const { renew, signOut } = useSessionState();
  const [soon, setSoon] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      const left = Date.parse(session.ends) - Date.now();
      if (left <= 0) {
        // The node has ended it by now; asking makes sure that both agree.
        void renew();
        return;
      }
      setSoon(left <= warnBeforeMs);
      timer = setTimeout(look, Math.min(lookMs, Math.max(1_000, left - warnBeforeMs)));
    };
    look();
    return () => clearTimeout(timer);
  }, [session.ends, renew]);

  return (
    <Dialog
      open={soon && asked !== session.ends}
      close={() => setAsked(session.ends)}
      alert
      title={<Text k="session.ends-title" />}
      actions={
        <>
          <Button
            kind="primary"
            onPress={() => {
              setSoon(false);
              void renew();
            }}
          >
            <Text k="session.stay" />
          </Button>
          <Button onPress={() => void signOut()}>
            <Text k="session.sign-out" />
          </Button>
        </>
      }
    >
      <p>
        <Text k="session.ends-text" /> <DateTime value={session.ends} />
      </p>
    </Dialog>
  );
}
