import { describe, expect, it } from "vitest";
import { endingOf, idleMs } from "./session-watch.tsx";

describe("the end of a session", () => {
  const ends = "2026-11-28T12:00:00Z";
  const last = Date.parse(ends);

  it("is when it was not used for long enough", () => {
    expect(endingOf(ends, last - idleMs - 1)).toEqual({ at: last - 1, idle: true });
  });

  it("is its last instant when that comes first, and then nothing prolongs it", () => {
    expect(endingOf(ends, last - idleMs)).toEqual({ at: last, idle: false });
    expect(endingOf(ends, last - 1_000)).toEqual({ at: last, idle: false });
  });
});
