// The register of agreements: what is in force towards whom, how far it was verified, how often it was used.
import { useMemo } from "react";
import { Link } from "wouter";
import { useNode, usePaged, useParties, useVocabulary } from "../../api/queries.ts";
import type { AgreementRow } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Data, Text, useCatalogue, useT, Word } from "../../i18n/text.tsx";
import { Badge } from "../../ui/badge.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { Citations } from "../../ui/citation.tsx";
import { Select } from "../../ui/field.tsx";
import { type Column, Pager, Table } from "../../ui/table.tsx";
import { FilterText } from "../exchange/filter-text.tsx";
import { Listed } from "../exchange/parts.tsx";
import { useFilters } from "../exchange/use-filters.ts";
import { anyFilter } from "./filters.ts";
import { PartDate } from "./part-date.tsx";
import { statusTone, verifiedTone } from "./tones.ts";

const names = ["q", "party", "level", "area", "status"] as const;

// Of docs/formats/register.md, in its order.
const levels = ["bilateral", "multilateral", "regional", "interregional", "global", "national"];
const statuses = ["in-force", "suspended", "not-in-force", "unknown"] as const;

export default function RegisterPage() {
  const t = useT();
  const catalogue = useCatalogue();
  const { filters, change, clear } = useFilters(names);
  const paged = usePaged<AgreementRow>("/agreements", filters);
  const parties = useParties();
  const vocabulary = useVocabulary();
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
  const columns: Column<AgreementRow>[] = [
    {
      key: "title",
      title: t("agreements.agreement"),
      rowHeader: true,
      cell: (row) => (
        <>
          <Link href={`/agreements/${encodeURIComponent(row.id)}`}>
            <Data>{row.title}</Data>
          </Link>
          <div className="soft">
            <Data code>{row.id}</Data>
          </div>
        </>
      ),
    },
    {
      key: "form",
      title: t("agreements.form"),
      cell: (row) => (
        <>
          <Word list="form" code={row.form} />
          {", "}
          <Word list="binding" code={row.binding} />
        </>
      ),
    },
    {
      key: "level",
      title: t("agreements.level"),
      cell: (row) => (
        <Listed items={row.levels.map((level) => <Word key={level} list="level" code={level} />)} />
      ),
    },
    {
      key: "parties",
      title: t("agreements.parties"),
      numeric: true,
      cell: (row) => (
        <Link href={`/agreements/${encodeURIComponent(row.id)}#parties`}>{row.parties}</Link>
      ),
    },
    {
      key: "status",
      title: t("agreements.status"),
      cell: (row) => (
        <>
          <Badge tone={statusTone[row.status] ?? "neutral"}>
            <Word list="agreement-status" code={row.status} />
          </Badge>
          {row.in_force ? (
            <div className="soft">
              <Text k="agreements.since" /> <PartDate value={row.in_force} />
            </div>
          ) : null}
        </>
      ),
    },
    {
      key: "verified",
      title: t("agreements.verified"),
      cell: (row) => (
        <Badge tone={verifiedTone[row.verified] ?? "neutral"}>
          <Word list="verified" code={row.verified} />
        </Badge>
      ),
    },
    {
      key: "areas",
      title: t("agreements.areas"),
      minor: true,
      cell: (row) => <Areas row={row} />,
    },
    {
      key: "used",
      title: t("agreements.used"),
      numeric: true,
      cell: (row) => (row.used > 0 ? <Link href="/exchange/outbox">{row.used}</Link> : 0),
    },
  ];
  return (
    <Page title={t("nav.agreements")} lead={<Text k="agreements.lead" />}>
      <Overlay />
      <search className="filters">
        <FilterText
          label={<Text k="agreements.search" />}
          value={filters.q}
          onChange={(q) => change({ q })}
        />
        <Select
          label={<Text k="agreements.party" />}
          value={filters.party}
          onChange={(party) => change({ party })}
          choices={[{ value: "", label: t("agreements.any") }, ...partyChoices]}
        />
        <Select
          label={<Text k="agreements.level" />}
          value={filters.level}
          onChange={(level) => change({ level })}
          choices={[
            { value: "", label: t("agreements.any") },
            ...levels.map((level) => ({ value: level, label: t.word("level", level) })),
          ]}
        />
        <Select
          label={<Text k="agreements.area" />}
          value={filters.area}
          onChange={(area) => change({ area })}
          choices={[
            { value: "", label: t("agreements.any") },
            ...(vocabulary.data?.areas ?? []).map((area) => ({
              value: area,
              label: t.word("area", area),
            })),
          ]}
        />
        <Select
          label={<Text k="agreements.status" />}
          value={filters.status}
          onChange={(status) => change({ status })}
          choices={[
            { value: "", label: t("agreements.any") },
            ...statuses.map((status) => ({
              value: status,
              label: t.word("agreement-status", status),
            })),
          ]}
        />
        {anyFilter(filters) ? (
          <Button kind="quiet" onPress={clear}>
            <Text k="agreements.filters-off" />
          </Button>
        ) : null}
      </search>
      {paged.result.error ? (
        <ErrorBanner error={paged.result.error} retry={() => void paged.result.refetch()} />
      ) : null}
      {paged.result.isPending ? (
        <Loading />
      ) : (
        <>
          <p role="status" className="soft">
            {paged.total === null ? null : <Text k="agreements.count" count={paged.total} />}
          </p>
          <Table
            caption={t("nav.agreements")}
            hideCaption
            columns={columns}
            rows={paged.items}
            rowKey={(row) => row.id}
            empty={
              <EmptyState
                title={<Text k={anyFilter(filters) ? "agreements.none" : "agreements.empty"} />}
              >
                <Text k={anyFilter(filters) ? "agreements.none-text" : "agreements.empty-text"} />
              </EmptyState>
            }
          />
          <Pager paged={paged} />
        </>
      )}
    </Page>
  );
}

// What this party's own law narrows: no agreement, and so no row of the list.
function Overlay() {
  const rules = useNode().data?.overlay ?? [];
  if (rules.length === 0) return null;
  return (
    <section aria-labelledby="overlay" className="panel">
      <h2 id="overlay">
        <Text k="agreements.overlay" />
      </h2>
      <p>
        <Text k="agreements.overlay-text" />
      </p>
      <Citations citations={rules} />
    </section>
  );
}

// What its clauses speak of; what somebody only claims it is about is marked, and is never a ground.
function Areas(props: { row: AgreementRow }) {
  const { areas, areas_claimed } = props.row;
  const claimed = areas_claimed.filter((area) => !areas.includes(area));
  if (areas.length + claimed.length === 0) return "–";
  return (
    <>
      <Listed items={areas.map((area) => <Word key={area} list="area" code={area} />)} />
      {claimed.length > 0 ? (
        <details>
          <summary>
            <Text k="agreements.claimed" count={claimed.length} />
          </summary>
          <Listed items={claimed.map((area) => <Word key={area} list="area" code={area} />)} />
        </details>
      ) : null}
    </>
  );
}
