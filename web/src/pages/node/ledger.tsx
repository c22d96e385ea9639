// The ledger, newest first, and its signed checkpoint.
import { useGet, usePaged } from "../../api/queries.ts";
import type { LedgerRow } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Data, Text, useCatalogue, useT } from "../../i18n/text.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Pager, Table } from "../../ui/table.tsx";

interface Checkpoint {
  note: string;
  size: number;
  root: string;
}

export default function LedgerPage() {
  const t = useT();
  const catalogue = useCatalogue();
  const ledger = usePaged<LedgerRow>("/ledger");
  const { result } = ledger;
  return (
    <Page title={t("node.ledger")} lead={<Text k="ledger.lead" />}>
      <CheckpointPanel />
      {result.error ? (
        <ErrorBanner error={result.error} retry={() => void result.refetch()} />
      ) : null}
      {result.data ? (
        <>
          <Table
            caption={t("ledger.entries")}
            rows={ledger.items}
            rowKey={(row) => String(row.index)}
            empty={<EmptyState title={<Text k="ledger.none" />} />}
            columns={[
              {
                key: "index",
                title: t("ledger.index"),
                rowHeader: true,
                numeric: true,
                cell: (row) => new Intl.NumberFormat(catalogue.locale).format(row.index),
              },
              { key: "at", title: t("ledger.at"), cell: (row) => <DateTime value={row.at} /> },
              { key: "kind", title: t("ledger.kind"), cell: (row) => <Data code>{row.kind}</Data> },
              {
                key: "entry",
                title: t("ledger.entry"),
                cell: (row) => <Entry row={row} />,
              },
            ]}
          />
          <Pager paged={ledger} />
        </>
      ) : result.error ? null : (
        <Loading />
      )}
    </Page>
  );
}

// How many members of an entry stand in its line; the rest is one press away.
const membersShown = 3;

function Entry(props: { row: LedgerRow }) {
  const members = Object.entries(props.row.entry).filter(
    ([name, value]) => typeof value !== "object" && !["kind", "time", "at"].includes(name),
  );
  return (
    <details className="entry">
      <summary>
        {members.slice(0, membersShown).map(([name, value]) => (
          <span key={name} className="entry-member">
            <Data code>{name}</Data> <Data code>{String(value)}</Data>
          </span>
        ))}
        {members.length === 0 ? <Text k="ledger.show" /> : null}
      </summary>
      <pre dir="ltr">{JSON.stringify(props.row.entry, null, 2)}</pre>
    </details>
  );
}

function CheckpointPanel() {
  const catalogue = useCatalogue();
  const checkpoint = useGet<Checkpoint>("/ledger/checkpoint");
  if (checkpoint.error) {
    return <ErrorBanner error={checkpoint.error} retry={() => void checkpoint.refetch()} />;
  }
  if (!checkpoint.data) return <Loading />;
  return (
    <section className="panel stack" aria-labelledby="checkpoint">
      <h2 id="checkpoint">
        <Text k="ledger.checkpoint" />
      </h2>
      <dl className="facts">
        <dt>
          <Text k="ledger.size" />
        </dt>
        <dd>{new Intl.NumberFormat(catalogue.locale).format(checkpoint.data.size)}</dd>
        <dt>
          <Text k="ledger.root" />
        </dt>
        <dd>
          <Data code>{checkpoint.data.root}</Data>
        </dd>
      </dl>
      <details>
        <summary>
          <Text k="ledger.note" />
        </summary>
        <pre dir="ltr">{checkpoint.data.note}</pre>
      </details>
    </section>
  );
}
