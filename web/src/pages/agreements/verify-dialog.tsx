// Two legal advisers, each with their own key, say that a row says what the official text says. The key is opened in
// this browser; key and passphrase never reach the node.
import { useId, useState } from "react";
import { get, path, post } from "../../api/client.ts";
import { useChange } from "../../api/queries.ts";
import type { Approval, Clause } from "../../api/types.ts";
import { Data, type MessageKey, Sentence, Text, useT } from "../../i18n/text.tsx";
import { Banner, ErrorBanner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { Facts, Raw } from "../exchange/parts.tsx";
import { isAbout, sourceCharsMax, verificationOf } from "./verification.ts";

// Why a key file did not sign, in words; what is not here is shown as it is.
const problems: { readonly [problem: string]: MessageKey } = {
  "too-large": "agreements.key-not-a-key-file",
  "not-encrypted": "agreements.key-not-encrypted",
  "not-a-key-file": "agreements.key-not-a-key-file",
  "other-scheme": "agreements.key-other-scheme",
  "few-rounds": "agreements.key-other-scheme",
  "many-rounds": "agreements.key-other-scheme",
  "passphrase-length": "agreements.key-passphrase",
  passphrase: "agreements.key-passphrase",
  "other-key": "agreements.key-not-a-key-file",
  "no-browser-support": "agreements.key-no-browser",
};

const stale = ["/approvals", "/agreements", "/node", "/today"];

export function VerifyDialog(props: {
  agreement: string;
  clause: Clause;
  // The act that another adviser has signed already; null for the first signature.
  waiting: Approval | null;
  close: () => void;
}) {
  const { agreement, clause, waiting } = props;
  const t = useT();
  const live = useLive();
  const fileId = useId();
  const [source, setSource] = useState("");
  const [date, setDate] = useState("");
  const [act, setAct] = useState<object | null>(waiting?.act ?? null);
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState("");

  const prepare = useChange(
    () =>
      get<{ act: object }>(path`/agreements/${agreement}/clauses/${clause.id}/verification`, {
        source: source.trim(),
        date,
      }),
    [],
  );
  const sign = useChange(async (given: { act: object; file: File; passphrase: string }) => {
    // Loaded only by whoever signs.
    const [{ keyFileBytesMax, openKeyFile, KeyFileError }, { signAct }] = await Promise.all([
      import("../../officer-key/key-file.ts"),
      import("../../officer-key/sign.ts"),
    ]);
    if (given.file.size > keyFileBytesMax)
      throw new KeyFileError("too-large", `at most ${keyFileBytesMax} bytes`);
    const key = await openKeyFile(await given.file.text(), given.passphrase);
    return post<Approval>("/approvals", {
      act: given.act,
      signature: await signAct(key, given.act),
    });
  }, stale);

  const found = act ? verificationOf(act) : null;
  const about = act !== null && isAbout(act, agreement, clause);
  return (
    <Dialog
      open
      close={props.close}
      title={<Text k={waiting ? "agreements.verify-second" : "agreements.verify"} />}
      actions={
        act === null ? (
          <Button
            kind="primary"
            isDisabled={source.trim() === "" || date === ""}
            isPending={prepare.isPending}
            onPress={() => prepare.mutate(undefined, { onSuccess: (made) => setAct(made.act) })}
          >
            <Text k="agreements.verify-next" />
          </Button>
        ) : (
          <Button
            kind="primary"
            isDisabled={!about || file === null || passphrase === ""}
            isPending={sign.isPending}
            onPress={() => {
              if (!file) return;
              sign.mutate(
                { act, file, passphrase },
                {
                  onSuccess: (approval) => {
                    live.notify(
                      t(
                        approval.state === "done"
                          ? "agreements.verify-done"
                          : "agreements.verify-waits",
                      ),
                    );
                    props.close();
                  },
                  onSettled: () => setPassphrase(""),
                },
              );
            }}
          >
            <Text k="agreements.sign" />
          </Button>
        )
      }
    >
      <p>
        <Text k="agreements.verify-text" />
      </p>
      <blockquote className="clause-sentence">
        <Data>{clause.article}</Data>
        {": "}
        <Sentence phrase={clause.sentence} />
        {clause.says ? (
          <q className="citation-says">
            <Data>{clause.says}</Data>
          </q>
        ) : null}
      </blockquote>
      {act === null ? (
        <>
          <TextField
            label={<Text k="agreements.verify-source" />}
            help={<Text k="agreements.verify-source-help" />}
            value={source}
            onChange={setSource}
            maxLength={sourceCharsMax}
            required
          />
          <TextField
            label={<Text k="agreements.verify-date" />}
            type="date"
            value={date}
            onChange={setDate}
            required
            ltr
          />
          {prepare.error ? <ErrorBanner error={prepare.error} /> : null}
        </>
      ) : (
        <>
          {about && found ? (
            <Facts
              rows={[
                [<Text key="a" k="agreements.verify-source" />, <Data key="b">{found.source}</Data>],
                [<Text key="a" k="agreements.verify-date" />, <DateTime key="b" value={found.date} />],
                [<Text key="a" k="agreements.digest" />, <Data key="b" code>{found.digest}</Data>],
              ]}
            />
          ) : (
            <Banner tone="bad" alert>
              <p>
                <Text k="agreements.verify-other-row" />
              </p>
            </Banner>
          )}
          <details>
            <summary>
              <Text k="agreements.act" />
            </summary>
            <Raw value={act} label={t("agreements.act")} />
          </details>
          <div className="field">
            <label className="field-label" htmlFor={fileId}>
              <Text k="agreements.key-file" />
            </label>
            <input
              id={fileId}
              type="file"
              accept=".pem,.key"
              onChange={(event) => setFile(event.target.files?.[0] ?? null)}
            />
          </div>
          <TextField
            label={<Text k="agreements.passphrase" />}
            help={<Text k="agreements.passphrase-help" />}
            type="password"
            autoComplete="off"
            value={passphrase}
            onChange={setPassphrase}
            ltr
          />
          {sign.error ? <SignError error={sign.error} /> : null}
        </>
      )}
    </Dialog>
  );
}

function SignError(props: { error: Error }) {
  const { problem } = props.error as { problem?: unknown };
  const key = typeof problem === "string" ? problems[problem] : undefined;
  if (!key) return <ErrorBanner error={props.error} />;
  return (
    <Banner tone="bad" alert>
      <p>
        <Text k={key as "agreements.key-passphrase"} />
      </p>
    </Banner>
  );
}
