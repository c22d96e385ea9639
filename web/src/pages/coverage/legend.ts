// What a state looks like on the map: a letter and a pattern, so that nothing depends on colour. Pure.
import type { Coverage, CoverageCell, CoverageRow } from "../../api/types.ts";

export type Basis = CoverageRow["basis"];
export type State = CoverageRow["state"];
// A basis, or that there is none and somebody only claims that an agreement is about the area.
export type Look = Basis | "claimed";
type Cell = Pick<CoverageRow, "basis" | "state"> | Pick<CoverageCell, "basis" | "state">;

// In the order of the legend: what binds most closely first.
export const looks: readonly Look[] = [
  "bilateral",
  "multilateral",
  "regional",
  "global",
  "claimed",
  "none",
  "own",
];

// In the order of certainty.
export const states: readonly State[] = ["verified", "unverified", "assumed", "claimed", "none"];

const letters: { readonly [L in Look]: string } = {
  bilateral: "B",
  multilateral: "M",
  regional: "R",
  global: "G",
  claimed: "C",
  none: "–",
  own: "●",
};

// What stands behind the letter of a basis: how sure it is.
const marks: { readonly [S in State]: string } = {
  verified: "",
  unverified: "?",
  assumed: "~",
  claimed: "",
  none: "",
};

export function lookOf(cell: Cell): Look {
  return cell.basis === "none" && cell.state === "claimed" ? "claimed" : cell.basis;
}

// The letter of a state. "?" behind it: this party has not verified it. "~": it is assumed.
export function letter(cell: Cell): string {
  const look = lookOf(cell);
  const sure = look === "claimed" || look === "none" || look === "own";
  return letters[look] + (sure ? "" : marks[cell.state]);
}

export function letterOf(look: Look): string {
  return letters[look];
}

// The sign of a state by itself: of "only claimed" and "none" the letter says it.
export function markOf(state: State): string {
  if (state === "claimed" || state === "none") return letters[state];
  return marks[state] || "✓";
}

// How many states look how, counted from the rows when the node does not say.
export function counted(coverage: Pick<Coverage, "rows" | "counts" | "states">): {
  [look in Look]: number;
} {
  const out = {
    bilateral: 0,
    multilateral: 0,
    regional: 0,
    global: 0,
    claimed: 0,
    none: 0,
    own: 0,
  };
  for (const row of coverage.rows) out[lookOf(row)] += 1;
  const claimed = coverage.states.claimed ?? out.claimed;
  for (const look of looks) {
    const said = look === "claimed" ? claimed : coverage.counts[look];
    if (said !== undefined) out[look] = look === "none" ? said - claimed : said;
  }
  return out;
}

// The same by how sure the basis is; the own party is in none of them.
export function countedStates(coverage: Pick<Coverage, "rows" | "states">): {
  [state in State]: number;
} {
  const out = { verified: 0, unverified: 0, assumed: 0, claimed: 0, none: 0 };
  for (const row of coverage.rows) if (row.basis !== "own") out[row.state] += 1;
  for (const state of states) out[state] = coverage.states[state] ?? out[state];
  return out;
}
