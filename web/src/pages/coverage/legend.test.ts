import { describe, expect, it } from "vitest";
import type { CoverageRow } from "../../api/types.ts";
import {
  counted,
  countedStates,
  letter,
  letterOf,
  lookOf,
  looks,
  markOf,
  states,
} from "./legend.ts";

const row = (basis: CoverageRow["basis"], state: CoverageRow["state"]): CoverageRow => ({
  party: "XA",
  name: "",
  basis,
  state,
  verdict: "permitted",
  instruments: [],
  claims: [],
});

describe("letters of the map", () => {
  it("differ for every look", () => {
    expect(new Set(looks.map(letterOf)).size).toBe(looks.length);
    expect(
      ["bilateral", "multilateral", "regional", "global", "claimed"]
        .map((b) => letterOf(b as never))
        .join(""),
    ).toBe("BMRGC");
  });

  it("say how sure a basis is, each state by another sign", () => {
    expect(letter(row("bilateral", "verified"))).toBe("B");
    expect(letter(row("bilateral", "unverified"))).toBe("B?");
    expect(letter(row("global", "assumed"))).toBe("G~");
    expect(letter(row("none", "none"))).toBe("–");
    expect(letter(row("own", "none"))).toBe("●");
    expect(new Set(states.map(markOf)).size).toBe(states.length);
  });

  it("tell a claim from a basis and from a gap", () => {
    expect(lookOf(row("none", "claimed"))).toBe("claimed");
    expect(lookOf(row("none", "none"))).toBe("none");
    expect(lookOf(row("own", "none"))).toBe("own");
    expect(letter(row("none", "claimed"))).toBe("C");
  });
});

describe("counts", () => {
  const rows = [
    row("bilateral", "verified"),
    row("none", "none"),
    row("none", "claimed"),
    row("own", "none"),
  ];

  it("are the node's, and of the rows where it does not say", () => {
    expect(counted({ rows, counts: {}, states: {} })).toMatchObject({
      bilateral: 1,
      claimed: 1,
      none: 1,
      global: 0,
    });
    expect(counted({ rows, counts: { none: 190 }, states: { claimed: 40 } })).toMatchObject({
      bilateral: 1,
      claimed: 40,
      none: 150,
    });
  });

  it("leave the own party out of the states", () => {
    expect(countedStates({ rows, states: {} })).toEqual({
      verified: 1,
      unverified: 0,
      assumed: 0,
      claimed: 1,
      none: 1,
    });
  });
});
