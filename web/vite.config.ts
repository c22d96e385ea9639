import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// The catalogues as the pages read them: `virtual:messages/ui/en`, `virtual:messages/law/ar`. Each
// is one chunk, {texts: key → text, unreviewed: keys}, made of the files that translators edit.
function catalogues(): Plugin {
  const name = /^virtual:messages\/(ui|law)\/([a-z]+)$/;
  const fileOf = (kind: string, language: string) =>
    resolve(
      import.meta.dirname,
      kind === "ui" ? "messages" : "../register/messages",
      `${language}.json`,
    );
  return {
    name: "comity-catalogues",
    resolveId: (id) => (name.test(id) ? `\0${id}` : null),
    load(id) {
      const match = name.exec(id.slice(1));
      if (id[0] !== "\0" || !match) return null;
      const file = fileOf(match[1] as string, match[2] as string);
      this.addWatchFile(file);
      const entries = JSON.parse(readFileSync(file, "utf8")) as Record<
        string,
        { text: string; reviewed: boolean }
      >;
      const texts: Record<string, string> = {};
      const unreviewed: string[] = [];
      for (const [key, entry] of Object.entries(entries)) {
        texts[key] = entry.text;
        if (!entry.reviewed) unreviewed.push(key);
      }
      const every = unreviewed.length === Object.keys(texts).length;
      const data = JSON.stringify({ texts, unreviewed: every ? "every" : unreviewed });
      return `export default JSON.parse(${JSON.stringify(data)});`;
    },
  };
}

export default defineConfig({
  plugins: [react(), catalogues()],
  build: {
    target: "es2022",
    // Fonts and pictures stay files: the content security policy allows no data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8470" } },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.mjs"] },
} as Parameters<typeof defineConfig>[0]);
