// A step that asks for a fresh code of the second factor before it is done.
import { type ReactNode, useState } from "react";
import { Text } from "../i18n/text.tsx";
import { ErrorBanner } from "./banner.tsx";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { CodeField } from "./field.tsx";

export function CodeDialog(props: {
  title: ReactNode;
  children?: ReactNode;
  close: () => void;
  submit: (code: string) => void;
  busy: boolean;
  error: unknown;
  danger?: boolean;
}) {
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const submit = () => {
    setTried(true);
    if (code.length === 6 && !props.busy) props.submit(code);
  };
  return (
    <Dialog
      open
      close={props.close}
      title={props.title}
      actions={
        <Button kind={props.danger ? "danger" : "primary"} isDisabled={props.busy} onPress={submit}>
          <Text k="code.confirm" />
        </Button>
      }
    >
      {props.children}
      {props.error ? <ErrorBanner error={props.error} /> : null}
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <CodeField
          label={<Text k="sign-in.code" />}
          help={<Text k="code.help" />}
          error={tried && code.length !== 6 ? <Text k="setup.code-short" /> : undefined}
          value={code}
          onChange={setCode}
        />
      </form>
    </Dialog>
  );
}
