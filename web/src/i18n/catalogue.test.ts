import { describe, expect, it } from "vitest";
import { Catalogue, isolateEnd, isolateStart, type Messages, pieces, plain } from "./catalogue.ts";
import { phraseDepthMax, phraseParts, phraseReviewed, phraseText } from "./phrase.ts";

const I = isolateStart;
const P = isolateEnd;

const en: Messages = {
  texts: {
    plain: "A sentence.",
    name: "From {name}.",
    count: "{count, plural, one {# record} other {# records}}",
    "count-of": "{count, plural, one {# record of {name}} other {# records of {name}}}",
    choice: "{kind, select, sent {sent to {name}} other {kept}}",
    number: "{n, number}",
    tag: "a < b and <b>bold</b>",
    outer: "{who}: {what}",
    "may-not": "{parties} may not have {classes}",
    "class.indicator": "indicators",
    "class.malware": "malware",
  },
  unreviewed: ["name", "class.malware"],
};
const ar: Messages = {
  texts: {
    plain: "جملة.",
    name: "من {name}.",
    count:
      "{count, plural, zero {لا سجلات} one {سجل واحد} two {سجلان} few {# سجلات} many {# سجلًا} other {# سجل}}",
  },
  unreviewed: "every",
};

const english = new Catalogue("en", [en]);
const arabic = new Catalogue("ar", [ar]);

describe("a message", () => {
  it("isolates what is data", () => {
    expect(english.text("name", { name: "KZ" })).toBe(`From ${I}KZ${P}.`);
    expect(arabic.text("name", { name: "node.example" })).toBe(`من ${I}node.example${P}.`);
    expect(english.parts("name", { name: "KZ" })).toEqual([
      { kind: "words", text: "From " },
      { kind: "data", text: "KZ" },
      { kind: "words", text: "." },
    ]);
  });

  it("isolates within a plural and a choice, and still chooses by the text", () => {
    expect(english.text("count-of", { count: 2, name: "KZ" })).toBe(`2 records of ${I}KZ${P}`);
    expect(english.text("choice", { kind: "sent", name: "KZ" })).toBe(`sent to ${I}KZ${P}`);
    expect(english.text("choice", { kind: "unknown", name: "KZ" })).toBe("kept");
  });

  it.each([
    [0, "لا سجلات"],
    [1, "سجل واحد"],
    [2, "سجلان"],
    [3, "3 سجلات"],
    [11, "11 سجلًا"],
    [100, "100 سجل"],
  ])("has the Arabic form for %d", (count, text) => {
    expect(arabic.text("count", { count })).toBe(text);
  });

  it("writes numbers with Western digits in every language", () => {
    expect(english.text("number", { n: 12_345.5 })).toBe("12,345.5");
    const own = new Catalogue("ar", [{ texts: { number: "{n, number}" }, unreviewed: "every" }]);
    expect(own.text("number", { n: 12_345.5 })).toMatch(/^12.345.5$/u);
  });

  it("takes angle brackets for what they are", () => {
    expect(english.text("tag")).toBe("a < b and <b>bold</b>");
  });

  it("shows the key when it is unknown or its values are missing", () => {
    expect(english.text("no.such.key")).toBe("no.such.key");
    expect(english.text("toString")).toBe("toString");
    expect(english.text("name")).toBe("name");
  });

  it("says whether a human reviewed it", () => {
    expect(english.reviewed("plain")).toBe(true);
    expect(english.reviewed("name")).toBe(false);
    expect(english.reviewed("no.such.key")).toBe(false);
    expect(arabic.reviewed("plain")).toBe(false);
  });

  it("is looked for in several catalogues, the first that has it", () => {
    const both = new Catalogue("en", [
      { texts: { a: "one" }, unreviewed: [] },
      { texts: { a: "two", b: "three" }, unreviewed: "every" },
    ]);
    expect([both.text("a"), both.text("b")]).toEqual(["one", "three"]);
    expect([both.reviewed("a"), both.reviewed("b")]).toEqual([true, false]);
  });
});

describe("data", () => {
  it.each([
    ["a right-to-left override", "invoice\u202efdp.exe", "invoice[U+202E]fdp.exe"],
    ["an isolate that would end ours", "a\u2069b", "a[U+2069]b"],
    ["a zero-width space", "exam\u200bple", "exam[U+200B]ple"],
    ["a control character", "a\u0000b\u009fc", "a[U+0000]b[U+009F]c"],
    ["a byte order mark", "\ufeffa", "[U+FEFF]a"],
    ["a soft hyphen", "a\u00adb", "a[U+00AD]b"],
    ["separators of lines and paragraphs", "a\u2028b\u2029c", "a[U+2028]b[U+2029]c"],
    ["a Hangul filler", "a\u3164b\uffa0c", "a[U+3164]b[U+FFA0]c"],
    ["the first and last tag", "a\u{e0000}b\u{e007f}c", "a[U+E0000]b[U+E007F]c"],
    ["a hidden word of tags", "ok\u{e006e}\u{e006f}", "ok[U+E006E][U+E006F]"],
    ["halves of a pair that stand alone", "a\ud83db\udc4dc", "a[U+D83D]b[U+DC4D]c"],
    ["halves in the wrong order", "\udc4d\ud83d", "[U+DC4D][U+D83D]"],
  ])("with %s shows it", (_, text, shown) => {
    expect(plain(text)).toBe(shown);
    expect(english.text("name", { name: text })).toBe(`From ${I}${shown}${P}.`);
    expect(
      pieces(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(shown);
    expect(pieces(text).filter((piece) => piece.deceptive).length).toBeGreaterThan(0);
  });

  it("of any script without such characters is left as it is", () => {
    for (const text of [
      "مرحبا",
      "naïve",
      "日本",
      "line\nbreak\tand tab",
      "👍",
      "👍🏽",
      "\u{e0080}\u{dffff}",
      "\uffa1ㄱ",
      "",
    ]) {
      expect(plain(text)).toBe(text);
      expect(pieces(text).every((piece) => !piece.deceptive)).toBe(true);
    }
  });

  it("cannot be taken for an argument or a phrase", () => {
    expect(english.text("name", { name: "{count}" })).toBe(`From ${I}{count}${P}.`);
    expect(english.text("name", { name: "class.indicator" })).toBe(`From ${I}class.indicator${P}.`);
  });
});

describe("a phrase", () => {
  it("words phrases within it first and does not isolate them as data", () => {
    const phrase = {
      key: "outer",
      args: { who: { key: "name", args: { name: "KZ" } }, what: { key: "plain" } },
    };
    expect(phraseText(english, phrase)).toBe(`From ${I}KZ${P}.: A sentence.`);
    expect(phraseParts(english, phrase).filter((part) => part.kind === "data")).toEqual([
      { kind: "data", text: "KZ" },
    ]);
  });

  it("joins lists as the language does", () => {
    const phrase = {
      key: "may-not",
      args: {
        parties: { list: "or" as const, items: ["KZ", "KG", "TJ"] },
        classes: {
          list: "and" as const,
          items: [{ key: "class.indicator" }, { key: "class.malware" }],
        },
      },
    };
    expect(phraseText(english, phrase)).toBe(
      `${I}KZ${P}, ${I}KG${P} or ${I}TJ${P} may not have indicators and malware`,
    );
  });

  it("with an empty list or one item joins nothing", () => {
    const of = (items: string[]) =>
      phraseText(english, { key: "name", args: { name: { list: "and", items } } });
    expect(of([])).toBe("From .");
    expect(of(["KZ"])).toBe(`From ${I}KZ${P}.`);
  });

  it("counts with the number that it brings", () => {
    expect(phraseText(english, { key: "count", args: { count: 1 } })).toBe("1 record");
  });

  it("is reviewed only if all of it is", () => {
    const of = (key: string) => ({ key: "outer", args: { who: { key }, what: "x" } });
    expect(phraseReviewed(english, of("plain"))).toBe(true);
    expect(phraseReviewed(english, of("name"))).toBe(false);
    expect(
      phraseReviewed(english, {
        key: "outer",
        args: { who: { list: "and", items: ["x", { key: "class.malware" }] }, what: "x" },
      }),
    ).toBe(false);
  });

  it("ends where phrases stand deeper in each other than any node sends", () => {
    type Nested = { key: string; args?: { [name: string]: string | Nested } };
    const nest = (depth: number): Nested =>
      depth === 1 ? { key: "plain" } : { key: "outer", args: { who: nest(depth - 1), what: "x" } };
    expect(phraseText(english, nest(phraseDepthMax))).toContain("A sentence.");
    expect(phraseText(english, nest(phraseDepthMax + 1))).toContain("…");
    expect(phraseText(english, nest(phraseDepthMax + 1))).not.toContain("A sentence.");
  });
});
