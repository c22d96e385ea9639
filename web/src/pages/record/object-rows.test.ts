import { describe, expect, it } from "vitest";
import { objectDepthMax, objectRows, objectRowsMax } from "./object-rows.ts";

describe("an object as rows", () => {
  it("names every value by its path, in the order of the object", () => {
    const { rows, more } = objectRows({
      type: "indicator",
      labels: ["a", "b"],
      revoked: false,
      external_references: [{ source_name: "x", url: "https://example.org/" }],
      empty: {},
      none: [],
      confidence: 0,
    });
    expect(more).toBe(0);
    expect(rows).toEqual([
      { path: "type", value: "indicator" },
      { path: "labels[0]", value: "a" },
      { path: "labels[1]", value: "b" },
      { path: "revoked", value: "false" },
      { path: "external_references[0].source_name", value: "x" },
      { path: "external_references[0].url", value: "https://example.org/" },
      { path: "empty", value: "{}" },
      { path: "none", value: "[]" },
      { path: "confidence", value: "0" },
    ]);
  });

  it("counts what is beyond the bound", () => {
    const many = (n: number) => objectRows({ x: Array.from({ length: n }, (_, i) => i) });
    expect(many(objectRowsMax)).toMatchObject({ more: 0 });
    expect(many(objectRowsMax + 3)).toMatchObject({ more: 3 });
    expect(many(objectRowsMax + 3).rows).toHaveLength(objectRowsMax);
  });

  it("stops at the depth bound and keeps the rest as text", () => {
    let deep: unknown = "end";
    for (let i = 0; i < 200; i += 1) deep = { a: deep };
    const { rows } = objectRows(deep);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.path.split(".")).toHaveLength(objectDepthMax);
    expect(rows[0]?.value).toContain('"end"');
  });
});
