import type { SourceFile } from "./files.ts";

const DIRECTIVE = /\/[/*]\s*(?:oxlint|eslint)-disable\b[^\n]*/g;
const REASON = / -- \S/;

/** Where a lint rule is switched off without ` -- why`, as `path:line: comment`. */
export function unexplainedDisables({ path, text }: SourceFile): string[] {
  const findings: string[] = [];
  for (const match of text.matchAll(DIRECTIVE)) {
    if (REASON.test(match[0])) continue;
    const line = text.slice(0, match.index).split("\n").length;
    findings.push(`${path}:${line}: ${match[0].trim()}`);
  }
  return findings;
}
