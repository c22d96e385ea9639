// What a search found: how often the value occurs, the records in which it does, then the records
// with the words.
import { useLocation, useSearch } from "wouter";
import { usePaged, useVocabulary } from "../../api/queries.ts";
import type { SearchPage as Found, SearchRow } from "../../api/types.ts";
import { Page, strictest, useHandling } from "../../app/page.tsx";
import { Data, Text, useT, Word } from "../../i18n/text.tsx";
import { Badge, TlpBadge } from "../../ui/badge.tsx";
import { Banner, EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Select } from "../../ui/field.tsx";
import { type Column, Pager, Table } from "../../ui/table.tsx";
import { RecordLink } from "./parts.tsx";
import { readSearch, type SearchQuery, searchAddress } from "./search-query.ts";

export default function SearchPage() {
  const t = useT();
  const query = readSearch(useSearch());
  return (
    <Page title={t("search.title")} lead={<Text k="search.lead" />}>
      {query.q ? (
        <Results query={query} />
      ) : (
        <EmptyState title={<Text k="search.start" />}>
          <Text k="search.help" />
        </EmptyState>
      )}
    </Page>
  );
}

function Results(props: { query: SearchQuery }) {
  const { query } = props;
  const t = useT();
  const [, navigate] = useLocation();
  const vocabulary = useVocabulary();
  const paged = usePaged<SearchRow>("/search", {
    q: query.q,
    ...(query.type ? { type: query.type } : {}),
  });
  const found = paged.result.data as Found | undefined;
  useHandling(strictest(paged.items.map((row) => row.tlp)));
  return (
    <>
      <search className="filters" aria-label={t("search.narrow")}>
        <p className="search-asked">
          <Text k="search.asked" /> <Data>{query.q}</Data>
        </p>
        <Select
          label={<Text k="exchange.type" />}
          value={query.type}
          onChange={(type) => navigate(searchAddress({ q: query.q, type }), { replace: true })}
          choices={[
            { value: "", label: t("exchange.any") },
            ...(vocabulary.data?.types ?? []).map((type) => ({
              value: type,
              label: t.word("type", type),
            })),
          ]}
        />
      </search>
      {paged.result.error ? (
        <ErrorBanner error={paged.result.error} retry={() => void paged.result.refetch()} />
      ) : null}
      {paged.result.isPending ? <Loading /> : null}
      {found ? <FoundPart found={found} rows={paged.items} hasNext={paged.hasNext} /> : null}
      <Pager paged={paged} />
    </>
  );
}

function FoundPart(props: { found: Found; rows: readonly SearchRow[]; hasNext: boolean }) {
  const { found, rows, hasNext } = props;
  const waiting = found.values_waiting > 0 || found.texts_waiting > 0;
  return (
    <>
      {waiting ? (
        <Banner tone="info">
          <p>
            <Text k="search.waiting" count={Math.max(found.values_waiting, found.texts_waiting)} />
          </p>
        </Banner>
      ) : null}
      <Values values={found.values} />
      <Group title="search.by-value" rows={rows.filter((row) => row.found === "value")} />
      <Group title="search.by-text" rows={rows.filter((row) => row.found === "text")} />
      {rows.length === 0 ? (
        <EmptyState title={<Text k="search.none" />}>
          <Text k={hasNext ? "exchange.records-none-yet" : "search.none-text"} />
        </EmptyState>
      ) : null}
    </>
  );
}

function Values(props: { values: Found["values"] }) {
  const t = useT();
  if (props.values.length === 0) return null;
  return (
    <section className="search-group" aria-label={t("search.values")}>
      <h2>
        <Text k="search.values" />
      </h2>
      <ul className="search-values">
        {props.values.map((row) => (
          <li key={`${row.kind} ${row.value}`}>
            <Text k={`search.kind.${row.kind}` as const} /> <Data code>{row.value}</Data>{" "}
            <Text k={row.more ? "search.value-more" : "search.value-count"} count={row.count} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Group(props: { title: "search.by-value" | "search.by-text"; rows: readonly SearchRow[] }) {
  const t = useT();
  if (props.rows.length === 0) return null;
  const columns: Column<SearchRow>[] = [
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
      key: "tlp",
      title: t("exchange.tlp"),
      cell: (row) => (row.tlp ? <TlpBadge tlp={row.tlp} /> : "–"),
    },
    {
      key: "originator",
      title: t("exchange.originator"),
      minor: true,
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
      minor: true,
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
  return (
    <section className="search-group" aria-label={t(props.title)}>
      <h2>
        <Text k={props.title} />
      </h2>
      <Table
        caption={t(props.title)}
        hideCaption
        columns={columns}
        rows={props.rows}
        rowKey={(row) => row.id}
        rowTone={(row) => (row.state === "quarantined" ? "late" : null)}
      />
    </section>
  );
}
