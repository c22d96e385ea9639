// The types of the operator API, written from src/api/openapi.json: node scripts/api-types.mjs
//
// --check writes nothing and fails when src/api/types.ts is not what would be written. Only the
// forms of JSON Schema that the document uses are known; another one is an error, not `any`.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const documentFile = resolve(web, "../src/api/openapi.json");
const typesFile = resolve(web, "src/api/types.ts");

const known = new Set([
  "type",
  "enum",
  "const",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "anyOf",
  "oneOf",
  "allOf",
  "$ref",
  "description",
  "format",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "minItems",
  "maxItems",
  "pattern",
  "unevaluatedProperties",
  "title",
  "examples",
  "example",
  "default",
]);

const quoted = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

// The TypeScript type of a schema.
export function typeOf(schema, where) {
  if (schema === true) return "unknown";
  for (const word of Object.keys(schema)) {
    if (!known.has(word)) throw new Error(`${where}: '${word}' is not known to api-types.mjs`);
  }
  if (schema.$ref) {
    const match = /^#\/components\/schemas\/(\w+)$/.exec(schema.$ref);
    if (!match) throw new Error(`${where}: ${schema.$ref} is no schema of this document`);
    return match[1];
  }
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  for (const [word, sign] of [
    ["anyOf", " | "],
    ["oneOf", " | "],
    ["allOf", " & "],
  ]) {
    if (!schema[word]) continue;
    const parts = schema[word].map((part, i) => typeOf(part, `${where}.${word}[${i}]`));
    return parts.length === 1 ? parts[0] : `(${parts.join(sign)})`;
  }
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => typeOf({ ...schema, type }, where)).join(" | ");
  }
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "number":
    case "integer":
      return "number";
    case "array": {
      const items = typeOf(schema.items ?? true, `${where}[]`);
      return /^[\w.]+$/.test(items) ? `${items}[]` : `(${items})[]`;
    }
    case "object":
      return objectType(schema, where);
    case undefined:
      return "unknown";
    default:
      throw new Error(`${where}: type '${schema.type}' is not known to api-types.mjs`);
  }
}

function objectType(schema, where) {
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, member]) =>
      `${quoted(name)}${required.has(name) ? "" : "?"}: ${typeOf(member, `${where}.${name}`)}`,
  );
  const more = schema.additionalProperties;
  if (members.length === 0) {
    return more && more !== true
      ? `{ [name: string]: ${typeOf(more, `${where}.*`)} }`
      : "{ [name: string]: unknown }";
  }
  if (more && more !== true) members.push(`[name: string]: ${typeOf(more, `${where}.*`)}`);
  return `{ ${members.join("; ")} }`;
}

export function typesOf(document) {
  const lines = Object.entries(document.components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema, name)};`,
  );
  return [
    "// Written by scripts/api-types.mjs from src/api/openapi.json. Not for editing.",
    "// biome-ignore-all lint: generated",
    "",
    "// One page of a list; `next` is the cursor of the following one.",
    "export type Page<T> = { items: T[]; next: string | null; total: number | null };",
    "",
    ...lines,
    "",
  ].join("\n");
}

function main() {
  let document;
  try {
    document = JSON.parse(readFileSync(process.env.COMITY_OPENAPI ?? documentFile, "utf8"));
  } catch (error) {
    console.error(`api-types: src/api/openapi.json cannot be read: ${error.message}`);
    process.exitCode = 1;
    return;
  }
  const text = typesOf(document);
  let present = "";
  try {
    present = readFileSync(typesFile, "utf8");
  } catch {
    // Not there yet.
  }
  if (present === text) return;
  if (process.argv.includes("--check")) {
    console.error(
      "api-types: src/api/types.ts is not what src/api/openapi.json says; run `npm run types`",
    );
    process.exitCode = 1;
  } else {
    writeFileSync(typesFile, text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
