import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { WORKER_FILE } from "./config.ts";

/** The Worker as one module: made when the package was built, or, in the repository, now. */
export async function workerModule(): Promise<string> {
  try {
    return await readFile(new URL(WORKER_FILE, import.meta.url), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return bundle(fileURLToPath(new URL("../worker/index.ts", import.meta.url)));
  }
}

/** Bundles a Worker as `wrangler deploy` does, which uses the same bundler. */
export async function bundle(main: string): Promise<string> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [main],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`Nothing came of bundling ${main}.`);
  return output.text;
}
