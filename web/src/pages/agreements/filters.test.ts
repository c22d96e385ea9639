import { describe, expect, it } from "vitest";
import { anyFilter, filterCharsMax, readFilters, writeFilters } from "./filters.ts";

const names = ["q", "party", "status"] as const;

describe("filters in the address", () => {
  it("comes back as it was written", () => {
    const filters = { q: "режим & опасности", party: "XA", status: "" };
    const text = writeFilters(names, filters);
    expect(readFilters(names, text)).toEqual(filters);
    expect(text).not.toContain("status");
  });

  it("gives one choice one address, whatever the order it was typed in", () => {
    expect(writeFilters(names, readFilters(names, "?status=unknown&q=x"))).toBe(
      "?q=x&status=unknown",
    );
  });

  it("leaves out what it does not know, blanks and the cursor", () => {
    expect(readFilters(names, "?cursor=abc&constructor=1&q=%20%20")).toEqual({
      q: "",
      party: "",
      status: "",
    });
    expect(writeFilters(names, { q: " ", party: "", status: "" })).toBe("");
  });

  it("cuts at the bound", () => {
    const at = "x".repeat(filterCharsMax);
    expect(readFilters(names, `?q=${at}`).q).toBe(at);
    expect(readFilters(names, `?q=${at}x`).q).toBe(at);
  });

  it("knows whether anything is filtered", () => {
    expect(anyFilter(readFilters(names, ""))).toBe(false);
    expect(anyFilter(readFilters(names, "?party=XB"))).toBe(true);
  });
});
