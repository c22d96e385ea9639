// The sheet of one agreement: each clause as a sentence beside the row that decides, the parties with their dates
// and where these are from, what nobody has verified, and how often it was used.
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { path } from "../../api/client.ts";
import { useGet } from "../../api/queries.ts";
import type { Agreement, AgreementParty, Approval, Clause } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { isolate, plain } from "../../i18n/catalogue.ts";
import { Data, Sentence, Text, useT, Word } from "../../i18n/text.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Banner, EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Facts, Listed, Raw } from "../exchange/parts.tsx";
import { PartDate } from "./part-date.tsx";
import { statusTone, verifiedTone } from "./tones.ts";
import { verificationOf } from "./verification.ts";
import { VerifyDialog } from "./verify-dialog.tsx";

export default function AgreementPage(props: { id: string }) {
  const t = useT();
  const found = useGet<Agreement>(path`/agreements/${props.id}`);
  const a = found.data;
  useAnchor(a !== undefined);
  if (!a)
    return (
      <Page title={t("agreements.agreement")}>
        {found.error ? (
          <ErrorBanner error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Loading />
        )}
      </Page>
    );
  return (
    <Page
      title={isolate(plain(a.title))}
      lead={
        <span className="row">
          <Badge tone={statusTone[a.status] ?? "neutral"}>
            <Word list="agreement-status" code={a.status} />
          </Badge>
          <Badge tone={verifiedTone[a.verified] ?? "neutral"}>
            <Word list="verified" code={a.verified} />
          </Badge>
          <Data code>{a.id}</Data>
        </span>
      }
    >
      <div className="stack">
        {a.verified === "unverified" || a.verified === "part" ? (
          <Banner tone="warn">
            <p>
              <Text k="agreements.unverified-text" />
            </p>
          </Banner>
        ) : null}
        <About of={a} />
        <Clauses of={a} />
        <Parties of={a} />
        <Ends of={a} />
        <Readings of={a} />
        <SourceErrors of={a} />
      </div>
    </Page>
  );
}

// Goes to the clause of the address once it is there: the browser looked for it before.
function useAnchor(ready: boolean): void {
  useEffect(() => {
    if (!ready || window.location.hash === "") return;
    let id = "";
    try {
      id = decodeURIComponent(window.location.hash.slice(1));
    } catch {
      return; // no clause has a name that is no address
    }
    const target = document.getElementById(id);
    target?.scrollIntoView();
    target?.focus({ preventScroll: true });
  }, [ready]);
}

function AgreementLink(props: { id: string }) {
  return (
    <Link href={`/agreements/${encodeURIComponent(props.id)}`}>
      <Data code>{props.id}</Data>
    </Link>
  );
}

// A mark of provenance ("S F1 K:m"); what the marks mean stands in the register's list of sources.
function Provenance(props: { marks: string }) {
  const t = useT();
  return (
    <abbr className="provenance" title={t("agreements.provenance-help")}>
      <Data code>{props.marks}</Data>
    </abbr>
  );
}

function About(props: { of: Agreement }) {
  const { of: a } = props;
  return (
    <section aria-labelledby="about" className="panel">
      <h2 id="about">
        <Text k="agreements.about" />
      </h2>
      <Facts
        rows={[
          [
            <Text key="a" k="agreements.form" />,
            <Listed
              key="b"
              items={[
                <Word key="form" list="form" code={a.form} />,
                <Word key="binding" list="binding" code={a.binding} />,
              ]}
            />,
          ],
          [
            <Text key="a" k="agreements.level" />,
            <Listed key="b" items={a.levels.map((l) => <Word key={l} list="level" code={l} />)} />,
          ],
          [
            <Text key="a" k="agreements.signed" />,
            a.signed ? <PartDate key="b" value={a.signed} /> : null,
          ],
          [
            <Text key="a" k="agreements.in-force" />,
            a.in_force ? <PartDate key="b" value={a.in_force} /> : null,
          ],
          [
            <Text key="a" k="agreements.used" />,
            a.used > 0 ? (
              <Link key="b" href="/exchange/outbox">
                <Text k="agreements.used-times" count={a.used} />
              </Link>
            ) : (
              <Text key="b" k="agreements.used-never" />
            ),
          ],
          [
            <Text key="a" k="agreements.aliases" />,
            a.aliases.length > 0 ? (
              <Listed key="b" items={a.aliases.map((alias) => <Data key={alias}>{alias}</Data>)} />
            ) : null,
          ],
          [
            <Text key="a" k="agreements.parent" />,
            a.parent ? <AgreementLink key="b" id={a.parent} /> : null,
          ],
          [
            <Text key="a" k="agreements.predecessors" />,
            a.predecessors.length > 0 ? (
              <Listed
                key="b"
                items={a.predecessors.map((id) => <AgreementLink key={id} id={id} />)}
              />
            ) : null,
          ],
          [
            <Text key="a" k="agreements.successors" />,
            a.successors.length > 0 ? (
              <Listed
                key="b"
                items={a.successors.map((id) => <AgreementLink key={id} id={id} />)}
              />
            ) : null,
          ],
          [
            <Text key="a" k="agreements.areas" />,
            a.areas.length > 0 ? (
              <Listed
                key="b"
                items={a.areas.map((area) => <Word key={area} list="area" code={area} />)}
              />
            ) : null,
          ],
          [
            <Text key="a" k="agreements.claims" />,
            a.claims.length > 0 ? (
              <ul key="b" className="plain-list">
                {a.claims.map((claim, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of one agreement
                  <li key={i}>
                    <Listed
                      items={claim.areas.map((area) => <Word key={area} list="area" code={area} />)}
                    />{" "}
                    <Text k="agreements.claimed-by" by={claim.by} />{" "}
                    <Provenance marks={claim.provenance} />
                  </li>
                ))}
              </ul>
            ) : null,
          ],
          [<Text key="a" k="agreements.provenance" />, <Provenance key="b" marks={a.provenance} />],
          [
            <Text key="a" k="agreements.note" />,
            a.note ? (
              <span key="b" lang="en">
                <Data>{a.note}</Data>
              </span>
            ) : null,
          ],
        ]}
      />
    </section>
  );
}

function Clauses(props: { of: Agreement }) {
  const { of: a } = props;
  const session = useSession();
  const [verifying, setVerifying] = useState<{ clause: Clause; waiting: Approval | null } | null>(
    null,
  );
  const signs = may(session, "approvals.sign");
  const approvals = useGet<{ items: Approval[] }>("/approvals", undefined, { enabled: signs });
  const waitingFor = (clause: Clause) =>
    (approvals.data?.items ?? []).find((approval) => {
      const act = verificationOf(approval.act);
      return approval.state === "waiting" && act?.instrument === a.id && act.clause === clause.id;
    }) ?? null;
  return (
    <section aria-labelledby="clauses" className="stack">
      <h2 id="clauses">
        <Text k="agreements.clauses" count={a.clauses.length} />
      </h2>
      {a.clauses.length === 0 ? (
        <EmptyState title={<Text k="agreements.no-clauses" />}>
          <Text
            k={
              a.verified === "reference"
                ? "agreements.no-clauses-reference"
                : "agreements.no-clauses-text"
            }
          />
        </EmptyState>
      ) : null}
      {a.clauses.map((clause) => (
        <ClauseSheet
          key={clause.id}
          clause={clause}
          waiting={waitingFor(clause)}
          verify={signs ? (waiting) => setVerifying({ clause, waiting }) : null}
        />
      ))}
      {verifying ? (
        <VerifyDialog
          agreement={a.id}
          clause={verifying.clause}
          waiting={verifying.waiting}
          close={() => setVerifying(null)}
        />
      ) : null}
    </section>
  );
}

function ClauseSheet(props: {
  clause: Clause;
  waiting: Approval | null;
  verify: ((waiting: Approval | null) => void) | null;
}) {
  const { clause: c, waiting } = props;
  const t = useT();
  return (
    <article id={c.id} tabIndex={-1} className="clause panel" aria-labelledby={`${c.id}-article`}>
      <div className="card-head">
        <h3 id={`${c.id}-article`}>
          <Data>{c.article}</Data> <Word list="verb" code={c.verb} />
        </h3>
        <span className="row">
          <Badge tone={c.verification ? "good" : "warn"}>
            <Word list="status" code={c.status} />
          </Badge>
          {c.assumed && c.status !== "assumed" ? (
            <Badge tone="warn">
              <Text k="record.assumed" />
            </Badge>
          ) : null}
        </span>
      </div>
      <div className="clause-body">
        <div className="clause-words">
          <p className="clause-sentence">
            <Sentence phrase={c.sentence} />
          </p>
          {c.says ? (
            <p>
              <span className="soft">
                <Text k="agreements.says" />
              </span>{" "}
              <q className="citation-says" lang="en">
                <Data>{c.says}</Data>
              </q>
            </p>
          ) : null}
          {c.note ? (
            <p lang="en">
              <Data>{c.note}</Data>
            </p>
          ) : null}
          {c.assumed ? (
            <p className="assumed" lang="en">
              <Data>{c.assumed}</Data>
            </p>
          ) : null}
          <p className="soft">
            <Text k="agreements.provenance" /> <Provenance marks={c.provenance} />
            {" · "}
            {c.used > 0 ? (
              <Link href="/exchange/outbox">
                <Text k="agreements.used-times" count={c.used} />
              </Link>
            ) : (
              <Text k="agreements.used-never" />
            )}
          </p>
          <Verification clause={c} waiting={waiting} verify={props.verify} />
        </div>
        <details className="clause-row">
          <summary>
            <Text k="agreements.row" />
          </summary>
          <Row row={c.row} />
          <p className="soft">
            <Text k="agreements.digest" /> <Data code>{c.digest}</Data>
          </p>
          <details className="row-raw">
            <summary>
              <Text k="record.object-raw" />
            </summary>
            <Raw value={c.row} label={t("agreements.row-of", { article: c.article })} />
          </details>
        </details>
      </div>
    </article>
  );
}

// The keys of the row as the register's file has them (docs/formats/register.md).
function Row(props: { row: object }) {
  const text = (value: unknown) =>
    Array.isArray(value)
      ? value.map((v) => (typeof v === "string" ? v : JSON.stringify(v))).join(", ")
      : typeof value === "string"
        ? value
        : JSON.stringify(value);
  return (
    <Facts
      rows={Object.entries(props.row)
        .filter(([, value]) => value !== null && value !== "")
        .map(([name, value]) => [
          <Data key="a" code>
            {name}
          </Data>,
          <Data key="b" code>
            {text(value)}
          </Data>,
        ])}
    />
  );
}

function Verification(props: {
  clause: Clause;
  waiting: Approval | null;
  verify: ((waiting: Approval | null) => void) | null;
}) {
  const { clause: c, waiting } = props;
  if (c.verification)
    return (
      <p>
        <Text k="agreements.verified-by" />{" "}
        <Listed items={c.verification.officers.map((o) => <Data key={o}>{o}</Data>)} />
        {" · "}
        <Data>{c.verification.source}</Data>, <DateTime value={c.verification.date} />
      </p>
    );
  return (
    <div className="row">
      {waiting ? (
        <p>
          <Text k="agreements.half-verified" />{" "}
          <Listed items={waiting.signatures.map((s) => <Data key={s.officer}>{s.officer}</Data>)} />
        </p>
      ) : null}
      {props.verify ? (
        <Button small onPress={() => props.verify?.(waiting)}>
          <Text k={waiting ? "agreements.verify-second" : "agreements.verify"} />
        </Button>
      ) : null}
    </div>
  );
}

function Parties(props: { of: Agreement }) {
  const t = useT();
  const columns: Column<AgreementParty>[] = [
    {
      key: "party",
      title: t("agreements.party"),
      rowHeader: true,
      cell: (row) => <PartyName code={row.code} />,
    },
    {
      key: "status",
      title: t("agreements.membership"),
      cell: (row) => (
        <>
          <Word list="membership" code={row.status} />
          {row.assumed ? (
            <div className="assumed" lang="en">
              <Badge tone="warn">
                <Text k="record.assumed" />
              </Badge>{" "}
              <Data>{row.assumed}</Data>
            </div>
          ) : null}
        </>
      ),
    },
    {
      key: "signed",
      title: t("agreements.signed"),
      cell: (row) => (row.signed ? <PartDate value={row.signed} /> : "–"),
    },
    {
      key: "in-force",
      title: t("agreements.in-force"),
      cell: (row) =>
        row.in_force ? (
          <PartDate value={row.in_force} />
        ) : (
          <>
            <Text k="agreements.not-known" />
            {row.computed ? (
              <div className="soft">
                <Text k="agreements.computed" /> <PartDate value={row.computed} />
              </div>
            ) : null}
          </>
        ),
    },
    {
      key: "until",
      title: t("agreements.until"),
      cell: (row) => (row.until ? <PartDate value={row.until} /> : "–"),
    },
    {
      key: "provenance",
      title: t("agreements.provenance"),
      cell: (row) => <Provenance marks={row.provenance} />,
    },
  ];
  return (
    <section aria-labelledby="parties">
      <h2 id="parties">
        <Text k="agreements.parties-of" count={props.of.party_rows.length} />
      </h2>
      <Table
        caption={t("agreements.parties-of", { count: props.of.party_rows.length })}
        hideCaption
        columns={columns}
        rows={props.of.party_rows}
        rowKey={(row) => row.code}
        empty={
          <EmptyState title={<Text k="agreements.no-parties" />}>
            <Text k="agreements.no-parties-text" />
          </EmptyState>
        }
      />
    </section>
  );
}

// Suspensions and denunciations, as the register has them.
function Ends(props: { of: Agreement }) {
  const t = useT();
  const { suspensions, denunciations } = props.of;
  if (suspensions.length + denunciations.length === 0) return null;
  const rows = [
    ...suspensions.map((row) => ({ kind: "suspension" as const, row: row as Ending })),
    ...denunciations.map((row) => ({ kind: "denunciation" as const, row: row as Ending })),
  ];
  return (
    <section aria-labelledby="ends">
      <h2 id="ends">
        <Text k="agreements.ends" />
      </h2>
      <Table
        caption={t("agreements.ends")}
        hideCaption
        columns={[
          {
            key: "party",
            title: t("agreements.party"),
            rowHeader: true,
            cell: ({ row }) => <PartyName code={row.party ?? ""} />,
          },
          {
            key: "kind",
            title: t("agreements.what"),
            cell: ({ kind }) =>
              t(kind === "suspension" ? "agreements.suspension" : "agreements.denunciation"),
          },
          {
            key: "from",
            title: t("agreements.from"),
            cell: ({ row }) => <DateTime value={row.from ?? row.notified ?? null} />,
          },
          {
            key: "until",
            title: t("agreements.effect"),
            cell: ({ kind, row }) =>
              kind === "suspension" ? (
                row.until ? (
                  <>
                    <Text k="agreements.until" /> <PartDate value={row.until} />
                  </>
                ) : (
                  <Text k="agreements.goes-on" />
                )
              ) : (
                <>
                  <Text k="agreements.ends-on" /> <DateTime value={row.effective ?? null} />
                </>
              ),
          },
          {
            key: "provenance",
            title: t("agreements.provenance"),
            cell: ({ row }) => <Provenance marks={row.provenance ?? ""} />,
          },
        ]}
        rows={rows}
        rowKey={({ kind, row }) => `${kind} ${row.id ?? row.party}`}
      />
    </section>
  );
}

interface Ending {
  id?: string;
  party?: string;
  from?: string;
  until?: string | null;
  notified?: string;
  effective?: string;
  provenance?: string;
}

function Readings(props: { of: Agreement }) {
  const { readings } = props.of;
  if (readings.length === 0) return null;
  return (
    <section aria-labelledby="readings" className="panel">
      <h2 id="readings">
        <Text k="agreements.readings" />
      </h2>
      <p className="soft">
        <Text k="agreements.readings-text" />
      </p>
      <ul className="plain-list">
        {readings.map((reading, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of one agreement
          <li key={i}>
            <a href={`#${encodeURIComponent(reading.of)}`}>
              <Data code>{reading.of}</Data>
            </a>{" "}
            <Badge tone={reading.taken ? "good" : "neutral"}>
              <Text k={reading.taken ? "agreements.reading-taken" : "agreements.reading-other"} />
            </Badge>{" "}
            <span lang="en">
              <Data>{reading.says}</Data>
            </span>{" "}
            <span className="soft">
              <Data>{reading.by}</Data> <Provenance marks={reading.provenance} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface SourceError {
  source?: string;
  place?: string;
  says?: string;
  correct?: string;
  provenance?: string;
}

function SourceErrors(props: { of: Agreement }) {
  const errors = props.of.source_errors as readonly SourceError[];
  if (errors.length === 0) return null;
  return (
    <section aria-labelledby="source-errors" className="panel">
      <h2 id="source-errors">
        <Text k="agreements.source-errors" />
      </h2>
      <p className="soft">
        <Text k="agreements.source-errors-text" />
      </p>
      <ul className="plain-list">
        {errors.map((error, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of one agreement
          <li key={i}>
            <Data code>{error.source ?? ""}</Data>
            {error.place ? (
              <>
                {", "}
                <Data>{error.place}</Data>
              </>
            ) : null}
            {": "}
            <s lang="en">
              <Data>{error.says ?? ""}</Data>
            </s>{" "}
            <strong lang="en">
              <Data>{error.correct ?? ""}</Data>
            </strong>{" "}
            {error.provenance ? <Provenance marks={error.provenance} /> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
