import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { KINDS, type Kind } from "../../sdk/protocol.ts";
import { FOUND } from "./found.ts";
import { runOnce } from "./run.ts";
import { commandFor, shrink } from "./shrink.ts";
import { FAULT_NAMES, type Fault } from "./world/faults.ts";

async function traced(seed: number, kind: Kind): Promise<object> {
  const hash = createHash("sha256");
  const result = await runOnce({ seed, kinds: [kind], log: (line) => hash.update(line) });
  return { ...result, trace: hash.digest("hex") };
}

it.each(KINDS)("the same seed is the same run: %s", async (kind) => {
  const seeds = [1, 2, 3];
  const first = await runAll(seeds, kind);
  expect(await runAll(seeds, kind)).toEqual(first);
});

async function runAll(seeds: readonly number[], kind: Kind): Promise<object[]> {
  const results: object[] = [];
  for (const seed of seeds) results.push(await traced(seed, kind));
  return results;
}

it("a slice of seeds is clean, and everything goes wrong in it that can", async () => {
  const happened = new Set<Fault>();
  for (let seed = 1; seed <= 80; seed += 1) {
    const { violations, faults } = await runOnce({ seed });
    expect(violations, `seed ${seed}`).toEqual([]);
    for (const fault of faults.keys()) happened.add(fault);
  }
  expect([...happened].toSorted()).toEqual([...FAULT_NAMES].toSorted());
}, 30_000);

it.each(FOUND)("$rules: $what (seed $seed, $kind)", async (found) => {
  const { seed, kind, faults, often, callers = 0 } = found;
  const only = faults === undefined ? undefined : new Set(faults);
  const { violations } = await runOnce({ seed, kinds: [kind], faults: only, often, callers });
  expect(violations).toEqual([]);
});

it("less goes wrong in a run that is repeated with fewer faults, clients and operations", async () => {
  const full = await runOnce({ seed: 5, kinds: ["lock"], faults: new Set(FAULT_NAMES) });
  const less = await runOnce({
    seed: 5,
    kinds: ["lock"],
    faults: new Set(["cut"]),
    clients: 2,
    operations: 2,
  });
  expect([...less.faults.keys()].every((fault) => fault === "cut")).toBe(true);
  expect(less.operations).toBeLessThan(full.operations);
});

it("a run that fails for no rule that it is repeated for is left as it is", async () => {
  const result = await runOnce({ seed: 5, kinds: ["lock"], faults: new Set(["cut", "stall"]) });
  const failure = await shrink({ ...result, violations: ["[none] as if"] });
  expect(commandFor(failure)).toBe(
    "npm run sim -- --seed 5 --runs 1 --kind lock --faults cut,stall",
  );
});
