import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, parse } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../tools/files.ts";

export const COMPATIBILITY_DATE = "2026-11-01";

/** A Worker as one module, as `wrangler deploy` would upload it. `main` is a path from the root, `folder` a new one. */
export async function bundled(main: string, folder: string): Promise<string> {
  const config = join(folder, "wrangler.json");
  await mkdir(folder);
  // A configuration of its own: that of the repository is for one Worker, and would be found.
  await writeFile(
    config,
    JSON.stringify({
      name: "bundled",
      main: join(ROOT, main),
      compatibility_date: COMPATIBILITY_DATE,
    }),
  );
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const args = ["deploy", "--config", config, "--dry-run", "--outdir", folder];
  await promisify(execFile)(process.execPath, [wrangler, ...args], {
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: folder },
  });
  return readFile(join(folder, `${parse(main).name}.js`), "utf8");
}
