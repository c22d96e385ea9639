import { describe, expect, it } from "vitest";
import {
  added,
  bodyOf,
  changes,
  fileBytesMax,
  mapMarks,
  marksOf,
  meantBy,
  type NewSupposition,
  placeOf,
  readFile,
  type Supposition,
  signOf,
  signOfChange,
  stepsMax,
} from "./suppositions.ts";

const step = (kind: "accede" | "withdraw", party: string, instrument = "coe-185") =>
  ({ kind, party, instrument, title: "" }) as const;
const file = (name: string, text: string) => ({ kind: "add", name, text }) as const;

function listOf(...all: NewSupposition[]): readonly Supposition[] {
  let list: readonly Supposition[] = [];
  all.forEach((one, key) => {
    const next = added(list, one, key);
    if (!next.ok) throw new Error(next.why);
    list = next.list;
  });
  return list;
}

describe("a list of suppositions", () => {
  it("does not take the same step twice, but the opposite one and another party", () => {
    const list = listOf(step("accede", "KZ"), step("withdraw", "KZ"), step("accede", "KG"));
    expect(list.length).toBe(3);
    expect(added(list, step("accede", "KZ"), 9)).toEqual({ ok: false, why: "there" });
  });

  it("takes as many steps of a kind as the node does, and not one more", () => {
    const many = Array.from({ length: stepsMax }, (_, i) => step("accede", `P${i}`));
    const list = listOf(...many);
    expect(list.length).toBe(64);
    expect(added(list, step("accede", "KZ"), 99)).toEqual({ ok: false, why: "full" });
    expect(added(list, step("withdraw", "KZ"), 99).ok).toBe(true);
  });

  it("has one file, the newest, under a key of its own: its bytes may be others now", () => {
    const list = listOf(file("a.toml", "1"), step("accede", "KZ"), file("a.toml", "2"));
    expect(list.filter((one) => one.kind === "add")).toEqual([
      { kind: "add", name: "a.toml", text: "2", key: 2 },
    ]);
    expect(list.length).toBe(2);
  });
});

describe("the question to the node", () => {
  const question = { party: "KZ", at: "2026-11-23", area: "" };

  it("has what is supposed and nothing else", () => {
    expect(bodyOf(listOf(step("accede", "KZ")), question)).toEqual({
      party: "KZ",
      at: "2026-11-23",
      accede: ["KZ:coe-185"],
    });
    expect(
      bodyOf(listOf(file("a.toml", "x"), step("withdraw", "RU", "ru-cn-2015")), {
        ...question,
        area: "crime",
      }),
    ).toEqual({
      party: "KZ",
      at: "2026-11-23",
      area: "crime",
      withdraw: ["RU:ru-cn-2015"],
      file: "x",
    });
  });

  it("finds again what a refusal is about", () => {
    const list = listOf(
      step("withdraw", "RU", "ru-cn-2015"),
      step("accede", "KZ"),
      file("a.toml", ""),
      step("accede", "KG"),
    );
    expect(meantBy("$.accede[1]", list)).toMatchObject({ party: "KG" });
    expect(meantBy("accede[0]", list)).toMatchObject({ party: "KZ" });
    expect(meantBy("$.withdraw[0]", list)).toMatchObject({ party: "RU" });
    expect(meantBy("$.file", list)).toMatchObject({ kind: "add" });
    for (const other of ["$.accede[2]", "$.party", "", null])
      expect(meantBy(other, list)).toBeNull();
  });
});

describe("a file from disk", () => {
  const of = (bytes: Uint8Array<ArrayBuffer>) => readFile(new Blob([bytes]));

  it("is read up to the bound and refused beyond it, without being read", async () => {
    expect(await of(new Uint8Array(fileBytesMax).fill(97))).toMatchObject({ ok: true });
    let read = false;
    const large = {
      size: fileBytesMax + 1,
      arrayBuffer: () => {
        read = true;
        return Promise.resolve(new ArrayBuffer(0));
      },
    };
    expect(await readFile(large)).toEqual({ ok: false, why: "large" });
    expect(read).toBe(false);
  });

  it("keeps every character, so that columns are those of the file", async () => {
    const text = '\ufefftitle.ar = "اتفاق"\r\n';
    expect(await of(new TextEncoder().encode(text))).toEqual({ ok: true, text });
  });

  it("that is empty or no text is not sent", async () => {
    expect(await of(new Uint8Array(0))).toEqual({ ok: false, why: "empty" });
    expect(await of(new Uint8Array([0x61, 0xff, 0xfe]))).toEqual({ ok: false, why: "no-text" });
  });
});

describe("marks of the map", () => {
  const rows = (...all: [string, (typeof changes)[number]][]) =>
    all.map(([party, change]) => ({ party, change }));

  it("are one for each state, whatever the order", () => {
    const all = rows(
      ["FR", "gained"],
      ["FR", "gained"],
      ["DE", "gained"],
      ["DE", "lost"],
      ["IT", "unclaimed"],
      ["IT", "gained"],
      ["ES", "claimed"],
      ["PL", "lost"],
      ["PL", "claimed"],
      ["AT", "changed"],
    );
    const marks = {
      FR: "gained",
      DE: "changed",
      IT: "gained",
      ES: "claims",
      PL: "lost",
      AT: "changed",
    };
    expect(Object.fromEntries(marksOf(all))).toEqual(marks);
    expect(Object.fromEntries(marksOf([...all].reverse()))).toEqual(marks);
  });

  it("have signs that differ", () => {
    expect(new Set(mapMarks.map(signOf)).size).toBe(mapMarks.length);
    expect(changes.map(signOfChange)).toEqual(["+", "−", "±", "c", "c"]);
  });
});

describe("the place of a mistake", () => {
  it("is line and column, or the file as a whole", () => {
    expect(placeOf({ line: 12, column: 3 })).toBe("12:3");
    expect(placeOf({ line: 0, column: 0 })).toBeNull();
  });
});
