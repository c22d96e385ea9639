// What somebody supposes about the law, how the node is asked about it, and what its answer marks on the map.
// None of it is law, and nothing of it is kept but in the memory of this window. Pure.
import type { CoverageChange, FileProblem } from "../../api/types.ts";

// Bounds of the node (docs/formats/coverage.md).
export const stepsMax = 64; // of each kind
export const fileBytesMax = 256 * 1024;

export type StepKind = "accede" | "withdraw";

// A party joins or leaves an instrument.
export interface Step {
  readonly kind: StepKind;
  readonly party: string;
  readonly instrument: string;
  readonly title: string;
}

// A file stands in the register.
export interface AddedFile {
  readonly kind: "add";
  readonly name: string;
  readonly text: string;
}

export type NewSupposition = Step | AddedFile;
// `key` is never used twice.
export type Supposition = NewSupposition & { readonly key: number };

export type Added =
  | { readonly ok: true; readonly list: readonly Supposition[] }
  | { readonly ok: false; readonly why: "there" | "full" };

// One more: the same step is not there twice, and a file takes the place of the one before.
export function added(list: readonly Supposition[], next: NewSupposition, key: number): Added {
  if (next.kind === "add")
    return { ok: true, list: [...list.filter((one) => one.kind !== "add"), { ...next, key }] };
  const alike = list.filter((one) => one.kind === next.kind);
  if (alike.some((one) => nameOf(one) === nameOf(next))) return { ok: false, why: "there" };
  if (alike.length >= stepsMax) return { ok: false, why: "full" };
  return { ok: true, list: [...list, { ...next, key }] };
}

export function nameOf(one: NewSupposition): string {
  return one.kind === "add" ? one.name : `${one.party}:${one.instrument}`;
}

export function fileOf(list: readonly Supposition[]): (AddedFile & { key: number }) | null {
  for (const one of list) if (one.kind === "add") return one;
  return null;
}

export interface Question {
  party: string;
  at: string;
  area: string;
}

export interface WhatIfBody {
  party: string;
  at: string;
  area?: string;
  accede?: string[];
  withdraw?: string[];
  file?: string;
}

// The body of the request; what is not supposed is not in it.
export function bodyOf(list: readonly Supposition[], question: Question): WhatIfBody {
  const out: WhatIfBody = { party: question.party, at: question.at };
  if (question.area !== "") out.area = question.area;
  for (const kind of ["accede", "withdraw"] as const) {
    const steps = list.filter((one) => one.kind === kind).map(nameOf);
    if (steps.length > 0) out[kind] = steps;
  }
  const file = fileOf(list);
  if (file) out.file = file.text;
  return out;
}

// Which supposition a refusal is about, by the place that the node names: "$.accede[0]", "$.file".
export function meantBy(where: string | null, list: readonly Supposition[]): Supposition | null {
  const step = /^(?:\$\.)?(accede|withdraw)\[(\d+)\]/.exec(where ?? "");
  if (step) return list.filter((one) => one.kind === step[1])[Number(step[2])] ?? null;
  if (/^(?:\$\.)?file\b/.test(where ?? "")) return fileOf(list);
  return null;
}

// The text of a file from disk, or why it cannot be sent.
export type Read =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: "large" | "empty" | "no-text" };

export async function readFile(file: Pick<File, "size" | "arrayBuffer">): Promise<Read> {
  if (file.size > fileBytesMax) return { ok: false, why: "large" };
  if (file.size === 0) return { ok: false, why: "empty" };
  try {
    // As it is on disk, a mark of byte order included, so that lines and columns are those of the file.
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { ok: true, text: decoder.decode(await file.arrayBuffer()) };
  } catch {
    return { ok: false, why: "no-text" };
  }
}

export type Change = CoverageChange["change"];
export const changes: readonly Change[] = ["gained", "lost", "changed", "claimed", "unclaimed"];

// What the map says of a state: all that changes with it, in one sign.
export type MapMark = "gained" | "lost" | "changed" | "claims";
export const mapMarks: readonly MapMark[] = ["gained", "lost", "changed", "claims"];

const signs: { readonly [M in MapMark]: string } = {
  gained: "+",
  lost: "−",
  changed: "±",
  claims: "c",
};

export function signOf(mark: MapMark): string {
  return signs[mark];
}

const markOfChange: { readonly [C in Change]: MapMark } = {
  gained: "gained",
  lost: "lost",
  changed: "changed",
  claimed: "claims",
  unclaimed: "claims",
};

export function signOfChange(change: Change): string {
  return signs[markOfChange[change]];
}

// State → mark. Only gained or only lost says so; both, or another basis, is "changed"; claims count where
// there is nothing else.
export function marksOf(
  rows: readonly Pick<CoverageChange, "party" | "change">[],
): Map<string, MapMark> {
  const out = new Map<string, MapMark>();
  for (const row of rows) {
    const mark = markOfChange[row.change];
    const before = out.get(row.party);
    if (before === undefined || before === "claims") out.set(row.party, mark);
    else if (mark !== "claims" && mark !== before) out.set(row.party, "changed");
  }
  return out;
}

// Where in a file, for who looks it up in an editor; null: the file as a whole.
export function placeOf(problem: Pick<FileProblem, "line" | "column">): string | null {
  return problem.line > 0 ? `${problem.line}:${problem.column}` : null;
}
