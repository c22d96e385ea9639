// Consents: what was asked of others, and what others ask of this party.
import { useState } from "react";
import { Link } from "wouter";
import { path, post } from "../../api/client.ts";
import { useChange, useGet, useVocabulary } from "../../api/queries.ts";
import type { Consent } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { Data, Text, useT, Word } from "../../i18n/text.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Checkbox, CodeField, Select, TextField } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { type Column, Table } from "../../ui/table.tsx";

// States that have words; a newer node's own word is shown as it is.
const tones: { readonly [state: string]: Tone } = {
  unanswered: "warn",
  granted: "good",
  refused: "bad",
  withdrawn: "neutral",
  expired: "neutral",
  spent: "neutral",
};

type Answer = "grant" | "refusal" | "withdrawal";

export default function ConsentsPage() {
  const t = useT();
  const session = useSession();
  const found = useGet<{ items: Consent[] }>("/consents");
  const [asking, setAsking] = useState<{ consent: Consent; answer: Answer } | null>(null);
  const items = found.data?.items ?? [];
  const asked = items.filter((c) => c.asked_by_us);
  const toUs = items.filter((c) => !c.asked_by_us);
  const answers = may(session, "consents.answer");
  const columns = (ours: boolean): Column<Consent>[] => [
    {
      key: "party",
      title: ours ? t("exchange.consent-of") : t("exchange.consent-by"),
      rowHeader: true,
      cell: (row) => <PartyName code={row.party} />,
    },
    {
      key: "recipient",
      title: t("exchange.consent-for"),
      cell: (row) => <PartyName code={row.recipient} />,
    },
    {
      key: "purpose",
      title: t("exchange.purpose"),
      cell: (row) => <Word list="purpose" code={row.purpose} />,
    },
    { key: "records", title: t("exchange.records"), cell: (row) => <Asked consent={row} /> },
    {
      key: "state",
      title: t("exchange.state"),
      cell: (row) => (
        <>
          <ConsentState state={row.state} />
          {row.ground ? (
            <div>
              <Text k="exchange.refused-on" /> <Word list="refusal-ground" code={row.ground} />
            </div>
          ) : null}
          {row.until ? (
            <div>
              <Text k="exchange.consent-until" /> <DateTime value={row.until} />
            </div>
          ) : null}
          {row.once ? (
            <div>
              <Text k="exchange.consent-once" />
            </div>
          ) : null}
        </>
      ),
    },
    {
      key: "told",
      title: t("exchange.told"),
      minor: true,
      cell: (row) => <Told told={row.told} />,
    },
    ...(ours || !answers
      ? []
      : [
          {
            key: "answer",
            title: t("exchange.answer"),
            cell: (row: Consent) => (
              <div className="row">
                {row.state === "unanswered" ? (
                  <>
                    <Button small onPress={() => setAsking({ consent: row, answer: "grant" })}>
                      <Text k="exchange.grant" />
                    </Button>
                    <Button small onPress={() => setAsking({ consent: row, answer: "refusal" })}>
                      <Text k="exchange.refuse" />
                    </Button>
                  </>
                ) : null}
                {row.state === "granted" ? (
                  <Button small onPress={() => setAsking({ consent: row, answer: "withdrawal" })}>
                    <Text k="exchange.consent-withdraw" />
                  </Button>
                ) : null}
              </div>
            ),
          },
        ]),
  ];
  return (
    <Page title={t("exchange.consents")} lead={<Text k="exchange.consents-lead" />}>
      {found.error ? <ErrorBanner error={found.error} retry={() => void found.refetch()} /> : null}
      {found.isPending ? <Loading /> : null}
      {found.data ? (
        <>
          <Table
            caption={t("exchange.consents-to-us")}
            columns={columns(false)}
            rows={toUs}
            rowKey={(row) => row.request}
            rowTone={(row) => (row.state === "unanswered" ? "late" : null)}
            empty={
              <EmptyState title={<Text k="exchange.consents-to-us-empty" />}>
                <Text k="exchange.consents-to-us-empty-text" />
              </EmptyState>
            }
          />
          <Table
            caption={t("exchange.consents-ours")}
            columns={columns(true)}
            rows={asked}
            rowKey={(row) => row.request}
            empty={
              <EmptyState title={<Text k="exchange.consents-ours-empty" />}>
                <Text k="exchange.consents-ours-empty-text" />
              </EmptyState>
            }
          />
        </>
      ) : null}
      {asking ? (
        <AnswerDialog
          key={`${asking.consent.request} ${asking.answer}`}
          consent={asking.consent}
          answer={asking.answer}
          close={() => setAsking(null)}
        />
      ) : null}
    </Page>
  );
}

function ConsentState(props: { state: string }) {
  const t = useT();
  const tone = tones[props.state];
  return (
    <Badge tone={tone ?? "neutral"}>
      {tone ? (
        t(`exchange.consent-state.${props.state as "granted"}` as const)
      ) : (
        <Data>{props.state}</Data>
      )}
    </Badge>
  );
}

// Whether the other side has been told; what it answered when it refused to hear it.
export function Told(props: { told: string }) {
  if (props.told === "" || props.told === "waiting") return <Text k="exchange.told-waiting" />;
  if (props.told.startsWith("refused"))
    return (
      <span lang="en">
        <Data>{props.told}</Data>
      </span>
    );
  return <Text k="exchange.told-yes" />;
}

// The records that a consent speaks of: those that are held here by their ids, the others counted.
function Asked(props: { consent: Consent }) {
  const { held, records } = props.consent;
  return (
    <>
      <Text k="exchange.consent-records" count={records.length} held={held.length} />
      <ul className="plain-list">
        {held.map((id) => (
          <li key={id}>
            <Link href={`/exchange/records?q=${encodeURIComponent(id)}`}>
              <Data code>{id}</Data>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function AnswerDialog(props: { consent: Consent; answer: Answer; close: () => void }) {
  const { consent, answer } = props;
  const t = useT();
  const live = useLive();
  const [code, setCode] = useState("");
  const [until, setUntil] = useState("");
  const [once, setOnce] = useState(false);
  const [ground, setGround] = useState("");
  const grounds = useVocabulary().data?.refusal_grounds ?? [];
  const body = {
    grant: { once, code, ...(until ? { until } : {}) },
    refusal: { code, ...(ground ? { ground } : {}) },
    withdrawal: { code },
  };
  const change = useChange(
    (said: object) => post<Consent>(path`/consents/${consent.request}/${answer}`, said),
    ["/consents", "/records", "/today"],
  );
  const send = () =>
    change.mutate(body[answer], {
      onSuccess: () => {
        live.notify(t(`exchange.answer-done.${answer}` as const));
        props.close();
      },
      onError: () => setCode(""),
    });
  return (
    <Dialog
      open
      close={props.close}
      title={<Text k={`exchange.answer-title.${answer}` as const} />}
      actions={
        <Button
          kind="primary"
          isDisabled={code.length !== 6}
          isPending={change.isPending}
          onPress={send}
        >
          <Text
            k={
              answer === "grant"
                ? "exchange.grant"
                : answer === "refusal"
                  ? "exchange.refuse"
                  : "exchange.consent-withdraw"
            }
          />
        </Button>
      }
    >
      <p>
        <Text
          k={`exchange.answer-text.${answer}` as const}
          party={t.word("party", consent.party)}
          recipient={t.word("party", consent.recipient)}
          count={consent.records.length}
        />
      </p>
      {answer === "grant" ? (
        <>
          <TextField
            label={<Text k="exchange.grant-until" />}
            help={<Text k="exchange.grant-until-help" />}
            type="date"
            value={until}
            onChange={setUntil}
            ltr
          />
          <Checkbox checked={once} onChange={setOnce}>
            <Text k="exchange.grant-once" />
          </Checkbox>
        </>
      ) : null}
      {answer === "refusal" ? (
        // In the order of the register, where those that nobody may close come first.
        <Select
          label={<Text k="exchange.refusal-ground" />}
          help={<Text k="exchange.refusal-ground-help" />}
          value={ground}
          onChange={setGround}
          choices={[
            { value: "", label: t("exchange.refusal-ground-unsaid") },
            ...grounds.map((one) => ({ value: one, label: t.word("refusal-ground", one) })),
          ]}
        />
      ) : null}
      <CodeField
        label={<Text k="exchange.code" />}
        help={<Text k="exchange.code-help" />}
        value={code}
        onChange={setCode}
      />
      {change.error ? <ErrorBanner error={change.error} /> : null}
    </Dialog>
  );
}
