// Style sheets say no side of the screen: only logical properties, so that the pages are the same
// from right to left. And nothing that our content security policy would refuse: no @import and no
// address of somebody else. Exit 1 with one line for each problem.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");

// Properties and values that name a side, a width or a height. Sizes of the window in @media are no
// sides: they stand in parentheses after @media and are left out.
const physical = [
  [
    /(?:^|[\s;{])(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)\b[^;:{}]*:/g,
    "a side",
  ],
  [/(?:^|[\s;{])(?:left|right|top|bottom)\s*:/g, "a side"],
  [
    /(?:^|[\s;{])(?:min-|max-)?(?:width|height)\s*:/g,
    "width or height: use inline-size, block-size",
  ],
  [/(?:^|[\s;{])border-(?:top|bottom)-(?:left|right)-radius\s*:/g, "a corner"],
  [/(?:text-align|float|clear)\s*:\s*(?:left|right)\b/g, "left or right"],
  [/(?:^|[\s;{])overflow-[xy]\s*:/g, "overflow-x or -y: use overflow-inline, overflow-block"],
];

const foreign = [
  [/@import\b/g, "@import: the build joins style sheets"],
  [/url\(\s*["']?(?:https?:)?\/\//g, "an address of somebody else"],
  [/url\(\s*["']?data:/g, "a data: address"],
];

export function problemsOf(css) {
  const blank = (text) => text.replace(/[^\n]/g, " ");
  const code = css.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/@media[^{]*/g, blank);
  const out = [];
  for (const [pattern, says] of [...physical, ...foreign]) {
    for (const match of code.matchAll(pattern)) {
      const offset = match.index + match[0].search(/\S/);
      const line = code.slice(0, offset).split("\n").length;
      out.push([line, `${says}: '${match[0].trim()}'`]);
    }
  }
  return out.sort((a, b) => a[0] - b[0]);
}

function main() {
  let count = 0;
  const files = readdirSync(join(web, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    const name = relative(web, file);
    if (file.endsWith(".css")) {
      for (const [line, problem] of problemsOf(text)) {
        console.error(`${name}:${line}: ${problem}`);
        ++count;
      }
    } else if (/\.tsx$/.test(file) && /\sstyle=|<style[\s>]|dangerouslySetInnerHTML/.test(text)) {
      // Markup of ours carries no style of its own and no raw HTML.
      console.error(`${name}: style in markup, or raw HTML`);
      ++count;
    }
  }
  if (count > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
