import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readFiles, ROOT } from "../../tools/files.ts";

/** A program that a document shows to its reader. */
export interface Example {
  /** Where it stands, as `path:line`. */
  readonly where: string;
  readonly text: string;
}

const FENCE = /^```ts\n(.*?)^```$/gms;

/** The folder behind an entry of the package: `latchwork/hono` is the one that is called otherwise. */
const folderOf = (entry: string): string => (entry === "hono" ? "middleware" : entry);

/** The programs in README.md and docs/. A fragment that is no program is fenced as something else than `ts`. */
export function examplesInDocuments(): Example[] {
  return readFiles(["README.md", "docs/**/*.md"]).flatMap(({ path, text }) =>
    Array.from(text.matchAll(FENCE), ({ 1: program = "", index }) => ({
      where: `${path}:${text.slice(0, index).split("\n").length}`,
      text: program,
    })),
  );
}

/** The program as it runs one folder deep in this repository, against the server at `url`. */
export function runnable(program: string, url: string): string {
  return program
    .replaceAll("http://127.0.0.1:8787", url)
    .replaceAll(
      /from "latchwork(?:\/(\w+))?"/g,
      (_, door: string | undefined) => `from "../${folderOf(door ?? "sdk")}/index.ts"`,
    );
}

export function exampleFile(path: string): Promise<string> {
  return readFile(join(ROOT, path), "utf8");
}
