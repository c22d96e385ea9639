// Filters of a list, kept in the address of the page: a link shows what its sender saw, and "back" goes
// back. Only known names and non-empty values are read and written, always in one order, so that one choice has
// one address.

export type Filters<Name extends string> = { readonly [name in Name]: string };

export function readFilters<Name extends string>(
  names: readonly Name[],
  search: string,
): Filters<Name> {
  const given = new URLSearchParams(search);
  const out = {} as { [name in Name]: string };
  for (const name of names) out[name] = (given.get(name) ?? "").trim().slice(0, filterCharsMax);
  return out;
}

// "" or "?name=value&…".
export function writeFilters<Name extends string>(
  names: readonly Name[],
  filters: Filters<Name>,
): string {
  const out = new URLSearchParams();
  for (const name of names) {
    const value = filters[name].trim();
    if (value !== "") out.set(name, value);
  }
  const text = out.toString();
  return text === "" ? "" : `?${text}`;
}

export function anyFilter<Name extends string>(filters: Filters<Name>): boolean {
  return Object.values(filters).some((value) => value !== "");
}

// Longer texts are cut: no name, code or id is as long.
export const filterCharsMax = 200;
