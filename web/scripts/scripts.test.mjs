// The checks themselves can fail: each kind of problem is planted and must be found.

import { parse } from "@formatjs/icu-messageformat-parser";
import { describe, expect, it } from "vitest";
import { typesOf as apiTypesOf, typeOf } from "./api-types.mjs";
import { compare, pluralProblems, readCatalogue, typesOf } from "./messages.mjs";
import { firstView } from "./size.mjs";
import { problemsOf } from "./styles.mjs";

function catalogue(entries, language = "en") {
  const problems = [];
  const text = typeof entries === "string" ? entries : JSON.stringify(entries, null, 2);
  const read = readCatalogue(text, language, (problem) => problems.push(problem));
  return { read, problems };
}

const entry = (text, reviewed = false) => ({ text, reviewed });

describe("a catalogue", () => {
  it("without a problem has none", () => {
    const { problems } = catalogue({ "a.b": entry("{count, plural, one {# x} other {# xs}}") });
    expect(problems).toEqual([]);
  });

  it.each([
    ["no JSON", "{", /no JSON/],
    ["an entry without 'reviewed'", { a: { text: "x" } }, /expected/],
    ["an entry with more", { a: { text: "x", reviewed: true, note: "" } }, /expected/],
    ["no text", { a: entry(" ") }, /no text/],
    ["a bidirectional control", { a: entry("x \u202e y") }, /bidirectional/],
    ["a message that is none", { a: entry("{count, plural, one {x") }, /no ICU message/],
    [
      "a form that English does not know",
      { a: entry("{n, plural, one {a} few {b} other {c}}") },
      /'few'/,
    ],
    ["a form too few", { a: entry("{n, plural, other {c}}") }, /lacks the plural form 'one'/],
  ])("with %s has a problem", (_, entries, problem) => {
    expect(catalogue(entries).problems.join("\n")).toMatch(problem);
  });

  it("has a problem when a key stands in another place than its order, or twice", () => {
    expect(catalogue({ b: entry("x"), a: entry("x") }, "en").problems.join()).toMatch(/order/);
    const twice =
      '{\n  "a": {"text": "x", "reviewed": false},\n  "a": {"text": "y", "reviewed": false}\n}';
    expect(catalogue(twice).problems.join()).toMatch(/twice/);
  });

  it("needs all six forms in Arabic", () => {
    const two = parse("{n, plural, one {a} other {b}}");
    expect(pluralProblems(two, "ar")).toHaveLength(4);
    const six = parse("{n, plural, zero {a} one {a} two {a} few {a} many {a} other {a}}");
    expect(pluralProblems(six, "ar")).toEqual([]);
  });
});

describe("two languages", () => {
  const differences = (en, ar) => {
    const problems = [];
    compare(catalogue(en).read, catalogue(ar, "ar").read, "ar", (p) => problems.push(p));
    return problems;
  };

  it("agree when one counts where the other only says the number", () => {
    expect(
      differences(
        { a: entry("{n, plural, one {# x} other {# xs}}") },
        { a: entry("س: {n, number}") },
      ),
    ).toEqual([]);
  });

  it.each([
    [
      "a key is missing",
      { a: entry("x"), b: entry("x") },
      { a: entry("س") },
      /b: is missing in ar/,
    ],
    [
      "a key is in one only",
      { a: entry("x") },
      { a: entry("س"), b: entry("س") },
      /b: is in ar only/,
    ],
    [
      "a placeholder is missing",
      { a: entry("x {name}") },
      { a: entry("س") },
      /placeholders are none/,
    ],
    ["a placeholder is another", { a: entry("x {name}") }, { a: entry("س {nam}") }, /\{nam/],
    [
      "a choice has other branches",
      { a: entry("{k, select, a {x} other {y}}") },
      { a: entry("{k, select, b {س} other {ص}}") },
      /select/,
    ],
  ])("do not agree when %s", (_, en, ar, problem) => {
    expect(differences(en, ar).join("\n")).toMatch(problem);
  });
});

it("types of messages name their values", () => {
  const { read } = catalogue({
    a: entry("x"),
    b: entry("{n, plural, one {# of {name}} other {# of {name}}}"),
  });
  const text = typesOf(read);
  expect(text).toContain('"a": {};');
  expect(text).toMatch(/"b": \{ n: number; name: string/);
});

describe("types of the API", () => {
  it.each([
    [{ type: "string" }, "string"],
    [{ type: ["string", "null"] }, "string | null"],
    [{ enum: ["a", "b"] }, '"a" | "b"'],
    [{ type: "array", items: { $ref: "#/components/schemas/Item" } }, "Item[]"],
    [{ type: "array", items: { type: ["string", "null"] } }, "(string | null)[]"],
    [
      {
        type: "object",
        properties: { a: { type: "integer" }, "b-c": { type: "boolean" } },
        required: ["a"],
      },
      '{ a: number; "b-c"?: boolean }',
    ],
    [{ type: "object", additionalProperties: { type: "number" } }, "{ [name: string]: number }"],
  ])("are written: %j", (schema, text) => {
    expect(typeOf(schema, "x")).toBe(text);
  });

  it("are refused for a word that is not known", () => {
    expect(() => typeOf({ type: "string", contentEncoding: "base64" }, "x")).toThrow(
      "contentEncoding",
    );
    expect(() => typeOf({ $ref: "other.json" }, "x")).toThrow("other.json");
    expect(() => apiTypesOf({ components: { schemas: { A: { type: "date" } } } })).toThrow("date");
  });
});

describe("styles", () => {
  it("with logical properties have no problem", () => {
    const css =
      "@media (max-width: 4rem) { a { margin-inline-start: 1px; inset-block-end: 0; text-align: start } }";
    expect(problemsOf(css)).toEqual([]);
    expect(
      problemsOf("/* left: 0; */ a { line-height: 1; stroke-width: 2; border-top-color: red }"),
    ).toHaveLength(1);
  });

  it.each([
    "a { margin-left: 1px }",
    "a { padding-top: 1px }",
    "a { border-right: 1px solid }",
    "a { left: 0 }",
    "a{top:0}",
    "a { width: 1px }",
    "a { max-height: 1px }",
    "a { text-align: right }",
    "a { overflow-x: auto }",
    "@import 'b.css';",
    "a { background: url(https://example.org/a.png) }",
    "a { background: url(data:image/png;base64,AA) }",
  ])("with a problem have it found: %s", (css) => {
    expect(problemsOf(css)).toHaveLength(1);
  });
});

it("the first view is the entry with all that it imports at once, and one catalogue", () => {
  const manifest = {
    "index.html": {
      file: "assets/i.js",
      isEntry: true,
      css: ["assets/i.css"],
      imports: ["_v.js"],
      dynamicImports: ["lazy"],
    },
    "_v.js": { file: "assets/v.js", imports: ["_v.js"] },
    lazy: { file: "assets/lazy.js" },
    "virtual:messages/ui/en": { file: "assets/en.js" },
    "virtual:messages/ui/ar": { file: "assets/ar.js" },
  };
  const sizes = { "assets/en.js": 1, "assets/ar.js": 2 };
  expect(firstView(manifest, (file) => sizes[file]).sort()).toEqual(
    ["assets/ar.js", "assets/i.css", "assets/i.js", "assets/v.js", "first.js", "index.html"].sort(),
  );
});
