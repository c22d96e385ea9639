// With whom one party could share on one day, and on what basis: a map, and the same as a table.
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { path, pathOf } from "../../api/client.ts";
import { useGet, useMode } from "../../api/queries.ts";
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
import { matching } from "../record/difference.ts";
import {
  counted,
  countedStates,
  type Look,
  lookOf,
  looks,
  markOf,
  type State,
  states,
} from "./legend.ts";
import {
  CellLook,
  Claims,
  Downloads,
  LookWord,
  SheetLink,
  useByName,
  useLookText,
} from "./parts.tsx";
import { AreaField, DayField, PartyField, useQuestion } from "./question.tsx";
import { coverageSheet, fileName, modeText } from "./sheets.ts";
import { Swatch } from "./swatch.tsx";

// Map, projection and boundaries are a chunk of their own, loaded when this page is opened.
const CoverageMap = lazy(() => import("../../map/coverage-map.tsx"));

const noRows: readonly CoverageRow[] = [];

export default function CoveragePage() {
  const t = useT();
  const catalogue = useCatalogue();
  const live = useLive();
  const name = usePartyText();
  const lookText = useLookText();
  const { filters, change, own, party, day, area, ready } = useQuestion();
  const [text, setText] = useState("");
  const found = useGet<Coverage>(
    "/coverage",
    { party, at: day, area },
    { enabled: ready, keep: true },
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
        live.announce(t("coverage.selected", { party: name(code), basis: lookText(lookOf(row)) }));
    },
    [change, rows, live, t, name, lookText],
  );
  const ordered = useByName(coverage?.rows ?? noRows, name);
  const listed = useMemo(
    () =>
      matching(ordered, text, name)
        .filter((row) => filters.basis === "" || lookOf(row) === filters.basis)
        .filter(
          (row) => filters.sure === "" || (row.basis !== "own" && row.state === filters.sure),
        ),
    [ordered, text, name, filters.basis, filters.sure],
  );

  return (
    <Page title={t("nav.coverage")} lead={<Text k="coverage.lead" />}>
      <search className="filters">
        <PartyField
          value={party}
          onChange={(code) => change({ party: code === own ? "" : code, state: "" })}
        />
        <DayField value={day} onChange={(at) => change({ at })} />
        <AreaField value={area} onChange={(chosen) => change({ area: chosen })} />
      </search>
      {found.error ? <ErrorBanner error={found.error} retry={() => void found.refetch()} /> : null}
      {coverage ? (
        <>
          <p className="soft" aria-busy={found.isPlaceholderData}>
            <Text k="coverage.of" party={name(coverage.party)} />{" "}
            <DateTime value={coverage.at} zone="utc" />{" "}
            {area ? <Word list="area" code={area} /> : <Text k="coverage.any-area" />}
          </p>
          <Legend
            coverage={coverage}
            chosen={filters.basis}
            choose={(look) => change({ basis: filters.basis === look ? "" : look })}
            chosenState={filters.sure}
            chooseState={(state) => change({ sure: filters.sure === state ? "" : state })}
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
                  ...looks.map((look) => ({ value: look, label: lookText(look) })),
                ]}
              />
              <Select
                label={<Text k="coverage.verified" />}
                value={filters.sure}
                onChange={(sure) => change({ sure })}
                choices={[
                  { value: "", label: t("coverage.any") },
                  ...states.map((state) => ({
                    value: state,
                    label: t.word("coverage-state", state),
                  })),
                ]}
              />
            </div>
            <CoverageTable rows={listed} caption={t("coverage.table")} />
            <Sheets coverage={coverage} area={area} day={day} />
          </section>
        </>
      ) : found.error ? null : (
        <Loading />
      )}
    </Page>
  );
}

// What the table shows of all states, to keep.
function Sheets(props: { coverage: Coverage; area: string; day: string }) {
  const { coverage, area, day } = props;
  const mode = useMode().data;
  if (!mode) return null;
  const parts = ["coverage", coverage.party, area, day, modeText(mode)];
  return (
    <Downloads>
      <SheetLink
        name={fileName(parts, "csv")}
        text={coverageSheet(coverage, area, mode)}
        type="text/csv"
        label={<Text k="coverage.csv" />}
      />
      <a
        className="button button-plain button-small"
        href={pathOf("/coverage", { party: coverage.party, at: day, area })}
        download={fileName(parts, "json")}
      >
        <Text k="coverage.json" />
      </a>
    </Downloads>
  );
}

// The legend is the summary too: how many states look how, and how sure their bases are, each number a filter
// of the table.
function Legend(props: {
  coverage: Coverage;
  chosen: string;
  choose: (look: Look) => void;
  chosenState: string;
  chooseState: (state: State) => void;
}) {
  const t = useT();
  const counts = counted(props.coverage);
  const sure = countedStates(props.coverage);
  return (
    <section className="legend" aria-label={t("coverage.legend")}>
      <ul>
        {looks.map((look) => (
          <li key={look}>
            <button
              type="button"
              className="legend-item"
              aria-pressed={props.chosen === look}
              onClick={() => props.choose(look)}
            >
              <Swatch look={look} />
              <LookWord look={look} />
              <span className="legend-count">{counts[look]}</span>
            </button>
          </li>
        ))}
      </ul>
      <ul aria-label={t("coverage.legend-states")}>
        {states.map((state) => (
          <li key={state}>
            <button
              type="button"
              className="legend-item"
              aria-pressed={props.chosenState === state}
              onClick={() => props.chooseState(state)}
            >
              <span className="basis-letter" aria-hidden="true">
                {markOf(state)}
              </span>
              <Word list="coverage-state" code={state} />
              <span className="legend-state-count">{sure[state]}</span>
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
            <Swatch look={lookOf(row)} /> <LookWord look={lookOf(row)} />
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
          ) : row.state === "claimed" ? (
            <>
              <p>
                <Text k="coverage.claimed-text" />
              </p>
              <Claims claims={row.claims} />
            </>
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
      cell: (row) => <CellLook cell={row} />,
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
        row.instruments.length > 0 ? (
          <Citations citations={row.instruments} short />
        ) : row.claims.length > 0 ? (
          <Claims claims={row.claims} short />
        ) : (
          "–"
        ),
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
