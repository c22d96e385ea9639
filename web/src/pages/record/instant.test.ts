import { describe, expect, it } from "vitest";
import { apiText, firstDay, instantOf, lastDay, stepped, steppedYears, valid } from "./instant.ts";

describe("instants", () => {
  it("reads days and instants, and nothing else", () => {
    expect(instantOf("2024-06-01")).toEqual({ day: "2024-06-01", time: "00:00" });
    expect(instantOf("2024-06-01T11:30:05.120000Z")).toEqual({
      day: "2024-06-01",
      time: "11:30:05",
    });
    for (const wrong of [
      "",
      "now",
      "2024-02-30",
      "2024-13-01",
      "2024-06-01T25:00Z",
      "2024-06-01T10:00",
    ])
      expect(instantOf(wrong)).toBeNull();
  });

  it("writes what the API takes", () => {
    expect(apiText({ day: "2024-06-01", time: "11:30" })).toBe("2024-06-01T11:30:00Z");
    expect(apiText({ day: "2024-06-01", time: "11:30:05" })).toBe("2024-06-01T11:30:05Z");
  });

  it("steps over months, leap days and years and keeps the time", () => {
    expect(stepped({ day: "2024-02-28", time: "09:00" }, 1)).toEqual({
      day: "2024-02-29",
      time: "09:00",
    });
    expect(stepped({ day: "2024-01-01", time: "09:00" }, -1).day).toBe("2023-12-31");
  });

  it("steps over years by the calendar", () => {
    expect(steppedYears({ day: "2024-06-01", time: "09:00" }, -1)).toEqual({
      day: "2023-06-01",
      time: "09:00",
    });
    expect(steppedYears({ day: "2024-02-29", time: "09:00" }, 1).day).toBe("2025-02-28");
    expect(steppedYears({ day: "2023-02-28", time: "09:00" }, 1).day).toBe("2024-02-28");
    expect(steppedYears({ day: lastDay, time: "09:00" }, 1).day).toBe(lastDay);
    expect(steppedYears({ day: firstDay, time: "09:00" }, -1).day).toBe(firstDay);
  });

  it("holds the bounds at both ends", () => {
    expect(valid({ day: firstDay, time: "00:00" })).not.toBeNull();
    expect(valid({ day: "1799-12-31", time: "00:00" })).toBeNull();
    expect(valid({ day: lastDay, time: "23:59" })).not.toBeNull();
    expect(valid({ day: "2200-01-01", time: "00:00" })).toBeNull();
    expect(stepped({ day: lastDay, time: "00:00" }, 1).day).toBe(lastDay);
    expect(stepped({ day: firstDay, time: "00:00" }, -1).day).toBe(firstDay);
  });
});
