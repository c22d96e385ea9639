// The RFC 8785 form of JSON: members by UTF-16 code units, no blanks, the shortest spelling. For
// what our statements hold: objects, lists, strings, booleans, null and whole numbers.
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

export class CanonicalError extends Error {}

const loneSurrogate = /\p{Surrogate}/u;

function text(value: string): string {
  if (loneSurrogate.test(value)) throw new CanonicalError("a lone surrogate has no canonical form");
  return JSON.stringify(value);
}

export function canonical(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    // JSON.stringify writes numbers as ECMAScript does, which is what RFC 8785 asks for; what is
    // larger may have lost digits on its way here.
    if (!Number.isFinite(value)) throw new CanonicalError("a number that JSON does not know");
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new CanonicalError("an integer beyond 2^53-1");
    }
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object") {
    const members = Object.entries(value as { [name: string]: unknown });
    // The default order of sort() is that of UTF-16 code units.
    members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${members.map(([name, member]) => `${text(name)}:${canonical(member)}`).join(",")}}`;
  }
  throw new CanonicalError(`${typeof value} is not JSON`);
}
