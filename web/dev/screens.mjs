// Looks at every page of the mock in Debian's Chromium: node dev/screens.mjs OUT [FILTER]
//
// Writes a picture of each page, language, theme and width to OUT, and how it prints, and says what is wrong: overflow,
// violations of WCAG 2.2 AA that axe finds, errors in the log (a broken content security policy is
// one). Exit 1 if there is something. FILTER: a regular expression that the names of pictures match.
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
  ["coverage-what-if", "/coverage/what-if", "legal"],
  ["coverage-gaps", "/coverage/gaps", "legal"],
  ["coverage-drawings", "/coverage/drawings", "legal"],
  ["inbox", "/exchange/inbox", "duty"],
  ["records", "/exchange/records", "duty"],
  ["record", `/exchange/records/${record}`, "duty"],
  ["outbox", "/exchange/outbox", "release"],
  ["release-requests", "/exchange/release-requests", "release"],
  ["unknown", "/nothing", "duty"],
];
// Looks at each page, without loading it again.
const looks = [
  ["light", 1280],
  ["dark", 1280],
  ["light", 800],
  ["light", 320],
  ["dark", 320],
];
// Where cores are shared a browser can be very slow.
const patienceMs = 600_000;

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

mkdirSync(out, { recursive: true });
const server = await start(0);
const base = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
  timeout: patienceMs,
});
let wrong = 0;

async function visit(language, account, said) {
  const context = await browser.newContext({
    baseURL: base,
    locale: language === "ar" ? "ar-AE" : "en-GB",
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(patienceMs);
  context.setDefaultNavigationTimeout(patienceMs);
  await context.addInitScript({ path: axe });
  if (account) {
    await context.addCookies([{ name: "comity_session", value: account, url: base }]);
  }
  const page = await context.newPage();
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !(account === null && text.includes("401"))) said.push(text);
  });
  page.on("pageerror", (error) => said.push(String(error)));
  return page;
}

async function look(page, picture, said) {
  const wide = await page.evaluate(() => {
    const root = document.scrollingElement;
    if (root.scrollWidth <= root.clientWidth) return null;
    const out = [...document.querySelectorAll("main *, header *, footer *")]
      .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
      .map((e) => `${e.tagName}.${e.className}`);
    return `${root.scrollWidth} > ${root.clientWidth}: ${out.slice(0, 4).join(", ")}`;
  });
  const found = await page.evaluate((tags) => axe.run(document, { runOnly: tags }), rules);
  await page.screenshot({ path: join(out, `${picture}.png`), fullPage: true });
  if (picture.endsWith("-light-1280"))
    await page.pdf({ path: join(out, `${picture}.pdf`), format: "A4" });
  if (wide) said.push(`wider than its window: ${wide}`);
  for (const rule of found.violations) {
    const nodes = rule.nodes.slice(0, 3).map((node) => node.target.join(" "));
    said.push(`${rule.id}: ${nodes.join(", ")}`);
  }
}

for (const language of ["en", "ar"]) {
  const visits = new Map();
  for (const [name, path, account] of pages) {
    const wanted = looks.filter(([theme, width]) =>
      `${name}-${language}-${theme}-${width}`.match(filter),
    );
    if (wanted.length === 0) continue;
    let here = account === null ? null : visits.get(account);
    if (here) {
      // As a link within the pages does.
      await here.page.evaluate((to) => {
        history.pushState(null, "", to);
        dispatchEvent(new PopStateEvent("popstate"));
      }, path);
    } else {
      const said = [];
      here = { page: await visit(language, account, said), said };
      await here.page.goto(path);
      if (account !== null) visits.set(account, here);
    }
    const { page, said } = here;
    await page.locator("h1").waitFor();
    await page.waitForTimeout(300);
    await page.waitForFunction(() => !document.querySelector(".loading, [aria-busy=true]"));
    for (const [theme, width] of wanted) {
      const picture = `${name}-${language}-${theme}-${width}`;
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: 900 });
      await look(page, picture, said);
      for (const line of said.splice(0)) {
        console.log(`${picture}: ${line}`);
        ++wrong;
      }
    }
    if (account === null) await page.context().close();
  }
  for (const { page } of visits.values()) await page.context().close();
}

await browser.close();
server.closeAllConnections();
server.close();
console.log(`${wrong} problems`);
process.exitCode = wrong > 0 ? 1 : 0;
