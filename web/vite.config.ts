import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const ours = import.meta.dirname;

// The catalogues as the pages read them: `virtual:messages/ui/en`, `virtual:messages/law/ar`. Each
// is one chunk, {texts: key → text, unreviewed: keys}, made of the files that translators edit.
function catalogues(): Plugin {
  const name = /^virtual:messages\/(ui|law)\/([a-z]+)$/;
  return {
    name: "comity-catalogues",
    resolveId: (id) => (name.test(id) ? `\0${id}` : null),
    load(id) {
      const match = id[0] === "\0" ? name.exec(id.slice(1)) : null;
      if (!match) return null;
      const folder = match[1] === "ui" ? "messages" : "../register/messages";
      const file = resolve(ours, folder, `${match[2]}.json`);
      this.addWatchFile(file);
      const entries: { [key: string]: { text: string; reviewed: boolean } } = JSON.parse(
        readFileSync(file, "utf8"),
      );
      const texts = Object.fromEntries(
        Object.entries(entries).map(([key, entry]) => [key, entry.text]),
      );
      const unreviewed = Object.keys(entries).filter((key) => !entries[key]?.reviewed);
      const every = unreviewed.length === Object.keys(entries).length;
      const data = JSON.stringify({ texts, unreviewed: every ? "every" : unreviewed });
      // JSON.parse of a string is read faster than an object of the language.
      return { code: `export default JSON.parse(${JSON.stringify(data)});`, moduleType: "js" };
    },
  };
}

// react-aria carries its few words in thirty languages; the pages have two.
function ariaLanguages(): Plugin {
  const file =
    /[\\/](?:react-aria|react-aria-components|react-stately|@react-aria[\\/][^\\/]+|@react-stately[\\/][^\\/]+)[\\/].*[\\/]([a-z]{2}-[A-Z]{2})(?:\.[a-z]+)?\.m?js$/;
  const kept = ["en-US", "ar-AE"];
  return {
    name: "comity-aria-languages",
    enforce: "pre",
    load(id) {
      const match = file.exec(id.split("?")[0] ?? "");
      return match && !kept.includes(match[1] ?? "") ? "export default {};" : null;
    },
  };
}

export default defineConfig({
  plugins: [catalogues(), ariaLanguages()],
  build: {
    target: ["chrome137", "firefox129", "safari18"],
    // Fonts and pictures stay files: the content security policy allows no others.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: {
      onLog(level, log, handle) {
        // Libraries mark modules for servers that render; these pages are rendered in browsers only.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8470" } },
  test: {
    environment: "node",
    // Deriving a key from a passphrase takes seconds where cores are shared.
    testTimeout: 120_000,
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.mjs"],
  },
});
