import { describe, expect, it } from "vitest";
import { coverageOf, idsInTitles, rulesOf } from "../../tools/rule_ids.ts";

const SPECIFICATION = `
## Lock
- **LK1** At most one holder. **LK2** Hand-over.
- **W10** Something (see LK1 and **not a rule**). **LK1** once more.
`;

describe("rulesOf", () => {
  it("reads every bold ID once, several on a line too", () => {
    expect(rulesOf(SPECIFICATION)).toEqual([
      { id: "LK1", group: "LK" },
      { id: "LK2", group: "LK" },
      { id: "W10", group: "W" },
    ]);
  });
});

describe("idsInTitles", () => {
  it.each([
    [`it("[LK1] one", () => {})`, ["LK1"]],
    [`test('[LK1, LK2] two', f)`, ["LK1", "LK2"]],
    ["describe(`[LK1] [W10] both`, f)", ["LK1", "W10"]],
    [`it(\n  "[LK1] on the next line", f)`, ["LK1"]],
    [`it.each([1, 2])("[LK2] case %i", f)`, ["LK2"]],
    [`it.each([["a", 1], ["(", 2]])("[LK2] case %s", f)`, ["LK2"]],
    ["it.each<Case>([{ a: `x` }])('[LK2] case', f)", ["LK2"]],
    ["it.for(cases)(`[LK2] ${'$'}{name}`, f)", ["LK2"]],
    [`describe.each(cases)("[LK2] $name", f)`, ["LK2"]],
    [`it("says \\"[LK1]\\" aloud", f)`, ["LK1"]],
    [`it("reads list[LK] and [0]", f)`, []],
    [`expect("[LK1]").toBe(x); // [LK2]`, []],
  ])("%s", (text, ids) => {
    expect([...idsInTitles(text)]).toEqual(ids);
  });
});

describe("coverageOf", () => {
  const tests = [{ path: "test/a.test.ts", text: `it("[LK1] a", f); it("[LK9] b", f);` }];

  it("lists rules without a test, and IDs without a rule", () => {
    const { untested, unknown } = coverageOf(SPECIFICATION, tests, null);
    expect(untested.map(({ id }) => id)).toEqual(["LK2", "W10"]);
    expect(unknown).toEqual([{ id: "LK9", path: "test/a.test.ts" }]);
  });

  it("keeps to the groups asked for", () => {
    const { rules, untested } = coverageOf(SPECIFICATION, tests, ["W"]);
    expect(rules.map(({ id }) => id)).toEqual(["W10"]);
    expect(untested.map(({ id }) => id)).toEqual(["W10"]);
  });
});
