import { describe, expect, it } from "vitest";
import { partText } from "./part-date.tsx";

describe("a date that is known in part", () => {
  it("shows no more than is known", () => {
    expect(partText("2015", "en-GB")).toBe("2015");
    expect(partText("2024-03", "en-GB")).toBe("March 2024");
    expect(partText("2024-03", "ar-u-nu-latn")).toContain("2024");
    expect(partText("2024-03", "ar-u-nu-latn")).not.toMatch(/\b1\b/);
  });

  it("leaves whole days and instants, and what is no date, to others", () => {
    for (const text of ["2024-03-01", "2024-03-01T00:00:00Z", "", "2024-13", "soon"])
      expect(partText(text, "en-GB")).toBeNull();
  });
});
