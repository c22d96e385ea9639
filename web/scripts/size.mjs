// What a browser loads before the sign-in page stands, compressed as the node sends it: the file of
// the page, what it names, and what that imports without being asked. Fails beyond the bound.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export const firstViewBytesMax = 200_000;

const dist = resolve(dirname(fileURLToPath(import.meta.url)), "../dist");

// Files of dist that the first view takes, by the manifest of the build: the entry, everything it
// imports, and the larger of the languages, which is always asked for beside it.
export function firstView(manifest, sizeOf) {
  const files = new Set(["index.html", "first.js"]);
  const entry = Object.values(manifest).find((chunk) => chunk.isEntry);
  if (!entry) throw new Error("the manifest names no entry");
  const seen = new Set();
  const take = (chunk) => {
    if (!chunk || seen.has(chunk.file)) return;
    seen.add(chunk.file);
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const name of chunk.imports ?? []) take(manifest[name]);
  };
  take(entry);
  const words = Object.entries(manifest).filter(([key]) => key.includes("messages/ui/"));
  const largest = words
    .map(([, chunk]) => chunk)
    .sort((a, b) => sizeOf(b.file) - sizeOf(a.file))[0];
  if (!largest) throw new Error("the manifest names no catalogue of the pages");
  take(largest);
  return [...files];
}

function main() {
  const gzip = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
  let manifest;
  try {
    manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
  } catch {
    console.error("size: dist has no manifest; run `npm run build` first");
    process.exitCode = 1;
    return;
  }
  const rows = firstView(manifest, gzip).map((file) => [file, gzip(file)]);
  const sum = rows.reduce((total, [, bytes]) => total + bytes, 0);
  if (process.argv.includes("--all") || sum > firstViewBytesMax) {
    for (const [file, bytes] of rows) console.log(`${String(bytes).padStart(8)}  ${file}`);
  }
  console.log(`first view: ${sum} bytes compressed, at most ${firstViewBytesMax}`);
  if (sum > firstViewBytesMax) {
    console.error("size: the first view is too large; load what it does not need later");
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
