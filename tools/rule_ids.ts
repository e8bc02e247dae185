import type { SourceFile } from "./files.ts";
import { titlesOf } from "./titles.ts";

/** A rule of docs/semantics.md: `**LK3** A cancelled waiter never holds.` */
export interface Rule {
  readonly id: string;
  readonly group: string;
}

const RULE = /\*\*([A-Z]+)(\d+)\*\*/g;
const BRACKETS = /\[([^\]]*)\]/g;
const ID = /^[A-Z]+\d+$/;

/** The rules that a specification states, in its order. */
export function rulesOf(specification: string): Rule[] {
  const rules = new Map<string, Rule>();
  for (const [, group = "", number = ""] of specification.matchAll(RULE)) {
    const id = `${group}${number}`;
    rules.set(id, { id, group });
  }
  return [...rules.values()];
}

/** The rule IDs that stand in brackets in the titles of a test file: `[W1]`, `[W1, W2]` or `[W1] [W2]`. */
export function idsInTitles(text: string): Set<string> {
  const ids = new Set<string>();
  for (const title of titlesOf(text)) {
    for (const [, inside = ""] of title.matchAll(BRACKETS)) {
      for (const part of inside.split(/[\s,]+/)) if (ID.test(part)) ids.add(part);
    }
  }
  return ids;
}

export interface Coverage {
  readonly rules: readonly Rule[];
  readonly untested: readonly Rule[];
  /** IDs that a title bears and the specification lacks, with the file. */
  readonly unknown: readonly { readonly id: string; readonly path: string }[];
}

/** Which rules of the groups have a test, and which IDs in titles are no rule at all. */
export function coverageOf(
  specification: string,
  tests: readonly SourceFile[],
  groups: readonly string[] | null,
): Coverage {
  const all = rulesOf(specification);
  const known = new Set(all.map(({ id }) => id));
  const tested = new Set<string>();
  const unknown: { id: string; path: string }[] = [];
  for (const { path, text } of tests) {
    for (const id of idsInTitles(text)) {
      if (known.has(id)) tested.add(id);
      else unknown.push({ id, path });
    }
  }
  const rules = all.filter(({ group }) => groups === null || groups.includes(group));
  return { rules, untested: rules.filter(({ id }) => !tested.has(id)), unknown };
}
