// The records that this node holds, its own and those of partners.
import { useEffect, useMemo } from "react";
import { Link } from "wouter";
import { usePaged, useParties, useVocabulary } from "../../api/queries.ts";
import type { RecordRow } from "../../api/types.ts";
import { Page, strictest, useHandling } from "../../app/page.tsx";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { reportTour } from "../../app/tour.tsx";
import { Data, Text, useCatalogue, useT, Word } from "../../i18n/text.tsx";
import { Badge, TlpBadge } from "../../ui/badge.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Select } from "../../ui/field.tsx";
import { type Column, Pager, Table } from "../../ui/table.tsx";
import { anyFilter } from "../agreements/filters.ts";
import { FilterText } from "./filter-text.tsx";
import { Listed, RecordLink } from "./parts.tsx";
import { useFilters } from "./use-filters.ts";

const names = ["q", "type", "from", "state"] as const;

export default function RecordsPage() {
  const t = useT();
  useEffect(() => reportTour("inbox-opened"), []);
  const session = useSession();
  const catalogue = useCatalogue();
  const { filters, change, clear } = useFilters(names);
  const paged = usePaged<RecordRow>("/records", filters);
  const vocabulary = useVocabulary();
  const parties = useParties();
  useHandling(strictest(paged.items.map((row) => row.tlp)));
  const columns: Column<RecordRow>[] = [
    {
      key: "name",
      title: t("exchange.record"),
      rowHeader: true,
      cell: (row) => (
        <RecordLink id={row.id}>
          <Data>{row.name || row.stix_id}</Data>
        </RecordLink>
      ),
    },
    { key: "type", title: t("exchange.type"), cell: (row) => <Word list="type" code={row.type} /> },
    {
      key: "classes",
      title: t("exchange.classes"),
      minor: true,
      cell: (row) => (
        <Listed items={row.classes.map((code) => <Word key={code} list="class" code={code} />)} />
      ),
    },
    {
      key: "tlp",
      title: t("exchange.tlp"),
      cell: (row) => (row.tlp ? <TlpBadge tlp={row.tlp} /> : "–"),
    },
    {
      key: "originator",
      title: t("exchange.originator"),
      cell: (row) => <PartyName code={row.originator} />,
    },
    {
      key: "from",
      title: t("exchange.from"),
      cell: (row) =>
        row.received_from === null ? (
          <Text k="exchange.from-own" />
        ) : (
          <PartyName code={row.received_from} />
        ),
    },
    {
      key: "arrived",
      title: t("exchange.arrived"),
      cell: (row) => <DateTime value={row.arrived} />,
    },
    {
      key: "state",
      title: t("exchange.state"),
      cell: (row) => (
        <Badge tone={row.state === "live" ? "neutral" : "warn"}>
          {t(`exchange.record-state.${row.state}` as const)}
        </Badge>
      ),
    },
  ];
  const partyChoices = useMemo(
    () =>
      (parties.data?.items ?? [])
        .map((party) => ({
          value: party.code,
          label: `${t.word("party", party.code)} (${party.code})`,
        }))
        .sort((a, b) => a.label.localeCompare(b.label, catalogue.locale)),
    [parties.data, t, catalogue.locale],
  );
  return (
    <Page title={t("exchange.records")} lead={<Text k="exchange.records-lead" />}>
      <search className="filters">
        <FilterText
          label={<Text k="exchange.search" />}
          help={<Text k="exchange.search-help" />}
          value={filters.q}
          onChange={(q) => change({ q })}
        />
        <Select
          label={<Text k="exchange.type" />}
          value={filters.type}
          onChange={(type) => change({ type })}
          choices={[
            { value: "", label: t("exchange.any") },
            ...(vocabulary.data?.types ?? []).map((type) => ({
              value: type,
              label: t.word("type", type),
            })),
          ]}
        />
        <Select
          label={<Text k="exchange.from" />}
          value={filters.from}
          onChange={(from) => change({ from })}
          choices={[{ value: "", label: t("exchange.any") }, ...partyChoices]}
        />
        <Select
          label={<Text k="exchange.state" />}
          value={filters.state}
          onChange={(state) => change({ state })}
          choices={[
            { value: "", label: t("exchange.any") },
            { value: "live", label: t("exchange.record-state.live") },
            { value: "quarantined", label: t("exchange.record-state.quarantined") },
          ]}
        />
        {anyFilter(filters) ? (
          <Button kind="quiet" onPress={clear}>
            <Text k="exchange.filters-off" />
          </Button>
        ) : null}
      </search>
      {paged.result.error ? (
        <ErrorBanner error={paged.result.error} retry={() => void paged.result.refetch()} />
      ) : null}
      {paged.result.isPending ? (
        <Loading />
      ) : (
        <div data-tour="record-list">
          <Table
            caption={t("exchange.records")}
            hideCaption
            columns={columns}
            rows={paged.items}
            rowKey={(row) => row.id}
            rowTone={(row) => (row.state === "quarantined" ? "late" : null)}
            empty={
              anyFilter(filters) ? (
                <EmptyState title={<Text k="exchange.records-none" />}>
                  <Text
                    k={paged.hasNext ? "exchange.records-none-yet" : "exchange.records-none-text"}
                  />
                </EmptyState>
              ) : (
                <EmptyState
                  title={<Text k="exchange.records-empty" />}
                  action={
                    may(session, "imports.create") ? (
                      <Link href="/exchange/import">
                        <Text k="exchange.import-own" />
                      </Link>
                    ) : null
                  }
                >
                  <Text k="exchange.records-empty-text" />
                </EmptyState>
              )
            }
          />
          <Pager paged={paged} />
        </div>
      )}
    </Page>
  );
}
