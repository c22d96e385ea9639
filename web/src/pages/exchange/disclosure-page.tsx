// One disclosure: what was said, under which article, which records went, and the answer.

import { path } from "../../api/client.ts";
import { useGet } from "../../api/queries.ts";
import type { Record as RecordData, SentRow } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Data, Text, useT, Word } from "../../i18n/text.tsx";
import { ErrorBanner, Loading } from "../../ui/banner.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Fate } from "./fate.tsx";
import { Basis, Facts, Raw, RecordLink } from "./parts.tsx";
import { SentState } from "./sent.tsx";

type Disclosure = SentRow & { record_ids: string[]; statement: object; receipt: object | null };

// So many records are shown by their names, which takes a question to the node for each; the others by their ids.
const namedMax = 20;

function RecordName(props: { id: string }) {
  const found = useGet<RecordData>(path`/records/${props.id}`);
  if (!found.data) return <Data code>{props.id}</Data>;
  return (
    <>
      <Data>{found.data.name || found.data.stix_id}</Data>{" "}
      <Word list="type" code={found.data.type} />
    </>
  );
}

export default function DisclosurePage(props: { id: string }) {
  const t = useT();
  const found = useGet<Disclosure>(path`/disclosures/${props.id}`);
  const d = found.data;
  const title = d
    ? t("exchange.disclosure-title", { number: d.number, party: t.word("party", d.party) })
    : t("exchange.disclosure");
  return (
    <Page title={title}>
      {found.error ? <ErrorBanner error={found.error} retry={() => void found.refetch()} /> : null}
      {found.isPending ? <Loading /> : null}
      {d ? (
        <>
          <Facts
            rows={[
              [
                <Text key="a" k="exchange.disclosure-id" />,
                <Data key="b" code>
                  {d.disclosure}
                </Data>,
              ],
              [<Text key="a" k="exchange.counterpart" />, <PartyName key="b" code={d.party} />],
              [<Text key="a" k="exchange.time" />, <DateTime key="b" value={d.time} />],
              [<Text key="a" k="exchange.state" />, <SentState key="b" state={d.state} />],
              [<Text key="a" k="exchange.fate" />, <Fate key="b" row={d} />],
            ]}
          />
          <section aria-labelledby="basis">
            <h2 id="basis">
              <Text k="exchange.basis" />
            </h2>
            <Basis row={d} />
          </section>
          <section aria-labelledby="records">
            <h2 id="records">
              <Text k="exchange.records-of" count={d.records} />
            </h2>
            {d.record_ids.length < d.records ? (
              <p>
                <Text k="exchange.records-not-held" count={d.records - d.record_ids.length} />
              </p>
            ) : null}
            <ul className="plain-list columns">
              {d.record_ids.map((id, i) => (
                <li key={id}>
                  <RecordLink id={id}>
                    {i < namedMax ? <RecordName id={id} /> : <Data code>{id}</Data>}
                  </RecordLink>
                </li>
              ))}
            </ul>
          </section>
          <details>
            <summary>
              <Text k="exchange.statement" />
            </summary>
            <Raw value={d.statement} label={t("exchange.statement")} />
          </details>
          {d.receipt ? (
            <details>
              <summary>
                <Text k="exchange.receipt" />
              </summary>
              <Raw value={d.receipt} label={t("exchange.receipt")} />
            </details>
          ) : (
            <p>
              <Text k="exchange.receipt-none" />
            </p>
          )}
        </>
      ) : null}
    </Page>
  );
}
