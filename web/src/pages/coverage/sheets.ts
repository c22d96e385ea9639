// Tables of coverage as CSV (RFC 4180), in the columns of the commands (docs/formats/coverage.md). Pure.
import type { Coverage, CoverageGaps, CoverageWhatIf, Mode } from "../../api/types.ts";

type Value = string | number | null;

function cell(value: Value): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(header: readonly string[], rows: readonly (readonly Value[])[]): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

// A sheet that leaves the program says by itself that it is of an exercise.
export function modeText(mode: Mode): string {
  return mode.mode === "exercise" ? `exercise ${mode.exercise ?? ""}`.trim() : "operational";
}

const order = ["bilateral", "multilateral", "regional", "global"];
const closest = (claims: readonly { level: string }[]) =>
  order.find((level) => claims.some((claim) => claim.level === level)) ?? null;

export function coverageSheet(coverage: Coverage, area: string, mode: Mode): string {
  return csv(
    ["mode", "at", "from", "to", "area", "basis", "state", "verdict", "claimed"],
    coverage.rows
      .filter((row) => row.basis !== "own")
      .map((row) => [
        modeText(mode),
        coverage.at,
        coverage.party,
        row.party,
        area,
        row.basis,
        row.state,
        row.verdict,
        closest(row.claims),
      ]),
  );
}

export function gapsSheet(gaps: CoverageGaps, mode: Mode): string {
  return csv(
    ["mode", "at", "from", "to", "area", "state"],
    gaps.rows.flatMap((row) =>
      (["none", "claimed", "unverified", "assumed", "verified"] as const).flatMap((state) =>
        row[state].map((area) => [modeText(mode), gaps.at, gaps.party, row.party, area, state]),
      ),
    ),
  );
}

// What is supposed stands in each row: a row that is copied out of the sheet still says that it is no law.
export function whatIfSheet(answer: CoverageWhatIf, mode: Mode): string {
  const supposed = answer.supposed
    .map((one) => [one.step, one.party, one.instrument].filter(Boolean).join(" "))
    .join("; ");
  const columns = ["basis", "state", "verdict"] as const;
  return csv(
    [
      ...["mode", "at", "supposed", "from", "to", "area", "change"],
      ...columns.map((name) => `${name}_before`),
      ...columns.map((name) => `${name}_after`),
    ],
    answer.rows.map((row) => [
      modeText(mode),
      answer.at,
      supposed,
      answer.party,
      row.party,
      row.area,
      row.change,
      ...columns.map((name) => row.before[name]),
      ...columns.map((name) => row.after[name]),
    ]),
  );
}

// Name of a file that says what it is about: letters, digits and hyphens alone.
export function fileName(parts: readonly string[], ending: string): string {
  const plain = parts
    .map((part) => part.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, ""))
    .filter((part) => part !== "")
    .join("-");
  return `${plain}.${ending}`;
}
