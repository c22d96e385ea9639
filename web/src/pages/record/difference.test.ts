import { describe, expect, it } from "vitest";
import type { Recipient, Recipients } from "../../api/types.ts";
import { byVerdict, differences, matching } from "./difference.ts";

function recipient(party: string, verdict: Recipient["verdict"], clause = "a3"): Recipient {
  const cited = verdict === "permitted" || verdict === "needs";
  return {
    party,
    verdict,
    reach: "paired",
    already: false,
    basis: cited
      ? [
          {
            instrument: "xa-xb-2024",
            title: "",
            clause,
            article: "",
            status: "unverified",
            sentence: null,
            says: null,
          },
        ]
      : [],
    needs: [],
    reasons: [],
    duties: [],
    advice: [],
    assumed: [],
    because: null,
  };
}

function answer(...parties: Recipient[]): Recipients {
  return {
    at: "2026-11-28T12:00:00Z",
    register: "sha256:0",
    counts: { permitted: 0, needs: 0, forbidden: 0, "no-basis": 0 },
    parties,
  };
}

describe("differences of two answers", () => {
  it("is empty for equal answers, in whatever order the parties stand", () => {
    const a = answer(recipient("XA", "permitted"), recipient("XB", "needs"));
    const b = answer(recipient("XB", "needs"), recipient("XA", "permitted"));
    expect(differences(a, b)).toEqual([]);
  });

  it("names what the verdict was and is, what opens first", () => {
    const before = answer(
      recipient("XA", "permitted"),
      recipient("XB", "no-basis"),
      recipient("XC", "needs"),
    );
    const after = answer(
      recipient("XA", "no-basis"),
      recipient("XB", "permitted"),
      recipient("XC", "needs"),
    );
    expect(differences(before, after)).toEqual([
      { party: "XB", before: "no-basis", after: "permitted", groundOnly: false },
      { party: "XA", before: "permitted", after: "no-basis", groundOnly: false },
    ]);
  });

  it("tells another ground from another verdict and puts it last", () => {
    const before = answer(recipient("XA", "permitted", "a3"), recipient("XB", "permitted"));
    const after = answer(recipient("XA", "permitted", "a7"), recipient("XB", "forbidden"));
    expect(differences(before, after)).toEqual([
      { party: "XB", before: "permitted", after: "forbidden", groundOnly: false },
      { party: "XA", before: "permitted", after: "permitted", groundOnly: true },
    ]);
  });

  it("keeps a party that only one of the two registers knows", () => {
    expect(differences(answer(), answer(recipient("XD", "needs")))).toEqual([
      { party: "XD", before: null, after: "needs", groundOnly: false },
    ]);
    expect(differences(answer(recipient("XD", "needs")), answer())).toEqual([
      { party: "XD", before: "needs", after: null, groundOnly: false },
    ]);
  });
});

describe("groups and search", () => {
  it("puts every party into exactly one group", () => {
    const all = [
      recipient("XA", "permitted"),
      recipient("XB", "forbidden"),
      recipient("XC", "forbidden"),
    ];
    const groups = byVerdict(all);
    expect(groups.forbidden.map((r) => r.party)).toEqual(["XB", "XC"]);
    expect(Object.values(groups).flat()).toHaveLength(all.length);
  });

  it("finds by name and code, without case and accents", () => {
    const names: Record<string, string> = { CI: "Côte d’Ivoire", TR: "Türkiye", AE: "الإِمارات" };
    const rows = Object.keys(names).map((party) => ({ party }));
    const found = (text: string) => matching(rows, text, (c) => names[c] ?? c).map((r) => r.party);
    expect(found("cote")).toEqual(["CI"]);
    expect(found("TURK")).toEqual(["TR"]);
    expect(found("الامارات")).toEqual(["AE"]);
    expect(found("ci")).toEqual(["CI"]);
    expect(found("  ")).toEqual(["CI", "TR", "AE"]);
    expect(found("zz")).toEqual([]);
  });
});
