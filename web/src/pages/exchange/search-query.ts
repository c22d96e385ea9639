// What somebody searches for, as part of the address of the page: a link shows what its sender saw.

export interface SearchQuery {
  q: string;
  type: string;
}

// More than the node takes is cut, between characters.
export const queryBytesMax = 2048;

export const searchPath = "/exchange/search";

function within(text: string, bytesMax: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= bytesMax) return text;
  // What of the last character is left would be decoded as U+FFFD.
  return new TextDecoder().decode(bytes.slice(0, bytesMax)).replace(/�+$/, "");
}

export function readSearch(search: string): SearchQuery {
  const given = new URLSearchParams(search);
  return {
    q: within((given.get("q") ?? "").trim(), queryBytesMax),
    type: within((given.get("type") ?? "").trim(), 100),
  };
}

// The address of the page of results; of the page that asks what to look for, when nothing is said.
export function searchAddress(query: SearchQuery): string {
  const out = new URLSearchParams();
  const q = within(query.q.trim(), queryBytesMax);
  if (q) out.set("q", q);
  if (query.type) out.set("type", query.type);
  const text = out.toString();
  return text ? `${searchPath}?${text}` : searchPath;
}
