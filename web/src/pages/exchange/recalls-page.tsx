// Records that were called back, by this party and by others.
import { useGet } from "../../api/queries.ts";
import type { Recall } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Data, Text, useT } from "../../i18n/text.tsx";
import { Badge } from "../../ui/badge.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { RecallReason } from "../record/recall-reason.tsx";

export default function RecallsPage() {
  const t = useT();
  const found = useGet<{ items: Recall[] }>("/recalls");
  const columns: Column<Recall>[] = [
    {
      key: "who",
      title: t("exchange.recall-who"),
      rowHeader: true,
      cell: (row) => (
        <>
          <Text k={row.ours ? "exchange.recall-ours" : "exchange.recall-theirs"} />{" "}
          <PartyName code={row.party} />
        </>
      ),
    },
    {
      key: "reason",
      title: t("exchange.recall-reason"),
      cell: (row) => <RecallReason reason={row.reason} />,
    },
    {
      key: "records",
      title: t("exchange.records"),
      cell: (row) => (
        <>
          <Text k="exchange.recall-records" count={row.records.length} />
          <details>
            <summary>
              <Text k="exchange.digests" />
            </summary>
            <ul className="plain-list">
              {row.records.map((digest) => (
                <li key={digest}>
                  <Data code>{digest}</Data>
                </li>
              ))}
            </ul>
          </details>
        </>
      ),
    },
    {
      key: "state",
      title: t("exchange.state"),
      cell: (row) => (
        <Badge tone={row.state === "confirmed" ? "good" : row.state === "refused" ? "bad" : "warn"}>
          {row.state === "confirmed" || row.state === "refused" || row.state === "awaiting" ? (
            t(`exchange.recall-state.${row.state}` as const)
          ) : (
            <Data>{row.state}</Data>
          )}
        </Badge>
      ),
    },
    {
      key: "effect",
      title: t("exchange.recall-effect"),
      cell: (row) => (
        <Text
          k="exchange.recall-counts"
          copies={row.copies}
          passed={row.passed_on}
          awaiting={row.awaiting}
        />
      ),
    },
  ];
  return (
    <Page title={t("exchange.recalls")} lead={<Text k="exchange.recalls-lead" />}>
      {found.error ? <ErrorBanner error={found.error} retry={() => void found.refetch()} /> : null}
      {found.isPending ? <Loading /> : null}
      {found.data ? (
        <Table
          caption={t("exchange.recalls")}
          hideCaption
          columns={columns}
          rows={found.data.items}
          rowKey={(row) => `${row.ours} ${row.recall} ${row.party}`}
          rowTone={(row) => (row.state === "awaiting" ? "late" : null)}
          empty={
            <EmptyState title={<Text k="exchange.recalls-empty" />}>
              <Text k="exchange.recalls-empty-text" />
            </EmptyState>
          }
        />
      ) : null}
    </Page>
  );
}
