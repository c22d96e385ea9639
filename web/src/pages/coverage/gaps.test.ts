import { describe, expect, it } from "vitest";
import { fits } from "./gaps.ts";

describe("a row of gaps", () => {
  const row = { none: ["crime"], claimed: ["research"] };

  it("fits by kind and area together", () => {
    expect(fits(row, "", "")).toBe(true);
    expect(fits(row, "none", "crime")).toBe(true);
    expect(fits(row, "none", "research")).toBe(false);
    expect(fits(row, "claimed", "research")).toBe(true);
    expect(fits(row, "claimed", "crime")).toBe(false);
    expect(fits(row, "", "training")).toBe(false);
  });

  it("is no gap where nothing is missing", () => {
    expect(fits({ none: [], claimed: [] }, "", "")).toBe(false);
    expect(fits({ none: ["crime"], claimed: [] }, "claimed", "")).toBe(false);
  });
});
