import { describe, expect, it } from "vitest";
import { queryBytesMax, readSearch, searchAddress, searchPath } from "./search-query.ts";

describe("a search as an address", () => {
  it("comes back as it was", () => {
    for (const q of [
      '198.51.100.7 "a phrase"',
      "http://a.example/?b=c&d#e",
      "البحث",
      "+%20&",
      "é",
    ]) {
      const address = searchAddress({ q, type: "indicator" });
      expect(readSearch(address.slice(searchPath.length))).toEqual({ q, type: "indicator" });
    }
  });

  it("says nothing when nothing is looked for", () => {
    expect(searchAddress({ q: "  ", type: "" })).toBe(searchPath);
    expect(readSearch("")).toEqual({ q: "", type: "" });
    expect(readSearch("?other=1&q=%20a%20")).toEqual({ q: "a", type: "" });
  });

  it("holds as many bytes as the node takes, cut between characters", () => {
    const at = "a".repeat(queryBytesMax);
    expect(readSearch(`?q=${at}`).q).toBe(at);
    expect(readSearch(`?q=${at}b`).q).toBe(at);
    expect(readSearch(`?q=${at.slice(1)}${encodeURIComponent("é")}`).q).toBe(at.slice(1));
    expect(searchAddress({ q: `${at}b`, type: "" })).toBe(`${searchPath}?q=${at}`);
  });
});
