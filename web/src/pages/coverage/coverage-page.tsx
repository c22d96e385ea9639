// With whom one party could share on one day, and on what basis: a map, and the same as a table.
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { path } from "../../api/client.ts";
import { useGet, useNode, useParties, useVocabulary } from "../../api/queries.ts";
import type {
  Agreement,
  Citation as CitationData,
  Coverage,
  CoverageRow,
} from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Text, useCatalogue, useT, Word } from "../../i18n/text.tsx";
import { VerdictBadge } from "../../ui/badge.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Citation, Citations, PartyName } from "../../ui/citation.tsx";
import { DateTime, dateText } from "../../ui/date-time.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { usePartyText } from "../exchange/parts.tsx";
import { useFilters } from "../exchange/use-filters.ts";
import { matching } from "../record/difference.ts";
import { firstDay, instantOf, lastDay } from "../record/instant.ts";
import { type Basis, bases, counted, letter } from "./legend.ts";
import { Swatch } from "./swatch.tsx";

// Map, projection and boundaries are a chunk of their own, loaded when this page is opened.
const CoverageMap = lazy(() => import("../../map/coverage-map.tsx"));

const names = ["party", "at", "area", "basis", "state"] as const;

export default function CoveragePage() {
  const t = useT();
  const catalogue = useCatalogue();
  const live = useLive();
  const name = usePartyText();
  const node = useNode();
  const parties = useParties();
  const vocabulary = useVocabulary();
  const { filters, change } = useFilters(names);
  const [text, setText] = useState("");

  const party = filters.party || node.data?.party || "";
  const day = filters.at || node.data?.treaty_now.slice(0, 10) || "";
  const found = useGet<Coverage>(
    "/coverage",
    { party, at: day, area: filters.area },
    // A day of the address that no calendar has is asked too: the node says what is wrong with it.
    { enabled: party !== "" && day !== "", keep: true },
  );
  const coverage = found.data;
  const rows = useMemo(
    () => new Map((coverage?.rows ?? []).map((row) => [row.party, row])),
    [coverage],
  );
  const selected = rows.get(filters.state) ?? null;
  const select = useCallback(
    (code: string) => {
      change({ state: code });
      const row = rows.get(code);
      if (row)
        live.announce(
          t("coverage.selected", { party: name(code), basis: t.word("basis", row.basis) }),
        );
    },
    [change, rows, live, t, name],
  );
  const listed = useMemo(
    () =>
      matching(coverage?.rows ?? [], text, name)
        .filter((row) => filters.basis === "" || row.basis === filters.basis)
        .sort((a, b) => name(a.party).localeCompare(name(b.party), catalogue.locale)),
    [coverage, text, name, filters.basis, catalogue.locale],
  );
  const partyChoices = useMemo(
    () =>
      (parties.data?.items ?? [])
        .filter((p) => p.kind !== "organisation")
        .map((p) => ({ value: p.code, label: `${name(p.code)} (${p.code})` }))
        .sort((a, b) => a.label.localeCompare(b.label, catalogue.locale)),
    [parties.data, name, catalogue.locale],
  );

  return (
    <Page title={t("nav.coverage")} lead={<Text k="coverage.lead" />}>
      <search className="filters">
        <Select
          label={<Text k="coverage.party" />}
          value={party}
          onChange={(code) => change({ party: code === node.data?.party ? "" : code, state: "" })}
          choices={partyChoices.length > 0 ? partyChoices : [{ value: party, label: party }]}
        />
        <DayField label={t("coverage.day")} value={day} onChange={(at) => change({ at })} />
        <Select
          label={<Text k="coverage.area" />}
          value={filters.area}
          onChange={(area) => change({ area })}
          choices={[
            { value: "", label: t("coverage.any-area") },
            ...(vocabulary.data?.areas ?? []).map((area) => ({
              value: area,
              label: t.word("area", area),
            })),
          ]}
        />
      </search>
      {found.error ? <ErrorBanner error={found.error} retry={() => void found.refetch()} /> : null}
      {coverage ? (
        <>
          <p className="soft" aria-busy={found.isPlaceholderData}>
            <Text k="coverage.of" party={name(coverage.party)} />{" "}
            <DateTime value={coverage.at} zone="utc" />
          </p>
          <Legend
            coverage={coverage}
            chosen={filters.basis}
            choose={(basis) => change({ basis: filters.basis === basis ? "" : basis })}
          />
          <div className="coverage">
            <Suspense fallback={<Loading />}>
              <CoverageMap
                rows={rows}
                selected={selected?.party ?? null}
                select={select}
                label={t("coverage.map-label", {
                  party: name(coverage.party),
                  day: dateText(day, catalogue.locale, null) ?? day,
                })}
              />
            </Suspense>
            <Selected row={selected} party={coverage.party} />
          </div>
          <section aria-labelledby="table">
            <h2 id="table">
              <Text k="coverage.table" />
            </h2>
            <div className="filters">
              <TextField
                label={<Text k="record.filter" />}
                type="search"
                value={text}
                onChange={setText}
              />
              <Select
                label={<Text k="coverage.basis" />}
                value={filters.basis}
                onChange={(basis) => change({ basis })}
                choices={[
                  { value: "", label: t("coverage.any") },
                  ...bases.map((basis) => ({ value: basis, label: t.word("basis", basis) })),
                ]}
              />
            </div>
            <CoverageTable rows={listed} caption={t("coverage.table")} />
          </section>
        </>
      ) : found.error ? null : (
        <Loading />
      )}
    </Page>
  );
}

function DayField(props: { label: string; value: string; onChange: (day: string) => void }) {
  return (
    <div className="field">
      <label className="field-label" htmlFor="coverage-day">
        {props.label}
      </label>
      <input
        id="coverage-day"
        className="input"
        type="date"
        min={firstDay}
        max={lastDay}
        value={props.value}
        onChange={(event) => {
          // While a day is being typed it is none: nothing is asked then.
          if (instantOf(event.target.value)) props.onChange(event.target.value);
        }}
      />
    </div>
  );
}

// The legend is the summary too: how many states have which basis, each number a filter of the table.
function Legend(props: { coverage: Coverage; chosen: string; choose: (basis: Basis) => void }) {
  const t = useT();
  const counts = counted(props.coverage);
  return (
    <section className="legend" aria-label={t("coverage.legend")}>
      <ul>
        {bases.map((basis) => (
          <li key={basis}>
            <button
              type="button"
              className="legend-item"
              aria-pressed={props.chosen === basis}
              onClick={() => props.choose(basis)}
            >
              <Swatch basis={basis} />
              <Word list="basis" code={basis} />
              <span className="legend-count">{counts[basis]}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="soft">
        <Text k="coverage.unsure" />
      </p>
    </section>
  );
}

function Selected(props: { row: CoverageRow | null; party: string }) {
  const { row } = props;
  const name = usePartyText();
  return (
    <section className="coverage-selected panel" aria-labelledby="selected">
      <h2 id="selected">
        {row ? (
          <Text k="coverage.between" a={name(props.party)} b={name(row.party)} />
        ) : (
          <Text k="coverage.choose" />
        )}
      </h2>
      {row ? (
        <div className="stack">
          <p className="row">
            <Swatch basis={row.basis} /> <Word list="basis" code={row.basis} />
            {row.basis === "own" ? null : (
              <>
                <VerdictBadge verdict={row.verdict} />
                <span className="soft">
                  <Word list="coverage-state" code={row.state} />
                </span>
              </>
            )}
          </p>
          {row.basis === "own" ? (
            <p>
              <Text k="coverage.own-text" />
            </p>
          ) : row.instruments.length > 0 ? (
            <ul className="citations">
              {row.instruments.map((citation) => (
                <li key={`${citation.instrument} ${citation.clause}`}>
                  <Worded citation={citation} />
                </li>
              ))}
            </ul>
          ) : (
            <p>
              <Text k="coverage.gap-text" />
            </p>
          )}
        </div>
      ) : (
        <p className="soft">
          <Text k="coverage.choose-text" />
        </p>
      )}
    </section>
  );
}

// Coverage names articles alone: the sheet of the agreement has their sentences.
function Worded(props: { citation: CitationData }) {
  const { citation } = props;
  const sheet = useGet<Agreement>(path`/agreements/${citation.instrument}`, undefined, {
    enabled: citation.sentence === null,
  });
  const clause = sheet.data?.clauses.find((c) => c.id === citation.clause);
  return (
    <Citation
      citation={
        citation.sentence === null && clause
          ? { ...citation, sentence: clause.sentence, says: clause.says }
          : citation
      }
    />
  );
}

function CoverageTable(props: { rows: readonly CoverageRow[]; caption: string }) {
  const t = useT();
  const columns: Column<CoverageRow>[] = [
    {
      key: "party",
      title: t("coverage.state"),
      rowHeader: true,
      cell: (row) => <PartyName code={row.party} name={row.name} />,
    },
    {
      key: "basis",
      title: t("coverage.basis"),
      cell: (row) => (
        <span className="row basis-cell">
          <span className="basis-letter" aria-hidden="true">
            {letter(row)}
          </span>
          <Word list="basis" code={row.basis} />
        </span>
      ),
    },
    {
      key: "verified",
      title: t("coverage.verified"),
      cell: (row) => (row.basis === "own" ? "–" : <Word list="coverage-state" code={row.state} />),
    },
    {
      key: "verdict",
      title: t("coverage.verdict"),
      cell: (row) => (row.basis === "own" ? "–" : <VerdictBadge verdict={row.verdict} />),
    },
    {
      key: "instruments",
      title: t("coverage.articles"),
      cell: (row) =>
        row.instruments.length > 0 ? <Citations citations={row.instruments} short /> : "–",
    },
  ];
  return (
    <Table
      caption={props.caption}
      hideCaption
      columns={columns}
      rows={props.rows}
      rowKey={(row) => row.party}
      empty={
        <EmptyState title={<Text k="coverage.none" />}>
          <Text k="coverage.none-text" />
        </EmptyState>
      }
    />
  );
}
