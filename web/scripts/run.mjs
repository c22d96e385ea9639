// Commands one after the other in the folder of the pages.
import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");

function ran([program, ...rest]) {
  const command = program === "node" ? process.execPath : program;
  const done = spawnSync(command, rest, { cwd: web, stdio: "inherit" });
  return done.status ?? 1;
}

// Until one fails, whose exit code becomes ours.
export function run(...commands) {
  for (const command of commands) {
    const status = ran(command);
    if (status !== 0) process.exit(status);
  }
}

// All of them; fails if one did.
export function runAll(...commands) {
  const failed = commands.filter((command) => ran(command) !== 0);
  for (const command of failed) console.error(`failed: ${command.join(" ")}`);
  if (failed.length > 0) process.exit(1);
}
