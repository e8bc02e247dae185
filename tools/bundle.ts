/**
 * Puts the Worker, as one module, beside the compiled server, which runs it; and the command, as one file, in its
 * place. A part of `npm run build`.
 */
import { globSync } from "node:fs";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { bundle } from "../server/bundle.ts";
import { WORKER_FILE } from "../server/config.ts";
import { ROOT } from "./files.ts";

const COMMAND = join(ROOT, "dist/cli/main.js");

const module = await bundle(join(ROOT, "worker/index.ts"));
await writeFile(join(ROOT, "dist/server", WORKER_FILE), module);
await bundleLibrary();
await bundleCommand();

/**
 * `latchwork/worker` as one module, with the schemas' library in it; the SDK beside it stays the one that users import,
 * so that an error is of one class. Its declarations stay as they are.
 */
async function bundleLibrary(): Promise<void> {
  const dir = join(ROOT, "dist/worker");
  const outfile = join(dir, "library.js");
  await build({
    entryPoints: [join(ROOT, "worker/library.ts")],
    outfile,
    allowOverwrite: true,
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*", "hono", "hono/*"],
    legalComments: "inline",
    plugins: [
      {
        name: "the SDK beside it",
        setup(plugin) {
          plugin.onResolve({ filter: /\/sdk\/\w+\.ts$/ }, ({ path }) => ({
            path: `../sdk/${basename(path, ".ts")}.js`,
            external: true,
          }));
        },
      },
    ],
  });
  for (const file of globSync("**/*.js", { cwd: dir })) {
    if (join(dir, file) !== outfile) await rm(join(dir, file));
  }
}

/** With the argument parser, so that whoever installs the package installs nothing else. */
async function bundleCommand(): Promise<void> {
  // Their files do not bear their licences, which ask to be handed on with every copy.
  const licences = await Promise.all(
    ["commander", "ws"].map(async (name) => {
      const licence = await readFile(join(ROOT, "node_modules", name, "LICENSE"), "utf8");
      return `/*! ${name}\n\n${licence}*/`;
    }),
  );
  await build({
    entryPoints: [join(ROOT, "cli/main.ts")],
    outfile: COMMAND,
    bundle: true,
    platform: "node",
    format: "esm",
    // Older than package.json's `engines` says: a shell has what Node it has, and the command brings what that lacks.
    target: "node20",
    banner: {
      js: `import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);`,
    },
    external: ["bufferutil", "utf-8-validate"],
    legalComments: "inline",
    footer: { js: licences.join("\n") },
    plugins: [
      {
        // The compiled server stands beside the Worker's file that it looks for: the command uses it from there.
        name: "server beside the command",
        setup(build) {
          build.onResolve({ filter: /^\.\.\/server\/index\.ts$/ }, () => ({
            path: "../server/index.js",
            external: true,
          }));
        },
      },
    ],
  });
  await chmod(COMMAND, 0o755);
}
