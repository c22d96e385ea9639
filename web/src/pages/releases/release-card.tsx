// A request to release: what, to whom, who proposed it; approved by another person with a fresh code, refused
// with a ground, or taken back by whoever proposed it.
import { useState } from "react";
import { Link } from "wouter";
import { path, post, remove } from "../../api/client.ts";
import { useChange } from "../../api/queries.ts";
import type { ReleaseRequest, ReleaseResult } from "../../api/types.ts";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { Data, Text, useT } from "../../i18n/text.tsx";
import { Badge, type Tone, type Verdict, VerdictBadge } from "../../ui/badge.tsx";
import { Banner, ErrorBanner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { CodeField, TextField } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { DisclosureLink, Facts, Listed, RecordLink } from "../exchange/parts.tsx";

// What a decision changes beside the request itself.
const stale = ["/release-requests", "/outbox", "/records", "/today"];
// Bytes that the node takes as note or ground; characters of any script fit in a quarter.
export const noteCharsMax = 500;

const tones: { readonly [state: string]: Tone } = {
  waiting: "warn",
  released: "good",
  refused: "bad",
  withdrawn: "neutral",
};

export function ReleaseCard(props: { request: ReleaseRequest }) {
  const { request } = props;
  const t = useT();
  const session = useSession();
  const own = request.proposed_by === session.account;
  const [asking, setAsking] = useState<"approve" | "refuse" | "withdraw" | null>(null);
  const waiting = request.state === "waiting";
  return (
    <article className="card" id={request.id} aria-labelledby={`${request.id}-title`}>
      <div className="card-head">
        <h3 id={`${request.id}-title`}>
          <Text
            k="exchange.request-title"
            records={request.ids.length}
            parties={request.parties.length}
          />
        </h3>
        <Badge tone={tones[request.state] ?? "neutral"}>
          {t(`exchange.request.${request.state}` as const)}
        </Badge>
      </div>
      <Facts
        rows={[
          [
            <Text key="a" k="exchange.proposed" />,
            <span key="b">
              <Data>{request.proposed_by}</Data>, <DateTime value={request.proposed} />
            </span>,
          ],
          [
            <Text key="a" k="exchange.to" />,
            <ul key="b" className="plain-list">
              {(request.preview.length > 0
                ? request.preview
                : request.parties.map((party) => ({ party, verdict: null }))
              ).map((row, i) => (
                // One party stands once for each verdict of the records.
                // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list
                <li key={i} className="row">
                  <PartyName code={row.party} />
                  {row.verdict === null ? null : <VerdictBadge verdict={row.verdict as Verdict} />}
                </li>
              ))}
            </ul>,
          ],
          [
            <Text key="a" k="exchange.request-records" />,
            <Listed
              key="b"
              items={request.ids.map((id) => (
                <Link key={id} href={`/exchange/records?q=${encodeURIComponent(id)}`}>
                  <Data code>{id}</Data>
                </Link>
              ))}
            />,
          ],
          [
            <Text key="a" k="exchange.note" />,
            request.note ? <Data key="b">{request.note}</Data> : null,
          ],
          [
            <Text key="a" k="exchange.decided" />,
            request.decided_by ? (
              <span key="b">
                <Data>{request.decided_by}</Data>, <DateTime value={request.decided} />
              </span>
            ) : null,
          ],
          [
            <Text key="a" k="exchange.ground" />,
            request.ground ? <Data key="b">{request.ground}</Data> : null,
          ],
        ]}
      />
      {request.result ? <Results results={request.result} /> : null}
      {waiting ? (
        <div className="card-actions">
          {may(session, "release-requests.approve") && !own ? (
            <Button kind="primary" onPress={() => setAsking("approve")}>
              <Text k="exchange.approve" />
            </Button>
          ) : null}
          {may(session, "release-requests.refuse") && !own ? (
            <Button onPress={() => setAsking("refuse")}>
              <Text k="exchange.refuse" />
            </Button>
          ) : null}
          {own ? (
            <>
              <Button onPress={() => setAsking("withdraw")}>
                <Text k="exchange.withdraw" />
              </Button>
              <p className="soft">
                <Text k="exchange.own-proposal" />
              </p>
            </>
          ) : null}
        </div>
      ) : null}
      {asking === "approve" ? (
        <ApproveDialog request={request} close={() => setAsking(null)} />
      ) : null}
      {asking === "refuse" ? (
        <RefuseDialog request={request} close={() => setAsking(null)} />
      ) : null}
      {asking === "withdraw" ? (
        <WithdrawDialog request={request} close={() => setAsking(null)} />
      ) : null}
    </article>
  );
}

function ApproveDialog(props: { request: ReleaseRequest; close: () => void }) {
  const t = useT();
  const live = useLive();
  const [code, setCode] = useState("");
  const change = useChange(
    (given: string) =>
      post<ReleaseRequest>(path`/release-requests/${props.request.id}/approval`, { code: given }),
    stale,
  );
  const approve = () =>
    change.mutate(code, {
      onSuccess: (done) => {
        const sent = (done.result ?? []).reduce((n, r) => n + r.sent.length, 0);
        live.notify(t("exchange.approved", { count: sent }), sent > 0 ? "good" : "info");
        props.close();
      },
      // A code counts once, whatever came of it.
      onError: () => setCode(""),
    });
  return (
    <Dialog
      open
      close={props.close}
      title={<Text k="exchange.approve-title" />}
      actions={
        <Button
          kind="primary"
          isDisabled={code.length !== 6}
          isPending={change.isPending}
          onPress={approve}
        >
          <Text k="exchange.approve" />
        </Button>
      }
    >
      <p>
        <Text
          k="exchange.approve-text"
          records={props.request.ids.length}
          parties={props.request.parties.length}
        />
      </p>
      <Listed items={props.request.parties.map((p) => <PartyName key={p} code={p} />)} />
      <p>
        <Text k="exchange.approve-decided-again" />
      </p>
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

function RefuseDialog(props: { request: ReleaseRequest; close: () => void }) {
  const t = useT();
  const live = useLive();
  const [ground, setGround] = useState("");
  const change = useChange(
    (text: string) =>
      post<ReleaseRequest>(path`/release-requests/${props.request.id}/refusal`, { ground: text }),
    stale,
  );
  return (
    <Dialog
      open
      close={props.close}
      title={<Text k="exchange.refuse-title" />}
      actions={
        <Button
          kind="primary"
          isDisabled={ground.trim() === ""}
          isPending={change.isPending}
          onPress={() =>
            change.mutate(ground.trim(), {
              onSuccess: () => {
                live.notify(t("exchange.refused"), "info");
                props.close();
              },
            })
          }
        >
          <Text k="exchange.refuse" />
        </Button>
      }
    >
      <TextField
        label={<Text k="exchange.ground" />}
        help={<Text k="exchange.ground-help" />}
        value={ground}
        onChange={setGround}
        lines={3}
        maxLength={noteCharsMax}
        required
      />
      {change.error ? <ErrorBanner error={change.error} /> : null}
    </Dialog>
  );
}

function WithdrawDialog(props: { request: ReleaseRequest; close: () => void }) {
  const t = useT();
  const live = useLive();
  const change = useChange(() => remove(path`/release-requests/${props.request.id}`), stale);
  return (
    <Dialog
      open
      close={props.close}
      title={<Text k="exchange.withdraw-title" />}
      alert
      actions={
        <Button
          kind="primary"
          isPending={change.isPending}
          onPress={() =>
            change.mutate(undefined, {
              onSuccess: () => {
                live.notify(t("exchange.withdrawn"), "info");
                props.close();
              },
            })
          }
        >
          <Text k="exchange.withdraw" />
        </Button>
      }
    >
      <p>
        <Text k="exchange.withdraw-text" />
      </p>
      {change.error ? <ErrorBanner error={change.error} /> : null}
    </Dialog>
  );
}

// What a release did, party by party: a record that was held says why and for the sake of which other one.
function Results(props: { results: readonly ReleaseResult[] }) {
  const t = useT();
  const columns: Column<ReleaseResult>[] = [
    {
      key: "party",
      title: t("exchange.to"),
      rowHeader: true,
      cell: (row) => <PartyName code={row.party} />,
    },
    { key: "selected", title: t("exchange.selected"), numeric: true, cell: (row) => row.selected },
    { key: "already", title: t("exchange.already"), numeric: true, cell: (row) => row.already },
    {
      key: "sent",
      title: t("exchange.sent"),
      cell: (row) =>
        row.sent.length === 0 ? (
          <Text k="exchange.nothing-sent" />
        ) : (
          <ul className="plain-list">
            {row.sent.map((sent) => (
              <li key={sent.disclosure}>
                <DisclosureLink id={sent.disclosure}>
                  <Text k="exchange.sent-row" number={sent.number} records={sent.records} />
                </DisclosureLink>{" "}
                <Badge tone={sent.receipt ? "good" : "bad"}>
                  {sent.receipt
                    ? t("exchange.receipt-there", { count: sent.accepted })
                    : t("exchange.receipt-missing")}
                </Badge>
                {sent.error ? (
                  <span lang="en">
                    {" "}
                    <Data>{sent.error}</Data>
                  </span>
                ) : null}
              </li>
            ))}
          </ul>
        ),
    },
    {
      key: "held",
      title: t("exchange.held"),
      cell: (row) =>
        row.held.length === 0 ? (
          "–"
        ) : (
          <ul className="plain-list">
            {row.held.map((held) => (
              <li key={held.stix_id}>
                <Data code>{held.stix_id}</Data> <VerdictBadge verdict={held.verdict as Verdict} />
                {held.because ? (
                  <>
                    {" "}
                    <RecordLink id={held.because}>
                      <Text k="exchange.because" />
                    </RecordLink>
                  </>
                ) : null}
              </li>
            ))}
          </ul>
        ),
    },
  ];
  const failed = props.results.some((r) => r.sent.some((s) => !s.receipt));
  return (
    <>
      {failed ? (
        <Banner tone="warn">
          <p>
            <Text k="exchange.result-missing" />
          </p>
        </Banner>
      ) : null}
      <Table
        caption={t("exchange.result")}
        columns={columns}
        rows={props.results}
        rowKey={(row) => row.party}
        empty={
          <p>
            <Text k="exchange.nothing-sent" />
          </p>
        }
      />
    </>
  );
}
