import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { readFiles, ROOT } from "../../tools/files.ts";
import { titlesOf } from "../../tools/titles.ts";

/** A row of docs/anyio.md names a test as `[W1] its title` (the file, without .test.ts). */
const NAMED = /`(\[[^`]+)` \((\w+)\)/g;
const VERDICT =
  /\| `test_[^|]+\| (carried over|deliberately different|not meaningful between machines): \S/;
const SUMMARY =
  /Of (\d+) behaviours (\d+) are carried over, (\d+) are deliberately different, and (\d+) are not/;

const page = readFileSync(join(ROOT, "docs", "anyio.md"), "utf8");
const named = Array.from(page.matchAll(NAMED), ([, title, file]) => `${file}: ${title}`);
const written = readFiles(["test/e2e/anyio/*.test.ts"]).flatMap(({ path, text }) =>
  titlesOf(text).map((title) => `${basename(path, ".test.ts")}: ${title}`),
);

test("every test that docs/anyio.md names is written", () => {
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !written.includes(name))).toEqual([]);
});

test("every test of test/e2e/anyio is named in docs/anyio.md", () => {
  expect(written.length).toBeGreaterThan(0);
  expect(written.filter((name) => !named.includes(name))).toEqual([]);
});

test("every behaviour in docs/anyio.md has a verdict, and the page counts them right", () => {
  const rows = page.split("\n").filter((line) => line.includes("| `test_"));
  const verdicts = rows.map((row) => VERDICT.exec(row)?.[1] ?? `no verdict: ${row}`);
  const count = (verdict: string): number => verdicts.filter((each) => each === verdict).length;
  expect(SUMMARY.exec(page)?.slice(1).map(Number)).toEqual([
    rows.length,
    count("carried over"),
    count("deliberately different"),
    count("not meaningful between machines"),
  ]);
  expect(verdicts.filter((verdict) => verdict.startsWith("no verdict"))).toEqual([]);
});
