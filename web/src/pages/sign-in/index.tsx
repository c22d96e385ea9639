// Sign-in: account, password and the code of the second factor, in one step, so that an answer does
// not say which of the three was wrong.
import { useRef, useState } from "react";
import { ApiError } from "../../api/client.ts";
import { Door } from "../../app/door.tsx";
import { useLanguage } from "../../app/language.tsx";
import { useSessionState } from "../../app/session.tsx";
import { Text, useT } from "../../i18n/text.tsx";
import { Banner, ErrorBanner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { CodeField, TextField } from "../../ui/field.tsx";

export function SignInPage() {
  const { signIn, prefer, ended } = useSessionState();
  const { suggest } = useLanguage();
  const t = useT();
  const [account, setAccount] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const form = useRef<HTMLFormElement>(null);
  const complete = account.trim() !== "" && password !== "" && code.length === 6;

  const submit = async () => {
    if (busy) return;
    if (!complete) {
      // The first field that lacks something takes the focus.
      const index = account.trim() === "" ? 0 : password === "" ? 1 : 2;
      form.current?.querySelectorAll("input")[index]?.focus();
      setFailure("incomplete");
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      const session = await signIn(account.trim(), password, code);
      const language = suggest(session.language);
      // The account keeps it for other machines; here it holds whatever the node says.
      if (language !== session.language) prefer(language).catch(() => {});
    } catch (error) {
      setFailure(error);
      setCode("");
    } finally {
      setBusy(false);
    }
  };

  return (
    <Door title={t("sign-in.title")}>
      <h1>
        <Text k="sign-in.title" />
      </h1>
      {ended ? (
        <Banner tone="warn" alert>
          <p>
            <Text k="sign-in.ended" />
          </p>
        </Banner>
      ) : null}
      <SignInFailure failure={failure} />
      <form
        ref={form}
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextField
          label={<Text k="sign-in.account" />}
          name="username"
          autoComplete="username"
          value={account}
          onChange={setAccount}
          required
          ltr
          autoFocus
        />
        <TextField
          label={<Text k="sign-in.password" />}
          type="password"
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          required
          ltr
        />
        <CodeField
          label={<Text k="sign-in.code" />}
          help={<Text k="sign-in.code-help" />}
          value={code}
          onChange={setCode}
        />
        <Button kind="primary" type="submit" isDisabled={busy}>
          <Text k={busy ? "sign-in.busy" : "sign-in.submit"} />
        </Button>
      </form>
      <p className="soft">
        <Text k="sign-in.first-time" />
      </p>
    </Door>
  );
}

function SignInFailure(props: { failure: unknown }) {
  if (props.failure === null) return null;
  if (props.failure === "incomplete") {
    return <Banner tone="bad" alert title={<Text k="sign-in.incomplete" />} />;
  }
  if (props.failure instanceof ApiError && [401, 403].includes(props.failure.status)) {
    return (
      <Banner tone="bad" alert title={<Text k="sign-in.refused" />}>
        <p>
          <Text k="sign-in.refused-why" />
        </p>
      </Banner>
    );
  }
  return <ErrorBanner error={props.failure} />;
}
