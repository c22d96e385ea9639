// First use of an account, by the one-time link that an administrator or the first start of the node
// gave: /setup#TOKEN. The token stands behind the #, so it is in no log of a server.
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { post } from "../../api/client.ts";
import type { Setup } from "../../api/types.ts";
import { Door } from "../../app/door.tsx";
import { Data, Text, useT } from "../../i18n/text.tsx";
import { Banner, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { CodeField, TextField } from "../../ui/field.tsx";
import "./setup.css";

export const passwordCharactersMin = 12;

export default function SetupPage() {
  const t = useT();
  const [token] = useState(() => {
    const found = decodeURIComponent(window.location.hash.slice(1));
    // Not left in the address, where the next person at this screen, or a sync of the history,
    // would find it.
    if (found) window.history.replaceState(null, "", "/setup");
    return found;
  });
  const [setup, setSetup] = useState<Setup | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [done, setDone] = useState(false);

  useEffect(() => {
    if (!token) return;
    let current = true;
    post<Setup>("/setup", { token })
      .then((answer) => {
        if (current) setSetup(answer);
      })
      .catch((error: unknown) => {
        if (current) setFailure(error);
      });
    return () => {
      current = false;
    };
  }, [token]);

  return (
    <Door title={t("setup.title")}>
      <h1>
        <Text k="setup.title" />
      </h1>
      {!token ? (
        <Banner tone="warn" title={<Text k="setup.no-token" />}>
          <p>
            <Text k="setup.no-token-why" />
          </p>
        </Banner>
      ) : failure ? (
        <>
          <ErrorBanner error={failure} />
          <p>
            <Text k="setup.link-used" />
          </p>
        </>
      ) : done ? (
        <Banner tone="good" alert title={<Text k="setup.done" />}>
          <p>
            <Link href="/sign-in">
              <Text k="setup.go-sign-in" />
            </Link>
          </p>
        </Banner>
      ) : setup ? (
        <SetupForm token={token} setup={setup} done={() => setDone(true)} />
      ) : (
        <Loading />
      )}
    </Door>
  );
}

function SetupForm(props: { token: string; setup: Setup; done: () => void }) {
  const { setup } = props;
  const t = useT();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const short = [...password].length < passwordCharactersMin;
  const differs = again !== password;

  const submit = async () => {
    setTried(true);
    if (busy || short || differs || code.length !== 6) return;
    setBusy(true);
    setFailure(null);
    try {
      await post("/setup/complete", { token: props.token, password, code });
      props.done();
    } catch (error) {
      setFailure(error);
      setCode("");
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <dl className="facts">
        <dt>
          <Text k="sign-in.account" />
        </dt>
        <dd>
          <Data code>{setup.account}</Data> <Data>{setup.name}</Data>
        </dd>
        <dt>
          <Text k="setup.roles" />
        </dt>
        <dd>{setup.roles.map((role) => t(`account-role.${role}`)).join(" · ")}</dd>
        <dt>
          <Text k="setup.expires" />
        </dt>
        <dd>
          <DateTime value={setup.expires} />
        </dd>
      </dl>
      {failure ? <ErrorBanner error={failure} /> : null}
      <form
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h2>
          <Text k="setup.password-title" />
        </h2>
        {/* For password managers: whose password this is. */}
        <input
          type="text"
          className="visually-hidden"
          name="username"
          autoComplete="username"
          value={setup.account}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <TextField
          label={<Text k="sign-in.password" />}
          help={<Text k="setup.password-help" count={passwordCharactersMin} />}
          error={
            tried && short ? (
              <Text k="setup.password-short" count={passwordCharactersMin} />
            ) : undefined
          }
          type="password"
          name="new-password"
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
          required
          ltr
        />
        <TextField
          label={<Text k="setup.password-again" />}
          error={tried && differs ? <Text k="setup.password-differs" /> : undefined}
          type="password"
          name="new-password-again"
          autoComplete="new-password"
          value={again}
          onChange={setAgain}
          required
          ltr
        />
        <h2>
          <Text k="setup.factor-title" />
        </h2>
        <p>
          <Text k="setup.factor-text" />
        </p>
        <div className="setup-factor">
          <QrCode svg={setup.qr_svg} label={t("setup.qr-label")} />
          <div>
            <p className="soft">
              <Text k="setup.secret" />
            </p>
            <p className="setup-secret">
              <Data code>{setup.secret.replace(/(.{4})(?=.)/g, "$1 ")}</Data>
            </p>
          </div>
        </div>
        <CodeField
          label={<Text k="setup.code" />}
          help={<Text k="setup.code-help" />}
          error={tried && code.length !== 6 ? <Text k="setup.code-short" /> : undefined}
          value={code}
          onChange={setCode}
        />
        <Button kind="primary" type="submit" isDisabled={busy}>
          <Text k="setup.submit" />
        </Button>
      </form>
    </>
  );
}

// The picture that the node drew, taken apart and drawn anew: of the answer only dark shapes count,
// nothing of it becomes markup of this page.
function QrCode(props: { svg: string; label: string }) {
  const drawing = new DOMParser().parseFromString(props.svg, "image/svg+xml");
  const root = drawing.documentElement;
  const box = root.getAttribute("viewBox");
  if (root.nodeName !== "svg" || !box) return null;
  const dark = [...root.querySelectorAll("path")]
    .filter((path) => !/^(#f{3,6}|white)$/i.test(path.getAttribute("fill") ?? ""))
    .map((path) => path.getAttribute("d") ?? "");
  return (
    <svg
      className="qr"
      viewBox={box}
      role="img"
      aria-label={props.label}
      shapeRendering="crispEdges"
    >
      {dark.map((d) => (
        <path key={d} d={d} />
      ))}
    </svg>
  );
}
