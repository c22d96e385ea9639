// Disclosures that left this node, as a table: on the outbox and on the page of a record.
import type { ReactNode } from "react";
import type { SentRow } from "../../api/types.ts";
import { Text, useT } from "../../i18n/text.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Fate } from "./fate.tsx";
import { Basis, DisclosureLink } from "./parts.tsx";

export const sentStates = [
  "receipt",
  "missing",
  "waiting",
  "collected",
  "acknowledged",
  "served",
  "withdrawn",
  "recalled",
] as const;

const tones: { readonly [state: string]: Tone } = {
  receipt: "good",
  missing: "bad",
  waiting: "warn",
  withdrawn: "neutral",
  recalled: "warn",
};

export function SentState(props: { state: SentRow["state"] }) {
  const t = useT();
  return (
    <Badge tone={tones[props.state] ?? "info"}>{t(`exchange.state.${props.state}` as const)}</Badge>
  );
}

export function SentTable(props: {
  caption: string;
  hideCaption?: boolean;
  rows: readonly SentRow[];
  empty: ReactNode;
}) {
  const t = useT();
  const columns: Column<SentRow>[] = [
    {
      key: "number",
      title: t("exchange.disclosure"),
      rowHeader: true,
      cell: (row) => (
        <DisclosureLink id={row.disclosure}>
          <Text k="exchange.number-to" number={row.number} party={t.word("party", row.party)} />
        </DisclosureLink>
      ),
    },
    { key: "time", title: t("exchange.time"), cell: (row) => <DateTime value={row.time} /> },
    { key: "state", title: t("exchange.state"), cell: (row) => <SentState state={row.state} /> },
    {
      key: "basis",
      title: t("exchange.basis"),
      cell: (row) => <Basis row={row} short />,
    },
    { key: "fate", title: t("exchange.fate-there"), cell: (row) => <Fate row={row} /> },
  ];
  return (
    <Table
      caption={props.caption}
      hideCaption={props.hideCaption ?? false}
      columns={columns}
      rows={props.rows}
      rowKey={(row) => row.disclosure}
      rowTone={(row) => (row.state === "missing" ? "late" : null)}
      empty={props.empty}
    />
  );
}
