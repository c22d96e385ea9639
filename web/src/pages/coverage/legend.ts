// What a state looks like on the map: a letter and a pattern, so that nothing depends on colour. Pure.
import type { Coverage, CoverageRow } from "../../api/types.ts";

export type Basis = CoverageRow["basis"];

// In the order of the legend: what binds most closely first.
export const bases: readonly Basis[] = [
  "bilateral",
  "multilateral",
  "regional",
  "global",
  "none",
  "own",
];

const letters: { readonly [B in Basis]: string } = {
  bilateral: "B",
  multilateral: "M",
  regional: "R",
  global: "G",
  none: "–",
  own: "●",
};

// The letter of a state. "?" behind it: nothing of it was verified by this party, or it is assumed.
export function letter(row: Pick<CoverageRow, "basis" | "state">): string {
  const unsure = row.state === "unverified" || row.state === "assumed";
  return letters[row.basis] + (unsure && row.basis !== "none" && row.basis !== "own" ? "?" : "");
}

export function letterOf(basis: Basis): string {
  return letters[basis];
}

// How many states have each basis, counted from the rows when the node does not say.
export function counted(coverage: Pick<Coverage, "rows" | "counts">): { [basis in Basis]: number } {
  const out = { bilateral: 0, multilateral: 0, regional: 0, global: 0, none: 0, own: 0 };
  for (const row of coverage.rows) out[row.basis] += 1;
  for (const basis of bases) out[basis] = coverage.counts[basis] ?? out[basis];
  return out;
}
