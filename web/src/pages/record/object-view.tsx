// The STIX object as it is kept: every value named by its path, and the raw form. Nothing of it is a link, and
// nothing of it is obeyed: hidden characters are spelled out.
import { Data, Text, useT } from "../../i18n/text.tsx";
import { Table } from "../../ui/table.tsx";
import { Raw } from "../exchange/parts.tsx";
import { objectRows } from "./object-rows.ts";

export function ObjectView(props: { object: object }) {
  const t = useT();
  const { rows, more } = objectRows(props.object);
  return (
    <section aria-labelledby="object" className="object">
      <h2 id="object">
        <Text k="record.object" />
      </h2>
      <p className="soft">
        <Text k="record.object-text" />
      </p>
      <Table
        caption={t("record.object")}
        hideCaption
        columns={[
          {
            key: "path",
            title: t("record.object-path"),
            rowHeader: true,
            cell: (row) => <Data code>{row.path}</Data>,
          },
          {
            key: "value",
            title: t("record.object-value"),
            cell: (row) => (
              <div className="object-value">
                <Data>{row.value}</Data>
              </div>
            ),
          },
        ]}
        rows={rows}
        rowKey={(row) => row.path}
      />
      {more > 0 ? (
        <p>
          <Text k="record.object-more" count={more} />
        </p>
      ) : null}
      <details>
        <summary>
          <Text k="record.object-raw" />
        </summary>
        <Raw value={props.object} label={t("record.object-raw")} />
      </details>
    </section>
  );
}
