import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { mutate } from "./mutants/copy.ts";
import { MUTANTS } from "./mutants/list.ts";

it.each(MUTANTS)("applies to the code as it is: $name", (mutant) => {
  const edits = mutant.also === undefined ? [mutant] : [mutant, mutant.also];
  for (const edit of edits) {
    const text = readFileSync(path.join(import.meta.dirname, "../..", edit.file), "utf8");
    expect(mutate(text, edit)).not.toBe(text);
  }
});

it("no two mutants have one name", () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

it("a mutant whose text is not there, or is there twice, says so", () => {
  const edit = { file: "a.ts", find: "a", replace: "b" };
  expect(() => mutate("c", edit)).toThrow("occurs 0 times");
  expect(() => mutate("a a", edit)).toThrow("occurs 2 times");
});
