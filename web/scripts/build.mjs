// Builds the pages into dist/: checks the catalogues and writes the types of their keys, then Vite.
// What is not held to here (types, style) is `npm run check`.
import { run } from "./run.mjs";

run(
  ["node", "scripts/messages.mjs"],
  ["node", "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"],
  ["node", "scripts/size.mjs"],
);
