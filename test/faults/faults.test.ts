import { expect, onTestFailed, test } from "vitest";
import { FAULTS, QUICK_COUNTS } from "./plan.ts";
import { runFaults } from "./run.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);

test(`[LK1, LE2, LE4, SE1, CL1, CO4, EV2, ST2, ST3, ST8, W5] real processes stay true while servers and clients are killed and stopped, networks fail and a disk is full (seed ${SEED})`, async () => {
  console.log(`Faults from seed ${SEED}.`);
  const trace: string[] = [];
  onTestFailed(() => console.log(trace.join("\n")));
  const { violations, faults, operations, turns } = await runFaults({
    seed: SEED,
    counts: QUICK_COUNTS,
    clients: 4,
    pauseMs: 300,
    minutesMax: 1,
    log: (line) => trace.push(line),
  });
  expect(violations).toEqual([]);
  expect(operations).toBeGreaterThan(100);
  expect(turns).toBeGreaterThan(20);
  expect([...faults.keys()].toSorted()).toEqual(Object.keys(FAULTS).toSorted());
}, 300_000);
