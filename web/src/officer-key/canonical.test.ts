import { describe, expect, it } from "vitest";
import { CanonicalError, canonical } from "./canonical.ts";

describe("the canonical form", () => {
  it("is that of the example of RFC 8785 section 3.2.3, for its strings", () => {
    const value = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    expect(canonical(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  it("spells strings the one way", () => {
    expect(canonical('\u0000\b\t\n\u000b\f\r\u001f"\\/\u007fé')).toBe(
      '"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\\"\\\\/\u007fé"',
    );
  });

  it.each([
    [0, "0"],
    [-0, "0"],
    [9_007_199_254_740_991, "9007199254740991"],
    [1e-7, "1e-7"],
    [1.5, "1.5"],
  ])("writes %d as %s", (value, text) => {
    expect(canonical(value)).toBe(text);
  });

  it("has no blanks and keeps the order of lists", () => {
    expect(canonical({ b: [3, 1, { z: true, a: null }], a: {} })).toBe(
      '{"a":{},"b":[3,1,{"a":null,"z":true}]}',
    );
  });

  it.each([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [9_007_199_254_740_992],
    ["\ud800"],
    [{ "\udc00": 1 }],
    [undefined],
    [{ a: undefined }],
    [1n],
  ])("refuses what has none: %s", (value) => {
    expect(() => canonical(value)).toThrow(CanonicalError);
  });
});
