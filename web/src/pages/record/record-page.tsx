// A record, with "Who gets this and why" always in sight: beside it on wide pages, first after the title on
// narrow ones.
import { Link } from "wouter";
import { path } from "../../api/client.ts";
import { useGet } from "../../api/queries.ts";
import type { Record as RecordData, ReleaseRequest } from "../../api/types.ts";
import { Page, useHandling } from "../../app/page.tsx";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { isolate, plain } from "../../i18n/catalogue.ts";
import { Data, Text, useT, Word } from "../../i18n/text.tsx";
import { Badge, TlpBadge } from "../../ui/badge.tsx";
import { Banner, EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { DisclosureLink, discretion, Facts, Listed, RecordLink } from "../exchange/parts.tsx";
import { SentTable } from "../exchange/sent.tsx";
import { ReleaseCard } from "../releases/release-card.tsx";
import { ObjectView } from "./object-view.tsx";
import { RecallReason } from "./recall-reason.tsx";
import "./record.css";
import { RecipientsPanel } from "./recipients-panel.tsx";

export default function RecordPage(props: { id: string }) {
  const t = useT();
  const found = useGet<RecordData>(path`/records/${props.id}`);
  const record = found.data;
  useHandling(record?.tlp || null);
  if (!record)
    return (
      <Page title={t("exchange.record")}>
        {found.error ? (
          <ErrorBanner error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Loading />
        )}
      </Page>
    );
  return (
    <Page
      title={isolate(plain(record.name || record.stix_id))}
      lead={
        <>
          <Word list="type" code={record.type} />{" "}
          {record.tlp ? <TlpBadge tlp={record.tlp} /> : null}{" "}
          {record.state === "quarantined" ? (
            <Badge tone="warn">{t("exchange.record-state.quarantined")}</Badge>
          ) : null}
        </>
      }
    >
      <div className="record">
        <RecipientsPanel record={record} />
        <div className="record-main">
          {record.state === "quarantined" ? (
            <Banner tone="warn" title={<Text k="record.quarantined" />}>
              <p lang="en">
                <Data>{record.quarantine_reason ?? ""}</Data>
              </p>
            </Banner>
          ) : null}
          <Waiting record={record} />
          <About record={record} />
          <ObjectView object={record.object} />
          <Names record={record} />
          <section aria-labelledby="sent">
            <h2 id="sent">
              <Text k="record.sent" count={record.sent.length} />
            </h2>
            <SentTable
              caption={t("record.sent", { count: record.sent.length })}
              hideCaption
              rows={record.sent}
              empty={
                <EmptyState title={<Text k="record.sent-empty" />}>
                  <Text k="record.sent-empty-text" />
                </EmptyState>
              }
            />
          </section>
          <Recalls record={record} />
        </div>
      </div>
    </Page>
  );
}

// Requests to release that wait and name this record: approved or refused from here.
function Waiting(props: { record: RecordData }) {
  const session = useSession();
  const waiting = useGet<{ items: ReleaseRequest[] }>(
    "/release-requests",
    { state: "waiting" },
    { enabled: may(session, "release-requests.read") },
  );
  const { id, stix_id } = props.record;
  const mine = (waiting.data?.items ?? []).filter((request) =>
    request.ids.some((named) => named === id || named === stix_id),
  );
  if (mine.length === 0) return null;
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">
        <Text k="exchange.awaiting" />
      </h2>
      {mine.map((request) => (
        <ReleaseCard key={request.id} request={request} />
      ))}
    </section>
  );
}

function About(props: { record: RecordData }) {
  const { record } = props;
  return (
    <section aria-labelledby="about">
      <h2 id="about">
        <Text k="record.about" />
      </h2>
      <Facts
        rows={[
          [
            <Text key="a" k="record.stix-id" />,
            <Data key="b" code>
              {record.stix_id}
            </Data>,
          ],
          [
            <Text key="a" k="exchange.originator" />,
            <PartyName key="b" code={record.originator} />,
          ],
          [
            <Text key="a" k="exchange.from" />,
            record.received_from === null ? (
              <Text key="b" k="exchange.from-own" />
            ) : (
              <PartyName key="b" code={record.received_from} />
            ),
          ],
          [<Text key="a" k="exchange.arrived" />, <DateTime key="b" value={record.arrived} />],
          [
            <Text key="a" k="exchange.classes" />,
            record.classes.length === 0 ? (
              <Text key="b" k="record.no-class" />
            ) : (
              <Listed
                key="b"
                items={record.classes.map((code) => <Word key={code} list="class" code={code} />)}
              />
            ),
          ],
          [<Text key="a" k="exchange.area" />, <Word key="b" list="area" code={record.area} />],
          [
            <Text key="a" k="exchange.purpose" />,
            <Word key="b" list="purpose" code={record.purpose} />,
          ],
          [
            <Text key="a" k="exchange.published" />,
            record.published ? <Data key="b">{record.published}</Data> : null,
          ],
          [
            <Text key="a" k="record.doubts" />,
            record.doubts.length > 0 ? (
              <ul key="b" className="plain-list" lang="en">
                {record.doubts.map((doubt) => (
                  <li key={doubt}>
                    <Data>{doubt}</Data>
                  </li>
                ))}
              </ul>
            ) : null,
          ],
          [
            <Text key="a" k="record.source" />,
            record.source.startsWith("comity-disclosure--") ? (
              <DisclosureLink key="b" id={record.source}>
                <Data code>{record.source}</Data>
              </DisclosureLink>
            ) : (
              <Data key="b" code>
                {record.source}
              </Data>
            ),
          ],
          [
            <Text key="a" k="record.chain" />,
            record.chain.length > 0 ? (
              <ol key="b">
                {record.chain.map((hop) => (
                  <li key={`${hop.instrument} ${hop.originator}`}>
                    <PartyName code={hop.originator} />{" "}
                    {hop.instrument === discretion ? (
                      <Text k="exchange.discretion" />
                    ) : (
                      <Link href={`/agreements/${encodeURIComponent(hop.instrument)}`}>
                        <Data code>{hop.instrument}</Data>
                      </Link>
                    )}
                  </li>
                ))}
              </ol>
            ) : null,
          ],
        ]}
      />
    </section>
  );
}

// What the object names: where it goes, they have to be allowed to go too.
function Names(props: { record: RecordData }) {
  const { names } = props.record;
  if (names.length === 0) return null;
  return (
    <section aria-labelledby="names">
      <h2 id="names">
        <Text k="record.names" count={names.length} />
      </h2>
      <p className="soft">
        <Text k="record.names-text" />
      </p>
      <ul className="plain-list">
        {names.map((name) => (
          <li key={name.stix_id}>
            {name.id === null ? (
              <>
                <Data code>{name.stix_id}</Data>{" "}
                <span className="soft">
                  <Text k="record.not-held" />
                </span>
              </>
            ) : (
              <RecordLink id={name.id}>
                <Data code>{name.stix_id}</Data>
              </RecordLink>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface RecallOf {
  recall: string;
  ours: boolean;
  party: string;
  reason: string;
  state: string;
}

function Recalls(props: { record: RecordData }) {
  const recalls = props.record.recalls as unknown as readonly RecallOf[];
  if (recalls.length === 0) return null;
  return (
    <section aria-labelledby="recalls">
      <h2 id="recalls">
        <Text k="exchange.recalls" />
      </h2>
      <ul>
        {recalls.map((recall) => (
          <li key={`${recall.recall} ${recall.party}`}>
            <Text k={recall.ours ? "exchange.recall-ours" : "exchange.recall-theirs"} />{" "}
            <PartyName code={recall.party} />
            {": "}
            <RecallReason reason={recall.reason} />
          </li>
        ))}
      </ul>
      <p>
        <Link href="/exchange/recalls">
          <Text k="exchange.recalls" />
        </Link>
      </p>
    </section>
  );
}
