// What waits for a second pair of eyes, and what left this node and how it stands.
import { Link } from "wouter";
import { useGet, usePaged } from "../../api/queries.ts";
import type { OutboxRow, ReleaseRequest } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Text, useT } from "../../i18n/text.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Select } from "../../ui/field.tsx";
import { Pager } from "../../ui/table.tsx";
import { ReleaseCard } from "../releases/release-card.tsx";
import { SentTable, sentStates } from "./sent.tsx";
import { useFilters } from "./use-filters.ts";

const names = ["state"] as const;

export default function OutboxPage() {
  const t = useT();
  const { filters, change } = useFilters(names);
  const waiting = useGet<{ items: ReleaseRequest[] }>("/release-requests", { state: "waiting" });
  const paged = usePaged<OutboxRow>("/outbox", filters);
  return (
    <Page title={t("exchange.outbox")} lead={<Text k="exchange.outbox-lead" />}>
      <section aria-labelledby="awaiting">
        <h2 id="awaiting">
          <Text k="exchange.awaiting" />
        </h2>
        {waiting.error ? (
          <ErrorBanner error={waiting.error} retry={() => void waiting.refetch()} />
        ) : null}
        {waiting.isPending ? <Loading /> : null}
        {waiting.data?.items.length === 0 ? (
          <EmptyState
            title={<Text k="exchange.awaiting-empty" />}
            action={
              <Link href="/exchange/release-requests">
                <Text k="exchange.releases-decided" />
              </Link>
            }
          >
            <Text k="exchange.awaiting-empty-text" />
          </EmptyState>
        ) : null}
        {waiting.data?.items.map((request) => (
          <ReleaseCard key={request.id} request={request} />
        ))}
      </section>
      <section aria-labelledby="sent">
        <h2 id="sent">
          <Text k="exchange.sent" />
        </h2>
        <div className="filters">
          <Select
            label={<Text k="exchange.state" />}
            value={filters.state}
            onChange={(state) => change({ state })}
            choices={[
              { value: "", label: t("exchange.state-all") },
              ...sentStates.map((state) => ({
                value: state,
                label: t(`exchange.state.${state}` as const),
              })),
            ]}
          />
        </div>
        {paged.result.error ? (
          <ErrorBanner error={paged.result.error} retry={() => void paged.result.refetch()} />
        ) : null}
        {paged.result.isPending ? (
          <Loading />
        ) : (
          <>
            <SentTable
              caption={t("exchange.sent")}
              hideCaption
              rows={paged.items}
              empty={
                <EmptyState
                  title={
                    <Text k={filters.state === "" ? "exchange.sent-empty" : "exchange.sent-none"} />
                  }
                >
                  <Text k="exchange.sent-empty-text" />
                </EmptyState>
              }
            />
            <Pager paged={paged} />
          </>
        )}
      </section>
    </Page>
  );
}
