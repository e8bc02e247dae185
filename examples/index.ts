/** Runs every example, one after the other: `npm run examples [-- NAME…]`. Each checks what it promises, and fails if it is not so. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";

const LIMIT_MS = 90_000;
/** This one, and the one that wants a server in another terminal. */
const NOT_ALONE = new Set(["index.ts", "lock.ts"]);

const wanted = process.argv.slice(2);
const found = [
  ...globSync("*.ts", { cwd: import.meta.dirname }),
  ...globSync("*/index.ts", { cwd: import.meta.dirname }),
]
  .filter(
    (file) =>
      !NOT_ALONE.has(file) && (wanted.length === 0 || wanted.some((name) => file.startsWith(name))),
  )
  .toSorted();
if (found.length === 0) throw new Error(`There is no such example: ${wanted.join(", ")}.`);

for (const file of found) {
  const startedAtMs = Date.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, file)],
    {
      encoding: "utf8",
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    },
  );
  const isGood = status === 0 && stdout.trim() !== "";
  console.log(
    `${isGood ? "ok  " : "FAIL"} ${file}, ${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s`,
  );
  const promises = stdout.split("\n").filter((line) => /^ *[✓✗]/.test(line));
  console.log(
    (isGood ? promises : [stdout, stderr]).map((line) => `       ${line.trim()}`).join("\n"),
  );
  if (!isGood) process.exitCode = 1;
}
