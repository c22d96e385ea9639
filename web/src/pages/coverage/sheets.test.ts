import { describe, expect, it } from "vitest";
import { coverageSheet, csv, fileName, gapsSheet, modeText, whatIfSheet } from "./sheets.ts";

const exercise = { mode: "exercise", exercise: "demo" } as const;

describe("a sheet", () => {
  it("quotes what would end a value, and ends each line with CRLF", () => {
    expect(
      csv(
        ["a", "b"],
        [
          ["x,y", 'say "z"'],
          ["line\nbreak", null],
          [1, "plain"],
        ],
      ),
    ).toBe('a,b\r\n"x,y","say ""z"""\r\n"line\nbreak",\r\n1,plain\r\n');
  });

  it("says its mode, and begins no cell with what a spreadsheet would reckon", () => {
    expect(modeText({ mode: "exercise", exercise: "=1+1" })).toBe("exercise =1+1");
    expect(modeText(exercise)).toBe("exercise demo");
    expect(modeText({ mode: "operational", exercise: null })).toBe("operational");
  });
});

describe("sheets of coverage", () => {
  it("have the columns of the command, without the party itself", () => {
    const base = (party: string) => ({
      party,
      name: "",
      instruments: [],
      claims: [],
      verdict: "needs" as const,
    });
    const claim = { instrument: "", title: "", by: "", provenance: "" };
    const text = coverageSheet(
      {
        party: "KZ",
        at: "2026-11-23T00:00:00Z",
        counts: {},
        states: {},
        rows: [
          { ...base("KZ"), basis: "own", state: "none" },
          { ...base("FR"), basis: "global", state: "unverified" },
          {
            ...base("RU"),
            basis: "none",
            state: "claimed",
            verdict: "no-basis",
            claims: [
              { ...claim, level: "global" },
              { ...claim, level: "regional" },
            ],
          },
        ],
      },
      "crime",
      exercise,
    );
    expect(text.split("\r\n")).toEqual([
      "mode,at,from,to,area,basis,state,verdict,claimed",
      "exercise demo,2026-11-23T00:00:00Z,KZ,FR,crime,global,unverified,needs,",
      "exercise demo,2026-11-23T00:00:00Z,KZ,RU,crime,none,claimed,no-basis,regional",
      "",
    ]);
  });

  it("have a line for each gap", () => {
    const text = gapsSheet(
      {
        party: "KZ",
        at: "2026-11-23T00:00:00Z",
        counts: {},
        rows: [
          {
            party: "FR",
            name: "",
            none: ["crime", "evidence"],
            claimed: ["research"],
            unverified: [],
            assumed: [],
            verified: [],
            claims: [],
            nearest: [],
          },
        ],
      },
      exercise,
    );
    expect(text.trim().split("\r\n").slice(1)).toEqual([
      "exercise demo,2026-11-23T00:00:00Z,KZ,FR,crime,none",
      "exercise demo,2026-11-23T00:00:00Z,KZ,FR,evidence,none",
      "exercise demo,2026-11-23T00:00:00Z,KZ,FR,research,claimed",
    ]);
  });

  it("say in every line what is only supposed", () => {
    const counts = { gained: 1, lost: 0, changed: 0, claimed: 0, unclaimed: 0 };
    const cell = { basis: "none", state: "none", verdict: "no-basis", supposed: false } as const;
    const text = whatIfSheet(
      {
        party: "KZ",
        at: "2026-11-23T00:00:00Z",
        area: null,
        problems: [],
        cells: counts,
        own: counts,
        pairs: 1,
        more: 0,
        supposed: [
          { step: "accede", party: "KZ", instrument: "coe-185", title: "" },
          { step: "add", party: null, instrument: "aa-bb-2030", title: "" },
        ],
        rows: [
          {
            party: "FR",
            name: "",
            area: "crime",
            change: "gained",
            before: { ...cell, instruments: [] },
            after: {
              basis: "global",
              state: "assumed",
              verdict: "needs",
              supposed: true,
              instruments: [],
            },
          },
        ],
      },
      exercise,
    );
    const [header, line] = text.trim().split("\r\n");
    expect(header?.split(",").length).toBe(line?.split(",").length);
    expect(line).toBe(
      "exercise demo,2026-11-23T00:00:00Z,accede KZ coe-185; add aa-bb-2030,KZ,FR,crime,gained," +
        "none,none,no-basis,global,assumed,needs",
    );
  });
});

describe("the name of a file", () => {
  it("has nothing in it that a system or a person could misread", () => {
    expect(fileName(["coverage", "KZ", "2026-11-23", "", "exercise demo"], "csv")).toBe(
      "coverage-KZ-2026-11-23-exercise-demo.csv",
    );
    expect(fileName(["..", "a/b"], "svg")).toBe("a-b.svg");
  });
});
