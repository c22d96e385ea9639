// With whom a party has nothing, in which areas, and which agreement would be the shortest way to something.
import { useMemo, useState } from "react";
import { useLocation } from "wouter";
import { pathOf } from "../../api/client.ts";
import { useGet, useMode } from "../../api/queries.ts";
import type { CoverageGap, CoverageGaps, CoverageStep } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Data, Text, useT, Word } from "../../i18n/text.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { writeFilters } from "../agreements/filters.ts";
import { usePartyText } from "../exchange/parts.tsx";
import { matching } from "../record/difference.ts";
import { fits } from "./gaps.ts";
import { markOf, type State, states } from "./legend.ts";
import { AgreementLink, Areas, Claims, Downloads, SheetLink, useByName } from "./parts.tsx";
import { AreaField, asked, DayField, PartyField, useQuestion } from "./question.tsx";
import { fileName, gapsSheet, modeText } from "./sheets.ts";
import type { Suppose } from "./suppose-form.tsx";

const noRows: readonly CoverageGap[] = [];

export default function GapsPage(props: { suppose: Suppose }) {
  const t = useT();
  const name = usePartyText();
  const { filters, change, own, party, day, area, ready } = useQuestion();
  const [text, setText] = useState("");
  const found = useGet<CoverageGaps>(
    "/coverage/gaps",
    { party, at: day },
    { enabled: ready, keep: true },
  );
  const gaps = found.data;
  const ordered = useByName(gaps?.rows ?? noRows, name);
  const listed = useMemo(
    () => matching(ordered, text, name).filter((row) => fits(row, filters.kind, area)),
    [ordered, text, name, filters.kind, area],
  );
  return (
    <Page title={t("gaps.title")} lead={<Text k="gaps.lead" />}>
      <search className="filters">
        <PartyField
          value={party}
          onChange={(code) => change({ party: code === own ? "" : code })}
        />
        <DayField value={day} onChange={(at) => change({ at })} />
        <AreaField value={area} onChange={(chosen) => change({ area: chosen })} />
        <Select
          label={<Text k="gaps.kind" />}
          value={filters.kind}
          onChange={(kind) => change({ kind })}
          choices={[
            { value: "", label: t("gaps.any") },
            { value: "none", label: t("gaps.none") },
            { value: "claimed", label: t("gaps.claimed") },
          ]}
        />
        <TextField
          label={<Text k="record.filter" />}
          type="search"
          value={text}
          onChange={setText}
        />
      </search>
      {found.error ? <ErrorBanner error={found.error} retry={() => void found.refetch()} /> : null}
      {gaps ? (
        <>
          <p className="soft" aria-busy={found.isPlaceholderData}>
            <Text k="gaps.of" party={name(gaps.party)} /> <DateTime value={gaps.at} zone="utc" />
          </p>
          <Counts gaps={gaps} />
          <GapTable rows={listed} party={gaps.party} day={day} suppose={props.suppose} />
          <Sheets gaps={gaps} day={day} />
        </>
      ) : found.error ? null : (
        <Loading />
      )}
    </Page>
  );
}

function Counts(props: { gaps: CoverageGaps }) {
  const t = useT();
  return (
    <ul className="mark-legend" aria-label={t("gaps.counts")}>
      {states.map((state: State) => (
        <li key={state} className="row">
          <span className="basis-letter" aria-hidden="true">
            {markOf(state)}
          </span>
          <Word list="coverage-state" code={state} />
          <span className="mark-count">{props.gaps.counts[state] ?? 0}</span>
        </li>
      ))}
    </ul>
  );
}

function GapTable(props: {
  rows: readonly CoverageGap[];
  party: string;
  day: string;
  suppose: Suppose;
}) {
  const t = useT();
  const columns: Column<CoverageGap>[] = [
    {
      key: "party",
      title: t("coverage.state"),
      rowHeader: true,
      cell: (row) => <PartyName code={row.party} name={row.name} />,
    },
    { key: "none", title: t("gaps.none"), cell: (row) => <Areas areas={row.none} /> },
    {
      key: "claimed",
      title: t("gaps.claimed"),
      cell: (row) =>
        row.claimed.length > 0 ? (
          <div className="stack">
            <Areas areas={row.claimed} />
            <Claims claims={row.claims} short />
          </div>
        ) : (
          "–"
        ),
    },
    {
      key: "covered",
      title: t("gaps.covered"),
      cell: (row) => <Areas areas={[...row.verified, ...row.unverified, ...row.assumed]} />,
    },
    {
      key: "nearest",
      title: t("gaps.nearest"),
      cell: (row) =>
        row.nearest.length > 0 ? (
          <ul className="citations">
            {row.nearest.map((step) => (
              <li key={step.instrument}>
                <Nearest step={step} row={row} {...props} />
              </li>
            ))}
          </ul>
        ) : (
          "–"
        ),
    },
  ];
  return (
    <Table
      caption={t("gaps.table")}
      hideCaption
      columns={columns}
      rows={props.rows}
      rowKey={(row) => row.party}
      empty={
        <EmptyState title={<Text k="gaps.nothing" />}>
          <Text k="coverage.none-text" />
        </EmptyState>
      }
    />
  );
}

// An agreement that would close a gap, who would have to join it, and a way to see what else that would do.
function Nearest(props: {
  step: CoverageStep;
  row: CoverageGap;
  party: string;
  day: string;
  suppose: Suppose;
}) {
  const { step, row, party, day, suppose } = props;
  const name = usePartyText();
  const [, navigate] = useLocation();
  const who =
    step.step === "party-joins"
      ? [party]
      : step.step === "other-joins"
        ? [row.party]
        : step.step === "both-join"
          ? [party, row.party]
          : [];
  const see = () => {
    for (const code of who)
      suppose({ kind: "accede", party: code, instrument: step.instrument, title: step.title });
    navigate(`/coverage/what-if${writeFilters(asked, { party, at: day, area: "" })}`);
  };
  return (
    <div className="what-if-cell">
      <AgreementLink id={step.instrument} title={step.title} />
      <span className="soft">
        <Word list="level" code={step.level} /> ·{" "}
        <StepWords step={step.step} party={name(party)} other={name(row.party)} /> ·{" "}
        {step.operative ? <Text k="gaps.operative" /> : <Text k="gaps.only-claimed" />}
      </span>
      <Areas areas={step.areas} />
      {who.length > 0 ? (
        <span>
          <Button small onPress={see}>
            <Text k="gaps.suppose" />
            <span className="visually-hidden">
              {" "}
              <Data>{step.title || step.instrument}</Data> <Data>{name(row.party)}</Data>
            </span>
          </Button>
        </span>
      ) : null}
    </div>
  );
}

function StepWords(props: { step: CoverageStep["step"]; party: string; other: string }) {
  const { step, party, other } = props;
  switch (step) {
    case "read":
      return <Text k="gaps.step.read" />;
    case "party-joins":
      return <Text k="gaps.step.party-joins" party={party} />;
    case "other-joins":
      return <Text k="gaps.step.other-joins" other={other} />;
    case "both-join":
      return <Text k="gaps.step.both-join" party={party} other={other} />;
  }
}

function Sheets(props: { gaps: CoverageGaps; day: string }) {
  const { gaps, day } = props;
  const mode = useMode().data;
  if (!mode) return null;
  const parts = ["gaps", gaps.party, day, modeText(mode)];
  return (
    <Downloads>
      <SheetLink
        name={fileName(parts, "csv")}
        text={gapsSheet(gaps, mode)}
        type="text/csv"
        label={<Text k="coverage.csv" />}
      />
      <a
        className="button button-plain button-small"
        href={pathOf("/coverage/gaps", { party: gaps.party, at: day })}
        download={fileName(parts, "json")}
      >
        <Text k="coverage.json" />
      </a>
    </Downloads>
  );
}
