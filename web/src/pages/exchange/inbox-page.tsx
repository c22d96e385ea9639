// What partners sent: from whom, under which article, and what became of it here.
import { useEffect } from "react";
import { Link } from "wouter";
import { usePaged } from "../../api/queries.ts";
import type { InboxRow } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { reportTour } from "../../app/tour.tsx";
import { Text, useT } from "../../i18n/text.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { type Column, Pager, Table } from "../../ui/table.tsx";
import { Fate } from "./fate.tsx";
import { Basis, DisclosureLink } from "./parts.tsx";

export default function InboxPage() {
  const t = useT();
  useEffect(() => reportTour("inbox-opened"), []);
  const session = useSession();
  const paged = usePaged<InboxRow>("/inbox");
  const columns: Column<InboxRow>[] = [
    {
      key: "number",
      title: t("exchange.disclosure"),
      rowHeader: true,
      cell: (row) => (
        <DisclosureLink id={row.disclosure}>
          <Text k="exchange.number-of" number={row.number} party={t.word("party", row.party)} />
        </DisclosureLink>
      ),
    },
    { key: "time", title: t("exchange.time"), cell: (row) => <DateTime value={row.time} /> },
    {
      key: "basis",
      title: t("exchange.basis"),
      cell: (row) => <Basis row={row} short />,
    },
    { key: "fate", title: t("exchange.fate"), cell: (row) => <Fate row={row} /> },
  ];
  return (
    <Page title={t("exchange.inbox")} lead={<Text k="exchange.inbox-lead" />}>
      {paged.result.error ? (
        <ErrorBanner error={paged.result.error} retry={() => void paged.result.refetch()} />
      ) : null}
      {paged.result.isPending ? (
        <Loading />
      ) : (
        <div data-tour="record-list">
          <Table
            caption={t("exchange.inbox")}
            hideCaption
            columns={columns}
            rows={paged.items}
            rowKey={(row) => row.disclosure}
            rowTone={(row) => (row.quarantined + row.rejected > 0 ? "late" : null)}
            empty={
              <EmptyState
                title={<Text k="exchange.inbox-empty" />}
                action={
                  may(session, "imports.create") ? (
                    <Link href="/exchange/import">
                      <Text k="exchange.import-own" />
                    </Link>
                  ) : null
                }
              >
                <Text k="exchange.inbox-empty-text" />
              </EmptyState>
            }
          />
          <Pager paged={paged} />
        </div>
      )}
    </Page>
  );
}
