// A STIX object as rows of a table: one for each value, named by its path. Pure; nothing is left out silently.

export type ObjectRow = { path: string; value: string };
export type ObjectRows = { rows: ObjectRow[]; more: number };

// An object with more values than this is read in its raw form; the table says how many are not in it.
export const objectRowsMax = 400;
// Deeper values stand as JSON text in one row.
export const objectDepthMax = 8;

export function objectRows(object: unknown): ObjectRows {
  const rows: ObjectRow[] = [];
  let more = 0;
  const add = (path: string, value: string) => {
    if (rows.length < objectRowsMax) rows.push({ path, value });
    else more += 1;
  };
  const walk = (value: unknown, path: string, depth: number) => {
    if (value === null || typeof value !== "object") return add(path, scalar(value));
    if (depth >= objectDepthMax) return add(path, JSON.stringify(value));
    if (Array.isArray(value)) {
      if (value.length === 0) return add(path, "[]");
      for (const [index, element] of value.entries()) walk(element, `${path}[${index}]`, depth + 1);
      return;
    }
    const members = Object.entries(value);
    if (members.length === 0 && path !== "") return add(path, "{}");
    for (const [name, element] of members)
      walk(element, path === "" ? name : `${path}.${name}`, depth + 1);
  };
  walk(object, "", 0);
  return { rows, more };
}

function scalar(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
