/** How large the SDK is in the programs that use it. */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { ROOT } from "./files.ts";

/** A program, and how large it may become, minified and gzipped. */
export interface Program {
  readonly what: string;
  readonly text: string;
  readonly limit?: number;
}

export const PROGRAMS = {
  everything: {
    what: "all primitives",
    text: 'export * from "./sdk/index.ts";',
    limit: 9_000,
  },
  onlyLocks: {
    what: "a program that only uses a lock",
    text: `import { connectWith, Lock } from "./sdk/index.ts";
      export const lock = connectWith("http://a", { lock: Lock }).lock("a");`,
    limit: 5_000,
  },
  lockByItself: {
    what: "a lock and its connection, without a client",
    text: 'export { Connection } from "./sdk/connection.ts"; export { Lock } from "./sdk/lock.ts";',
  },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;

/** In bytes, minified and gzipped. */
export async function sizeOf(name: ProgramName): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAMS[name].text, resolveDir: ROOT, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
}
