import { describe, expect, it } from "vitest";
import { isAbout, verificationOf } from "./verification.ts";

const act = (changed: object = {}, outer: object = {}) => ({
  type: "comity-act",
  format: 1,
  act: "verify",
  arguments: {
    instrument: "ru-cn-2015",
    clause: "c3-15",
    digest: "sha256:aa",
    source: "BGBl. II 2015",
    date: "2026-11-28",
    ...changed,
  },
  ...outer,
});
const clause = { id: "c3-15", digest: "sha256:aa" };

describe("the act that verifies a clause", () => {
  it("is read whole", () => {
    expect(verificationOf(act())).toEqual(act().arguments);
  });

  it("is nothing when it is another act, or lacks something", () => {
    expect(verificationOf({})).toBeNull();
    expect(verificationOf(act({}, { act: "suspend" }))).toBeNull();
    expect(verificationOf(act({}, { type: "comity-consent" }))).toBeNull();
    expect(verificationOf(act({}, { arguments: null }))).toBeNull();
    for (const member of ["instrument", "clause", "digest", "source", "date"])
      for (const value of [undefined, "", 5])
        expect(verificationOf(act({ [member]: value }))).toBeNull();
  });

  it("is signed only for the row that is shown", () => {
    expect(isAbout(act(), "ru-cn-2015", clause)).toBe(true);
    expect(isAbout(act({ digest: "sha256:ab" }), "ru-cn-2015", clause)).toBe(false);
    expect(isAbout(act({ clause: "c6-1" }), "ru-cn-2015", clause)).toBe(false);
    expect(isAbout(act(), "sco-2009", clause)).toBe(false);
    expect(isAbout({}, "ru-cn-2015", clause)).toBe(false);
  });
});
