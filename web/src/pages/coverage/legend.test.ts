import { describe, expect, it } from "vitest";
import type { CoverageRow } from "../../api/types.ts";
import { bases, counted, letter, letterOf } from "./legend.ts";

const row = (basis: CoverageRow["basis"], state: CoverageRow["state"]): CoverageRow => ({
  party: "XA",
  name: "",
  basis,
  state,
  verdict: "permitted",
  instruments: [],
});

describe("letters of the map", () => {
  it("differ for every basis", () => {
    expect(new Set(bases.map(letterOf)).size).toBe(bases.length);
    expect(
      ["bilateral", "multilateral", "regional", "global"].map((b) => letterOf(b as never)).join(""),
    ).toBe("BMRG");
  });

  it("say when nothing was verified", () => {
    expect(letter(row("bilateral", "verified"))).toBe("B");
    expect(letter(row("bilateral", "unverified"))).toBe("B?");
    expect(letter(row("global", "assumed"))).toBe("G?");
    expect(letter(row("none", "none"))).toBe("–");
    expect(letter(row("own", "none"))).toBe("●");
  });
});

describe("counts", () => {
  it("are the node's, and of the rows where it does not say", () => {
    const rows = [row("bilateral", "verified"), row("none", "none"), row("none", "none")];
    expect(counted({ rows, counts: {} })).toMatchObject({ bilateral: 1, none: 2, global: 0 });
    expect(counted({ rows, counts: { none: 190 } })).toMatchObject({ bilateral: 1, none: 190 });
  });
});
