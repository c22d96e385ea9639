// A sentence as the node sends it, key and arguments, in the words of a catalogue. Strings are data,
// phrases within are worded first, lists are joined as the language joins them.
import type { Phrase } from "../api/types.ts";
import { type Catalogue, flat, type Part, type Value } from "./catalogue.ts";

// How deep phrases may stand in each other. A node sends two or three levels.
export const phraseDepthMax = 8;

type Argument = NonNullable<Phrase["args"]>[string];

export function phraseParts(catalogue: Catalogue, phrase: Phrase, depth = 0): Part[] {
  if (depth >= phraseDepthMax) return [{ kind: "words", text: "…" }];
  const values: { [name: string]: Value } = {};
  for (const [name, value] of Object.entries(phrase.args ?? {})) {
    values[name] =
      typeof value === "string" || typeof value === "number"
        ? value
        : argumentParts(catalogue, value, depth);
  }
  return catalogue.parts(phrase.key, values);
}

function argumentParts(
  catalogue: Catalogue,
  value: Exclude<Argument, string | number>,
  depth: number,
): Part[] {
  if ("key" in value) return phraseParts(catalogue, value, depth + 1);
  const items = value.items.map((item): Part[] =>
    typeof item === "string"
      ? [{ kind: "data", text: item }]
      : phraseParts(catalogue, item, depth + 1),
  );
  return joined(catalogue, items, value.list);
}

// `items` as one list: "a, b and c".
export function joined(catalogue: Catalogue, items: Part[][], list: "and" | "or"): Part[] {
  const format = new Intl.ListFormat(catalogue.locale, {
    type: list === "and" ? "conjunction" : "disjunction",
  });
  let next = 0;
  return format
    .formatToParts(items.map((_, i) => String(i)))
    .flatMap((part): Part[] =>
      part.type === "element" ? (items[next++] ?? []) : [{ kind: "words", text: part.value }],
    );
}

export function phraseText(catalogue: Catalogue, phrase: Phrase): string {
  return flat(phraseParts(catalogue, phrase));
}

// Whether a human reviewed every message that takes part.
export function phraseReviewed(catalogue: Catalogue, phrase: Phrase, depth = 0): boolean {
  if (depth >= phraseDepthMax) return false;
  const inner = (value: Argument): boolean => {
    if (typeof value !== "object") return true;
    if ("key" in value) return phraseReviewed(catalogue, value, depth + 1);
    return value.items.every(
      (item) => typeof item === "string" || phraseReviewed(catalogue, item, depth + 1),
    );
  };
  return catalogue.reviewed(phrase.key) && Object.values(phrase.args ?? {}).every(inner);
}
