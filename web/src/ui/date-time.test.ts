import { describe, expect, it } from "vitest";
import zones from "./capitals.json" with { type: "json" };
import { dateText, relativeDay, relativeText } from "./date-time.tsx";

describe("an instant", () => {
  it("is written with its zone", () => {
    expect(dateText("2026-11-28T14:05:00Z", "en-GB", null)).toBe("28 Nov 2026, 14:05 UTC");
    expect(dateText("2026-11-28T21:05:00Z", "en-GB", "Asia/Almaty")).toMatch(
      /^29 Nov 2026, 02:05 \S+/,
    );
  });

  it("has Western digits and the calendar of the others in Arabic", () => {
    const text = dateText("2026-11-28T14:05:00Z", "ar-u-nu-latn", null);
    expect(text).toMatch(/2026/);
    expect(text).toMatch(/14:05/);
  });

  it("that is a day has no hour, and is the same day in every zone", () => {
    expect(dateText("2009-06-16", "en-GB", "America/Los_Angeles")).toBe("16 Jun 2009");
  });

  it("that is a day has its month in words, as an instant has, in every language", () => {
    expect(dateText("2015-05-08", "ar-u-nu-latn", null)).toBe("8 مايو 2015");
  });

  it("that is none is nothing", () => {
    for (const text of ["", "soon", "2026-13-01", "2026-11-28T99:00:00Z"]) {
      expect(dateText(text, "en-GB", null)).toBeNull();
    }
  });

  it("is near or far", () => {
    const now = new Date("2026-11-28T12:00:00Z");
    expect(relativeText("2026-11-28T09:00:00Z", now, "en-GB")).toBe("3 hours ago");
    expect(relativeText("2026-11-30T12:00:00Z", now, "en-GB")).toBe("in 2 days");
    expect(relativeText("2026-11-28T12:00:30Z", now, "en-GB")).toBe("this minute");
    expect(relativeText("soon", now, "en-GB")).toBeNull();
  });
});

it("a day is told from another day", () => {
  expect(relativeDay("2026-11-28", "2026-11-28", "en-GB")).toBe("today");
  expect(relativeDay("2026-12-28", "2026-11-28", "en-GB")).toBe("in 30 days");
  expect(relativeDay("2026-11-20", "2026-11-28", "en-GB")).toBe("8 days ago");
  expect(relativeDay("soon", "2026-11-28", "en-GB")).toBeNull();
});

it("zones of capitals are ones that Intl knows", () => {
  expect(Object.keys(zones).length).toBeGreaterThanOrEqual(193);
  for (const [code, zone] of Object.entries(zones)) {
    expect(code).toMatch(/^[A-Z]{2}$/);
    expect(() => new Intl.DateTimeFormat("en", { timeZone: zone })).not.toThrow();
  }
});
