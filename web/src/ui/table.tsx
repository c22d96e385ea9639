// Lists that the node pages: a plain table, because these lists are read, printed and followed by
// links, for which a reader's own table commands serve better than a grid that takes the arrow
// keys. On narrow screens each row is a card whose cells carry the name of their column.
import type { ReactNode } from "react";
import { Text } from "../i18n/text.tsx";
import { Button } from "./button.tsx";

export interface Column<T> {
  key: string;
  title: string;
  cell: (row: T) => ReactNode;
  // Numbers stand at the end of their column.
  numeric?: boolean;
  // Names the row for a reader.
  rowHeader?: boolean;
  // What a narrow screen can do without.
  minor?: boolean;
}

export interface TableProps<T> {
  caption: string;
  hideCaption?: boolean;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  empty?: ReactNode;
  // Marks a row: "late", "new".
  rowTone?: (row: T) => string | null;
}

export function Table<T>(props: TableProps<T>) {
  if (props.rows.length === 0 && props.empty) return props.empty;
  return (
    // biome-ignore-start lint/a11y/useSemanticElements: the roles outlive display: block
    // biome-ignore-start lint/a11y/noRedundantRoles: as above
    <div className="table-frame">
      <table className="table" role="table">
        <caption className={props.hideCaption ? "visually-hidden" : "table-caption"}>
          {props.caption}
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            {props.columns.map((column) => (
              <th
                key={column.key}
                role="columnheader"
                scope="col"
                className={column.numeric ? "numeric" : undefined}
              >
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {props.rows.map((row) => (
            <tr key={props.rowKey(row)} role="row" className={props.rowTone?.(row) ?? undefined}>
              {props.columns.map((column) => {
                const className = [column.numeric ? "numeric" : "", column.minor ? "minor" : ""]
                  .filter(Boolean)
                  .join(" ");
                const rest = {
                  className: className || undefined,
                  "data-title": column.title,
                };
                return column.rowHeader ? (
                  <th key={column.key} scope="row" role="rowheader" {...rest}>
                    {/* One piece, whatever is in it: on narrow screens it stands beside its title. */}
                    <div className="cell">{column.cell(row)}</div>
                  </th>
                ) : (
                  <td key={column.key} role="cell" {...rest}>
                    <div className="cell">{column.cell(row)}</div>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    // biome-ignore-end lint/a11y/useSemanticElements: as above
    // biome-ignore-end lint/a11y/noRedundantRoles: as above
  );
}

// Forward and back through pages of the node; `paged` comes from usePaged (api/queries.ts).
export function Pager(props: {
  paged: {
    page: number;
    hasNext: boolean;
    loading: boolean;
    total: number | null;
    next: () => void;
    previous: () => void;
  };
}) {
  const { page, hasNext, loading, total, next, previous } = props.paged;
  if (page === 1 && !hasNext) return null;
  return (
    <div className="pager">
      <Button small isDisabled={page === 1 || loading} onPress={previous}>
        <Text k="page.previous" />
      </Button>
      <span role="status">
        {total === null ? (
          <Text k="page.number" page={page} />
        ) : (
          <Text k="page.number-of" page={page} total={total} />
        )}
      </span>
      <Button small isDisabled={!hasNext || loading} onPress={next}>
        <Text k="page.next" />
      </Button>
    </div>
  );
}
