// The answer to what is supposed: numbers, the map with what would change, and the same cell by cell.
import { lazy, Suspense, useMemo, useState } from "react";
import { useGet, useMode } from "../../api/queries.ts";
import type {
  Coverage,
  CoverageCell,
  CoverageChange,
  CoverageWhatIf,
  FileProblem,
} from "../../api/types.ts";
import { Data, Text, useCatalogue, useT, Word } from "../../i18n/text.tsx";
import { Badge, type Tone, VerdictBadge } from "../../ui/badge.tsx";
import { Banner, EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Citations, PartyName } from "../../ui/citation.tsx";
import { dateText } from "../../ui/date-time.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { usePartyText } from "../exchange/parts.tsx";
import { matching } from "../record/difference.ts";
import { CellLook, Downloads, SheetLink, SupposedMark, useByName } from "./parts.tsx";
import { fileName, modeText, whatIfSheet } from "./sheets.ts";
import {
  type Change,
  changes,
  type MapMark,
  mapMarks,
  marksOf,
  placeOf,
  signOf,
  signOfChange,
} from "./suppositions.ts";

const CoverageMap = lazy(() => import("../../map/coverage-map.tsx"));

// Cells shown at once; the filters reach the others, and the sheet has them all.
const rowsShownMax = 300;

const tones: { readonly [C in Change]: Tone } = {
  gained: "good",
  lost: "bad",
  changed: "info",
  claimed: "neutral",
  unclaimed: "neutral",
};

export function WhatIfResult(props: { answer: CoverageWhatIf; day: string; area: string }) {
  const { answer, day, area } = props;
  return (
    <section className="supposed-frame" aria-labelledby="what-would-be">
      <div className="row">
        <SupposedMark />
        <h2 id="what-would-be">
          <Text k="what-if.result" />
        </h2>
      </div>
      <Numbers answer={answer} />
      <MarkedMap answer={answer} day={day} area={area} />
      <Cells answer={answer} />
      <Sheets answer={answer} day={day} area={area} />
    </section>
  );
}

function Numbers(props: { answer: CoverageWhatIf }) {
  const { answer } = props;
  const t = useT();
  const name = usePartyText();
  const columns: Column<Change>[] = [
    {
      key: "change",
      title: t("what-if.change"),
      rowHeader: true,
      cell: (change) => <ChangeWord change={change} />,
    },
    {
      key: "own",
      title: t("what-if.cells-of", { party: name(answer.party) }),
      numeric: true,
      cell: (change) => answer.own[change],
    },
    {
      key: "all",
      title: t("what-if.cells-all"),
      numeric: true,
      cell: (change) => answer.cells[change],
    },
  ];
  return (
    <div className="what-if-numbers">
      <Table
        caption={t("what-if.numbers")}
        hideCaption
        columns={columns}
        rows={changes}
        rowKey={(change) => change}
      />
      <p className="soft">
        <Text k="what-if.pairs" count={answer.pairs} /> <Text k="what-if.no-dates" />
      </p>
    </div>
  );
}

function ChangeWord(props: { change: Change }) {
  return (
    <span className="row basis-cell">
      <span className="basis-letter" aria-hidden="true" dir="ltr">
        {signOfChange(props.change)}
      </span>
      <Badge tone={tones[props.change]}>
        <Text k={`what-if.change.${props.change}` as const} />
      </Badge>
    </span>
  );
}

// The map of what is, with what would change marked on it.
function MarkedMap(props: { answer: CoverageWhatIf; day: string; area: string }) {
  const { answer, day, area } = props;
  const t = useT();
  const catalogue = useCatalogue();
  const name = usePartyText();
  const [selected, select] = useState<string | null>(null);
  const found = useGet<Coverage>("/coverage", { party: answer.party, at: day, area });
  const rows = useMemo(
    () => new Map((found.data?.rows ?? []).map((row) => [row.party, row])),
    [found.data],
  );
  const marked = useMemo(() => marksOf(answer.rows), [answer.rows]);
  if (found.error) return <ErrorBanner error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  return (
    <div className="coverage">
      <div>
        <Suspense fallback={<Loading />}>
          <CoverageMap
            rows={rows}
            marked={marked}
            selected={selected}
            select={select}
            label={t("what-if.map-label", {
              party: name(answer.party),
              day: dateText(day, catalogue.locale, null) ?? day,
            })}
          />
        </Suspense>
        <MarkLegend marked={marked} />
      </div>
      <Selected answer={answer} party={selected} />
    </div>
  );
}

function MarkLegend(props: { marked: ReadonlyMap<string, MapMark> }) {
  const t = useT();
  const counts = { gained: 0, lost: 0, changed: 0, claims: 0 };
  for (const mark of props.marked.values()) counts[mark] += 1;
  return (
    <ul className="mark-legend" aria-label={t("what-if.marks")}>
      {mapMarks.map((mark) => (
        <li key={mark} className="row">
          <span className="basis-letter" aria-hidden="true">
            {signOf(mark)}
          </span>
          <Text k={`what-if.mark.${mark}` as const} />
          <span className="mark-count">{counts[mark]}</span>
        </li>
      ))}
    </ul>
  );
}

function Selected(props: { answer: CoverageWhatIf; party: string | null }) {
  const { answer, party } = props;
  const name = usePartyText();
  const rows = answer.rows.filter((row) => row.party === party);
  return (
    <section className="coverage-selected panel" aria-labelledby="selected">
      <h3 id="selected">
        {party === null ? (
          <Text k="coverage.choose" />
        ) : (
          <Text k="coverage.between" a={name(answer.party)} b={name(party)} />
        )}
      </h3>
      {party === null ? (
        <p className="soft">
          <Text k="what-if.choose-text" />
        </p>
      ) : rows.length === 0 ? (
        <p>
          <Text k="what-if.same" />
        </p>
      ) : (
        <ul className="citations">
          {rows.map((row) => (
            <li key={row.area} className="stack">
              <span className="row">
                <Word list="area" code={row.area} />
                <ChangeWord change={row.change} />
              </span>
              <CellText cell={row.after} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function CellText(props: { cell: CoverageCell }) {
  const { cell } = props;
  return (
    <div className="what-if-cell">
      <span className="row">
        <CellLook cell={cell} />
        {cell.basis === "none" ? null : (
          <span className="soft">
            <Word list="coverage-state" code={cell.state} />
          </span>
        )}
        {cell.supposed ? <SupposedMark /> : null}
      </span>
      <VerdictBadge verdict={cell.verdict} />
      {cell.instruments.length > 0 ? <Citations citations={cell.instruments} short /> : null}
    </div>
  );
}

function Cells(props: { answer: CoverageWhatIf }) {
  const { answer } = props;
  const t = useT();
  const name = usePartyText();
  const [text, setText] = useState("");
  const [change, setChange] = useState("");
  const [area, setArea] = useState("");
  const ordered = useByName(answer.rows, name);
  const areas = useMemo(() => [...new Set(answer.rows.map((row) => row.area))], [answer.rows]);
  const listed = matching(ordered, text, name).filter(
    (row) => (change === "" || row.change === change) && (area === "" || row.area === area),
  );
  const columns: Column<CoverageChange>[] = [
    {
      key: "party",
      title: t("coverage.state"),
      rowHeader: true,
      cell: (row) => <PartyName code={row.party} name={row.name} />,
    },
    {
      key: "area",
      title: t("coverage.area"),
      cell: (row) => <Word list="area" code={row.area} />,
    },
    {
      key: "change",
      title: t("what-if.change"),
      cell: (row) => <ChangeWord change={row.change} />,
    },
    { key: "before", title: t("what-if.before"), cell: (row) => <CellText cell={row.before} /> },
    { key: "after", title: t("what-if.after"), cell: (row) => <CellText cell={row.after} /> },
  ];
  const shown = listed.slice(0, rowsShownMax);
  const rest = listed.length - shown.length + answer.more;
  return (
    <section aria-labelledby="cells">
      <h3 id="cells">
        <Text k="what-if.cells" />
      </h3>
      {answer.rows.length > 0 ? (
        <div className="filters">
          <TextField
            label={<Text k="record.filter" />}
            type="search"
            value={text}
            onChange={setText}
          />
          <Select
            label={<Text k="what-if.change" />}
            value={change}
            onChange={setChange}
            choices={[
              { value: "", label: t("coverage.any") },
              ...changes.map((one) => ({
                value: one,
                label: t(`what-if.change.${one}` as const),
              })),
            ]}
          />
          {areas.length > 1 ? (
            <Select
              label={<Text k="what-if.area-of-cells" />}
              value={area}
              onChange={setArea}
              choices={[
                { value: "", label: t("coverage.any-area") },
                ...areas.map((one) => ({ value: one, label: t.word("area", one) })),
              ]}
            />
          ) : null}
        </div>
      ) : null}
      <Table
        caption={t("what-if.cells")}
        hideCaption
        columns={columns}
        rows={shown}
        rowKey={(row) => `${row.party} ${row.area}`}
        empty={
          <EmptyState title={<Text k="what-if.nothing" />}>
            <Text k="what-if.nothing-text" />
          </EmptyState>
        }
      />
      {rest > 0 ? (
        <p role="status">
          <Text k="what-if.more" shown={shown.length} rest={rest} />
        </p>
      ) : null}
    </section>
  );
}

function Sheets(props: { answer: CoverageWhatIf; day: string; area: string }) {
  const { answer, day, area } = props;
  const mode = useMode().data;
  if (!mode) return null;
  const parts = ["supposed", answer.party, area, day, modeText(mode)];
  return (
    <Downloads>
      <SheetLink
        name={fileName(parts, "csv")}
        text={whatIfSheet(answer, mode)}
        type="text/csv"
        label={<Text k="coverage.csv" />}
      />
      <SheetLink
        name={fileName(parts, "json")}
        text={`${JSON.stringify({ ...mode, ...answer }, null, 2)}\n`}
        type="application/json"
        label={<Text k="coverage.json" />}
      />
    </Downloads>
  );
}

// What is wrong in the file, in the node's own words, with the place for an editor.
export function Mistakes(props: { problems: readonly FileProblem[]; name: string }) {
  const t = useT();
  const columns: Column<FileProblem & { key: number }>[] = [
    {
      key: "place",
      title: t("what-if.place"),
      rowHeader: true,
      cell: (row) => {
        const place = placeOf(row);
        return place === null ? <Text k="what-if.whole-file" /> : <Data code>{place}</Data>;
      },
    },
    { key: "found", title: t("what-if.found"), cell: (row) => <Said text={row.found} /> },
    { key: "expected", title: t("what-if.expected"), cell: (row) => <Said text={row.expected} /> },
    {
      key: "suggestion",
      title: t("what-if.suggestion"),
      cell: (row) => <Said text={row.suggestion} />,
    },
  ];
  return (
    <section aria-labelledby="mistakes">
      <h2 id="mistakes">
        <Text k="what-if.mistakes" count={props.problems.length} />
      </h2>
      <Banner tone="bad" alert title={<Data>{props.name}</Data>}>
        <p>
          <Text k="what-if.mistakes-text" />
        </p>
      </Banner>
      <Table
        caption={t("what-if.mistakes-table")}
        hideCaption
        columns={columns}
        rows={props.problems.map((problem, key) => ({ ...problem, key }))}
        rowKey={(row) => String(row.key)}
      />
    </section>
  );
}

function Said(props: { text: string }) {
  if (props.text === "") return "–";
  return (
    <span lang="en">
      <Data>{props.text}</Data>
    </span>
  );
}
