// Which rows of gaps fit a filter. Pure.
import type { CoverageGap } from "../../api/types.ts";

// `kind`: "none", "claimed" or "" for either; `area` "" for any. A state with neither gap nor claim is in no
// list of gaps.
export function fits(
  row: Pick<CoverageGap, "none" | "claimed">,
  kind: string,
  area: string,
): boolean {
  const lists = [
    ...(kind === "claimed" ? [] : [row.none]),
    ...(kind === "none" ? [] : [row.claimed]),
  ];
  return lists.some((areas) => (area === "" ? areas.length > 0 : areas.includes(area)));
}
