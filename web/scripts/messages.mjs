// Catalogues of messages: checks them, and writes the types of their keys (src/i18n/keys.ts).
//
// node scripts/messages.mjs
//
// web/messages/ has the words of the pages, register/messages/ those of the law. Each language has
// one file, {"key": {"text": ICU MessageFormat, "reviewed": whether a human has read it}}; keys of
// the pages stand in order. Exit 1 with one line for each problem.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, TYPE } from "@formatjs/icu-messageformat-parser";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const languages = ["en", "ar"];

// Which forms a language has for numbers, and for ordinals.
function formsOf(language, type) {
  return new Intl.PluralRules(language, { type }).resolvedOptions().pluralCategories;
}

// name → what a message does with it: "text" (shown), "number", "plural", "ordinal", "date",
// "time", or "select:a,b,other".
export function placeholders(elements, out = new Map()) {
  const note = (name, use) => {
    if (!out.has(name)) out.set(name, new Set());
    out.get(name).add(use);
  };
  for (const element of elements) {
    if (element.type === TYPE.argument) note(element.value, "text");
    else if (element.type === TYPE.number) note(element.value, "number");
    else if (element.type === TYPE.date) note(element.value, "date");
    else if (element.type === TYPE.time) note(element.value, "time");
    else if (element.type === TYPE.plural || element.type === TYPE.select) {
      const use =
        element.type === TYPE.select
          ? `select:${Object.keys(element.options).sort().join(",")}`
          : element.pluralType === "ordinal"
            ? "ordinal"
            : "plural";
      note(element.value, use);
      for (const option of Object.values(element.options)) placeholders(option.value, out);
    }
  }
  return out;
}

// A plural that lacks a form of its language, or has one that its language does not know.
export function pluralProblems(elements, language) {
  const out = [];
  for (const element of elements) {
    if (element.type !== TYPE.plural && element.type !== TYPE.select) continue;
    if (element.type === TYPE.plural) {
      const wanted = formsOf(language, element.pluralType);
      const given = Object.keys(element.options).filter((form) => !form.startsWith("="));
      for (const form of wanted) {
        if (!given.includes(form)) out.push(`{${element.value}} lacks the plural form '${form}'`);
      }
      for (const form of given) {
        if (!wanted.includes(form)) {
          out.push(`{${element.value}} has the form '${form}', which ${language} does not know`);
        }
      }
    }
    for (const option of Object.values(element.options)) {
      out.push(...pluralProblems(option.value, language));
    }
  }
  return out;
}

const bidiControls = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/;

// Reads one catalogue; problems go to `say`. → key → its placeholders
export function readCatalogue(text, language, say, ordered = true) {
  const out = new Map();
  let entries;
  try {
    entries = JSON.parse(text);
  } catch (error) {
    say(`is no JSON: ${error.message}`);
    return out;
  }
  let before = "";
  for (const [key, entry] of Object.entries(entries)) {
    if (ordered && key < before) say(`${key}: stands after ${before}; keys are in order`);
    before = key;
    if (text.split(`\n  ${JSON.stringify(key)}:`).length > 2) say(`${key}: is there twice`);
    const members = Object.keys(entry ?? {})
      .sort()
      .join(",");
    if (
      members !== "reviewed,text" ||
      typeof entry.text !== "string" ||
      typeof entry.reviewed !== "boolean"
    ) {
      say(`${key}: expected {"text": string, "reviewed": boolean}`);
      continue;
    }
    if (entry.text.trim() === "") say(`${key}: has no text`);
    if (bidiControls.test(entry.text)) {
      say(`${key}: has a bidirectional control; data is isolated where it is shown`);
    }
    try {
      const elements = parse(entry.text, { ignoreTag: true });
      out.set(key, placeholders(elements));
      for (const problem of pluralProblems(elements, language)) say(`${key}: ${problem}`);
    } catch (error) {
      say(`${key}: is no ICU message: ${error.message}`);
    }
  }
  return out;
}

const shape = (names) =>
  [...names.entries()]
    .map(([name, uses]) => `{${name}: ${[...uses].sort().join(" and ")}}`)
    .sort()
    .join(" ");

// A plural may be there in one language only when the number is: languages differ in what they
// count. So for the comparison number, plural and ordinal are one.
const comparable = (names) =>
  new Map(
    [...names.entries()].map(([name, uses]) => [
      name,
      new Set([...uses].map((use) => (["plural", "ordinal"].includes(use) ? "number" : use))),
    ]),
  );

// Problems between the same catalogue in two languages.
export function compare(model, other, language, say) {
  for (const [key, names] of model) {
    const theirs = other.get(key);
    if (!theirs) say(`${key}: is missing in ${language}`);
    else if (shape(comparable(names)) !== shape(comparable(theirs))) {
      say(
        `${key}: placeholders are ${shape(theirs) || "none"}, expected ${shape(names) || "none"}`,
      );
    }
  }
  for (const key of other.keys()) {
    if (!model.has(key)) say(`${key}: is in ${language} only`);
  }
}

export function typesOf(catalogue) {
  const typeOf = (uses) => {
    const types = new Set();
    for (const use of uses) {
      if (["number", "plural", "ordinal"].includes(use)) types.add("number");
      else if (use === "date" || use === "time") types.add("Date");
      else types.add("string | readonly Part[]");
    }
    return [...types].join(" & ");
  };
  const lines = [...catalogue.entries()].map(([key, names]) => {
    const members = [...names.entries()].map(([name, uses]) => `${name}: ${typeOf(uses)}`);
    return `  ${JSON.stringify(key)}: { ${members.join("; ")} };`.replace("{  }", "{}");
  });
  return [
    "// Written by scripts/messages.mjs from messages/en.json. Not for editing.",
    'import type { Part } from "./catalogue.ts";',
    "",
    "// biome-ignore-all lint: generated",
    "export type MessageArgs = {",
    ...lines,
    "};",
    "",
    "export type MessageKey = keyof MessageArgs;",
    "",
  ].join("\n");
}

// Keys of the pages' catalogue that no source names, whole or by a beginning before `${`.
function unused(keys, folders) {
  const sources = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(tsx?|cpp|h)$/.test(entry.name))
      .filter((entry) => entry.name !== "keys.ts")
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")),
  );
  const all = sources.join("\n");
  const starts = new Set([...all.matchAll(/[`"]([a-z][a-z0-9.-]*\.)(?:\$\{|")/g)].map((m) => m[1]));
  for (const match of all.matchAll(/\b(?:list=|word\()"([a-z-]+)"/g)) starts.add(`${match[1]}.`);
  return keys.filter(
    (key) => !all.includes(`"${key}"`) && ![...starts].some((start) => key.startsWith(start)),
  );
}

function main() {
  const problems = [];
  const folders = {
    ui: join(web, "messages"),
    law: resolve(web, "../register/messages"),
  };
  const catalogues = {};
  for (const [kind, folder] of Object.entries(folders)) {
    for (const language of languages) {
      const file = join(folder, `${language}.json`);
      const name = relative(resolve(web, ".."), file);
      const say = (problem) => problems.push(`${name}: ${problem}`);
      let text;
      try {
        text = readFileSync(file, "utf8");
      } catch {
        say("is missing");
        text = "{}";
      }
      catalogues[`${kind}/${language}`] = readCatalogue(text, language, say, kind === "ui");
      if (language !== languages[0]) {
        compare(
          catalogues[`${kind}/${languages[0]}`],
          catalogues[`${kind}/${language}`],
          language,
          say,
        );
      }
    }
  }
  const ui = catalogues[`ui/${languages[0]}`];
  for (const key of ui.keys()) {
    if (catalogues[`law/${languages[0]}`].has(key)) {
      problems.push(`${key}: is in web/messages and in register/messages`);
    }
  }
  for (const key of unused([...ui.keys()], [join(web, "src"), resolve(web, "../src/api")])) {
    problems.push(`web/messages: ${key}: nothing names it`);
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error(`messages: ${problems.length} problems`);
    process.exitCode = 1;
  } else {
    const count = [...Object.values(catalogues)].reduce((sum, c) => sum + c.size, 0);
    console.log(`messages: ${count} texts in ${languages.length} languages hold`);
  }
  const file = join(web, "src/i18n/keys.ts");
  const types = typesOf(ui);
  let present = "";
  try {
    present = readFileSync(file, "utf8");
  } catch {
    // Not there yet.
  }
  if (present !== types) writeFileSync(file, types);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
