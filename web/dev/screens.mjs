// Looks at every page of the mock in Debian's Chromium: node dev/screens.mjs OUT [FILTER]
//
// Writes a picture of each page, language, theme and width to OUT, and says what is wrong: overflow,
// violations of WCAG 2.2 AA that axe finds, errors in the log (a broken content security policy is
// one). Exit 1 if there is something. FILTER: only pictures whose name has it in.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { start } from "./mock.mjs";

const [out, filter = ""] = process.argv.slice(2);
if (!out) {
  console.error("usage: node dev/screens.mjs OUT [FILTER]");
  process.exit(2);
}
const record = JSON.parse(
  readFileSync(new URL("fixtures/records.json", import.meta.url), "utf8"),
)[1].id;

// [name, path, account or null]
const pages = [
  ["sign-in", "/", null],
  ["setup", "/setup#demo", null],
  ["today", "/today", "duty"],
  ["today-administrator", "/today", "admin"],
  ["peers", "/node/peers", "admin"],
  ["pairing", "/node/pairing", "admin"],
  ["accounts", "/node/accounts", "admin"],
  ["accounts-confirm", "/node/accounts", "auditor"],
  ["officers", "/node/officers", "legal"],
  ["ledger", "/node/ledger", "auditor"],
  ["doctor", "/node/doctor", "admin"],
  ["agreements", "/agreements", "legal"],
  ["agreement", "/agreements/ru-cn-2015", "legal"],
  ["coverage", "/coverage", "legal"],
  ["inbox", "/exchange/inbox", "duty"],
  ["records", "/exchange/records", "duty"],
  ["record", `/exchange/records/${record}`, "duty"],
  ["outbox", "/exchange/outbox", "release"],
  ["release-requests", "/exchange/release-requests", "release"],
  ["unknown", "/nothing", "duty"],
];
const looks = [
  ["en", "light", 1280],
  ["ar", "light", 1280],
  ["en", "dark", 1280],
  ["ar", "dark", 320],
  ["en", "light", 320],
];

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

mkdirSync(out, { recursive: true });
const server = await start(0);
const base = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
let wrong = 0;

for (const [language, theme, width] of looks) {
  for (const [name, path, account] of pages) {
    const picture = `${name}-${language}-${theme}-${width}`;
    if (!picture.includes(filter)) continue;
    const context = await browser.newContext({
      baseURL: base,
      locale: language === "ar" ? "ar-AE" : "en-GB",
      colorScheme: theme,
      viewport: { width, height: 900 },
      reducedMotion: "reduce",
    });
    await context.addInitScript({ path: axe });
    if (account) {
      await context.addCookies([{ name: "comity_session", value: account, url: base }]);
    }
    const page = await context.newPage();
    const said = [];
    page.on("console", (message) => {
      if (message.type() === "error" && !(account === null && message.text().includes("401"))) {
        said.push(message.text());
      }
    });
    page.on("pageerror", (error) => said.push(String(error)));
    await page.goto(path);
    await page.locator("h1").waitFor({ timeout: 60_000 });
    await page.waitForFunction(() => !document.querySelector(".loading"), null, {
      timeout: 60_000,
    });
    const wide = await page.evaluate(() => {
      const root = document.scrollingElement;
      return root.scrollWidth > root.clientWidth
        ? `${root.scrollWidth} > ${root.clientWidth}`
        : null;
    });
    const found = await page.evaluate((tags) => axe.run(document, { runOnly: tags }), rules);
    await page.screenshot({ path: join(out, `${picture}.png`), fullPage: true });
    if (wide) said.push(`wider than its window: ${wide}`);
    for (const rule of found.violations) {
      said.push(
        `${rule.id}: ${rule.nodes
          .slice(0, 3)
          .map((node) => node.target.join(" "))
          .join(", ")}`,
      );
    }
    for (const line of said) console.log(`${picture}: ${line}`);
    wrong += said.length;
    await context.close();
  }
}

await browser.close();
server.closeAllConnections();
server.close();
console.log(`${wrong} problems`);
process.exitCode = wrong > 0 ? 1 : 0;
