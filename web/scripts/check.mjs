// Everything about the pages that can be checked without running them: catalogues, types of the API,
// direction of styles, TypeScript, Biome. All run, so that one problem does not hide another.
import { runAll } from "./run.mjs";

runAll(
  ["node", "scripts/messages.mjs"],
  ["node", "scripts/api-types.mjs", "--check"],
  ["node", "scripts/styles.mjs"],
  ["node", "node_modules/typescript/bin/tsc", "--noEmit"],
  ["node", "node_modules/@biomejs/biome/bin/biome", "check", "."],
);
