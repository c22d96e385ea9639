// An officer signs an act: sees what it says, chooses the key file, types the passphrase. The key is
// opened in this browser and let go as soon as the signature is made; the node gets the signature.
import { type ReactNode, useRef, useState } from "react";
import { post } from "../api/client.ts";
import { useChange } from "../api/queries.ts";
import type { Approval, Phrase } from "../api/types.ts";
import { Data, type MessageKey, Sentence, Text, useT } from "../i18n/text.tsx";
import { Banner, ErrorBanner } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import { DateTime } from "../ui/date-time.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { KeyFileError, type KeyFileProblem, keyFileBytesMax, openKeyFile } from "./key-file.ts";
import { signAct } from "./sign.ts";

export type Act = { readonly [name: string]: unknown };

const problems: { readonly [P in KeyFileProblem]: MessageKey } = {
  "too-large": "key-file.not-a-key-file",
  "not-encrypted": "key-file.not-encrypted",
  "not-a-key-file": "key-file.not-a-key-file",
  "other-scheme": "key-file.other-scheme",
  "few-rounds": "key-file.other-scheme",
  "many-rounds": "key-file.other-scheme",
  "passphrase-length": "key-file.passphrase-length",
  passphrase: "key-file.passphrase",
  "other-key": "key-file.other-key",
  "no-browser-support": "key-file.no-browser-support",
};

export function SignDialog(props: {
  act: Act;
  what?: Phrase;
  children?: ReactNode;
  close: () => void;
  // With the answer of the node: waiting for the second signature, or done.
  done: (approval: Approval) => void;
}) {
  const t = useT();
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const input = useRef<HTMLInputElement>(null);
  const send = useChange(
    (body: { act: Act; signature: { key: string; signature: string } }) =>
      post<Approval>("/approvals", body),
    ["/approvals", "/agreements", "/today"],
  );

  const sign = async () => {
    if (busy) return;
    if (!file) {
      setProblem("no-file");
      input.current?.focus();
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      if (file.size > keyFileBytesMax) {
        throw new KeyFileError("too-large", `a key file has at most ${keyFileBytesMax} bytes`);
      }
      const key = await openKeyFile(await file.text(), passphrase);
      const signature = await signAct(key, props.act);
      props.done(await send.mutateAsync({ act: props.act, signature }));
    } catch (error) {
      setProblem(error);
    } finally {
      setPassphrase("");
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      close={props.close}
      title={<Text k="sign.title" />}
      actions={
        <Button kind="primary" isDisabled={busy} onPress={() => void sign()}>
          <Text k={busy ? "sign.busy" : "sign.submit"} />
        </Button>
      }
    >
      {props.what ? (
        <p className="sign-what">
          <Sentence phrase={props.what} />
        </p>
      ) : null}
      {props.children}
      <ActFacts act={props.act} />
      <SignProblem problem={problem} />
      <form
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void sign();
        }}
      >
        <div className="field">
          <label className="field-label" htmlFor="sign-file">
            <Text k="sign.file" />
          </label>
          <input
            ref={input}
            id="sign-file"
            className="input"
            type="file"
            accept=".pem,.key"
            aria-describedby="sign-file-help"
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
          <p id="sign-file-help" className="field-help">
            <Text k="sign.file-help" />
          </p>
        </div>
        <TextField
          label={t("sign.passphrase")}
          type="password"
          name="key-passphrase"
          autoComplete="off"
          value={passphrase}
          onChange={setPassphrase}
          required
          ltr
        />
      </form>
    </Dialog>
  );
}

function SignProblem(props: { problem: unknown }) {
  const { problem } = props;
  if (problem === null) return null;
  if (problem === "no-file") return <Banner tone="bad" alert title={<Text k="sign.no-file" />} />;
  if (problem instanceof KeyFileError) {
    return (
      <Banner tone="bad" alert title={<Text k={problems[problem.problem] as "nav.today"} />}>
        <p lang="en" className="soft">
          <Data>{problem.message}</Data>
        </p>
      </Banner>
    );
  }
  return <ErrorBanner error={problem} />;
}

// Everything that the signature covers, member by member: nobody signs what they cannot read.
export function ActFacts(props: { act: Act }) {
  const rows = Object.entries(props.act).flatMap(([name, value]): [string, string][] =>
    name === "arguments" && typeof value === "object" && value !== null
      ? Object.entries(value).map(([inner, data]) => [inner, spelled(data)])
      : [[name, spelled(value)]],
  );
  return (
    <details className="act">
      <summary>
        <Text k="sign.all" />
      </summary>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name} className="facts-row">
            <dt>
              <Data code>{name}</Data>
            </dt>
            <dd>{name === "created" ? <DateTime value={value} /> : <Data code>{value}</Data>}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function spelled(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
