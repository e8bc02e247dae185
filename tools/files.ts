import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface SourceFile {
  /** Relative to the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** The repository's root: every tool works from there, wherever it is started. */
export const ROOT = join(import.meta.dirname, "..");

/** Reads the files that match any of the patterns, sorted by path. */
export function readFiles(patterns: readonly string[], root = ROOT): SourceFile[] {
  const exclude = (path: string) => /(^|[/\\])(node_modules|dist|\.wrangler)$/.test(path);
  return globSync([...patterns], { cwd: root, exclude })
    .toSorted()
    .map((path) => ({
      path: path.replaceAll("\\", "/"),
      text: readFileSync(join(root, path), "utf8"),
    }));
}
