// Pairing: our invitation goes out by a way of its own, theirs comes in, and two officers compare
// forty digits by voice. Only after that does the node speak with the other.
import { useState } from "react";
import { Link } from "wouter";
import { post } from "../../api/client.ts";
import { useChange, useNode, useParties } from "../../api/queries.ts";
import type { Pairing } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Data, Text, useT } from "../../i18n/text.tsx";
import { Banner, ErrorBanner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { Checkbox, Select, TextField } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { Digits } from "./digits.tsx";

export const invitationBytesMax = 16 * 1024;

export default function PairingPage() {
  const t = useT();
  return (
    <Page title={t("node.pairing")} lead={<Text k="pairing.lead" />}>
      <ol className="stack">
        <li className="panel stack">
          <Invite />
        </li>
        <li className="panel stack">
          <Accept />
        </li>
      </ol>
    </Page>
  );
}

function Invite() {
  const t = useT();
  const node = useNode();
  const parties = useParties();
  const [party, setParty] = useState("");
  const [endpoint, setEndpoint] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const invite = useChange(
    (body: { party: string; endpoint: string }) =>
      post<{ invitation: string }>("/invitations", body),
    [],
  );
  const address = endpoint ?? node.data?.endpoint ?? "";
  const choices = (parties.data?.items ?? [])
    .filter((one) => one.code !== node.data?.party)
    .map((one) => ({
      value: one.code,
      label: `${t.word("party", one.code) === one.code ? one.name : t.word("party", one.code)} (${one.code})`,
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
  return (
    <>
      <h2>
        <Text k="pairing.invite-title" />
      </h2>
      <p>
        <Text k="pairing.invite-text" />
      </p>
      <form
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (party && address) invite.mutate({ party, endpoint: address });
        }}
      >
        <Select
          label={<Text k="pairing.party" />}
          value={party}
          onChange={setParty}
          choices={[{ value: "", label: t("pairing.choose") }, ...choices]}
        />
        <TextField
          label={<Text k="pairing.endpoint" />}
          help={<Text k="pairing.endpoint-help" />}
          error={tried && !address ? <Text k="pairing.endpoint-missing" /> : undefined}
          value={address}
          onChange={setEndpoint}
          required
          ltr
        />
        {tried && !party ? (
          <Banner tone="bad" alert title={<Text k="pairing.party-missing" />} />
        ) : null}
        {invite.error ? <ErrorBanner error={invite.error} /> : null}
        <div className="row">
          <Button kind="primary" type="submit" isDisabled={invite.isPending}>
            <Text k="pairing.invite" />
          </Button>
        </div>
      </form>
      {invite.data ? <Invitation text={invite.data.invitation} party={party} /> : null}
    </>
  );
}

function Invitation(props: { text: string; party: string }) {
  const live = useLive();
  const t = useT();
  return (
    <div className="stack">
      <Banner tone="good" alert title={<Text k="pairing.invited" />}>
        <p>
          <Text k="pairing.invited-text" />
        </p>
      </Banner>
      <div className="row">
        <a
          className="button button-plain"
          download={`invitation-for-${props.party}.json`}
          href={`data:application/json;charset=utf-8,${encodeURIComponent(props.text)}`}
        >
          <Text k="pairing.download" />
        </a>
        <Button
          onPress={() =>
            navigator.clipboard.writeText(props.text).then(
              () => live.notify(t("pairing.copied")),
              () => live.notify(t("pairing.not-copied"), "bad"),
            )
          }
        >
          <Text k="pairing.copy" />
        </Button>
      </div>
      <pre className="invitation" dir="ltr">
        {props.text}
      </pre>
    </div>
  );
}

function Accept() {
  const t = useT();
  const live = useLive();
  const [text, setText] = useState("");
  const [pairing, setPairing] = useState<Pairing | null>(null);
  const [same, setSame] = useState(false);
  const [large, setLarge] = useState(false);
  const pair = useChange(
    (confirmed: boolean) => post<Pairing>("/pairings", { invitation: text, confirmed }),
    ["/peers", "/today"],
  );
  const read = (file: File | undefined) => {
    if (!file) return;
    setLarge(file.size > invitationBytesMax);
    if (file.size > invitationBytesMax) return;
    void file.text().then((content) => {
      setText(content);
      setPairing(null);
    });
  };

  if (pairing?.confirmed) {
    return (
      <>
        <h2>
          <Text k="pairing.accept-title" />
        </h2>
        <Banner tone="good" alert title={<Text k="pairing.done" />}>
          <p>
            <PartyName code={pairing.party} /> <Data code>{pairing.endpoint}</Data>
          </p>
          <p>
            <Link href="/node/peers">
              <Text k="node.peers" />
            </Link>
          </p>
        </Banner>
      </>
    );
  }
  return (
    <>
      <h2>
        <Text k="pairing.accept-title" />
      </h2>
      <p>
        <Text k="pairing.accept-text" />
      </p>
      <div className="field">
        <label className="field-label" htmlFor="invitation-file">
          <Text k="pairing.file" />
        </label>
        <input
          id="invitation-file"
          className="input"
          type="file"
          accept=".json,application/json"
          onChange={(event) => read(event.target.files?.[0])}
        />
      </div>
      {large ? <Banner tone="bad" alert title={<Text k="pairing.too-large" />} /> : null}
      <TextField
        label={<Text k="pairing.paste" />}
        value={text}
        onChange={(value) => {
          setText(value);
          setPairing(null);
          setSame(false);
        }}
        lines={4}
        maxLength={invitationBytesMax}
        ltr
      />
      {pair.error ? <ErrorBanner error={pair.error} /> : null}
      {pairing ? (
        <>
          <p>
            <PartyName code={pairing.party} /> <Data code>{pairing.endpoint}</Data>
          </p>
          <h3>
            <Text k="pairing.compare-title" />
          </h3>
          <p>
            <Text k="pairing.compare-text" />
          </p>
          <Digits digits={pairing.digits} />
          <Checkbox checked={same} onChange={setSame}>
            <Text k="pairing.same" />
          </Checkbox>
          <div className="row">
            <Button
              kind="primary"
              isDisabled={!same || pair.isPending}
              onPress={() =>
                pair.mutate(true, {
                  onSuccess: (answer) => {
                    setPairing(answer);
                    live.announce(t("pairing.done"));
                  },
                })
              }
            >
              <Text k="pairing.confirm" />
            </Button>
            <Button
              onPress={() => {
                setPairing(null);
                setText("");
                setSame(false);
                live.notify(t("pairing.not-same"), "info");
              }}
            >
              <Text k="pairing.differ" />
            </Button>
          </div>
        </>
      ) : (
        <div className="row">
          <Button
            kind="primary"
            isDisabled={text.trim() === "" || pair.isPending}
            onPress={() => pair.mutate(false, { onSuccess: setPairing })}
          >
            <Text k="pairing.read" />
          </Button>
        </div>
      )}
    </>
  );
}
