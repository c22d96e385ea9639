// All requests to release: waiting, and the newest that were decided.
import { useGet } from "../../api/queries.ts";
import type { ReleaseRequest } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Text, useT } from "../../i18n/text.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Select } from "../../ui/field.tsx";
import { useFilters } from "../exchange/use-filters.ts";
import { ReleaseCard } from "./release-card.tsx";

const names = ["state"] as const;
const states = ["waiting", "released", "refused", "withdrawn"] as const;

export default function ReleasesPage() {
  const t = useT();
  const { filters, change } = useFilters(names);
  const found = useGet<{ items: ReleaseRequest[] }>("/release-requests", filters, { keep: true });
  return (
    <Page title={t("exchange.releases")} lead={<Text k="exchange.releases-lead" />}>
      <div className="filters">
        <Select
          label={<Text k="exchange.state" />}
          value={filters.state}
          onChange={(state) => change({ state })}
          choices={[
            { value: "", label: t("exchange.any") },
            ...states.map((state) => ({
              value: state,
              label: t(`exchange.request.${state}` as const),
            })),
          ]}
        />
      </div>
      {found.error ? <ErrorBanner error={found.error} retry={() => void found.refetch()} /> : null}
      {found.isPending ? <Loading /> : null}
      {found.data?.items.length === 0 ? (
        <EmptyState title={<Text k="exchange.releases-empty" />}>
          <Text k="exchange.releases-empty-text" />
        </EmptyState>
      ) : null}
      {found.data?.items.map((request) => (
        <ReleaseCard key={request.id} request={request} />
      ))}
    </Page>
  );
}
