/** `npm run sim -- --seed S --runs N`: see `--help`. */
import { parseArgs } from "node:util";
import { KINDS, type Kind } from "../../sdk/protocol.ts";
import { runOnce, type RunResult } from "./run.ts";
import type { Fault } from "./world/faults.ts";

const HELP = `npm run sim -- [--seed S] [--runs N] [--kind K] [--trace] [--stop]
  --seed   of the first run; the next has the next number (default: drawn, and printed)
  --runs   how many (default 100)
  --kind   only this primitive: ${KINDS.join(", ")}
  --trace  prints what happens, line by line
  --stop   at the first run with a violation`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    runs: { type: "string", default: "100" },
    kind: { type: "string" },
    trace: { type: "boolean", default: false },
    stop: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await simulate();

async function simulate(): Promise<number> {
  const first =
    values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const runs = Number(values.runs);
  const kinds = values.kind === undefined ? undefined : [values.kind as Kind];
  console.log(`Simulating ${runs} runs from seed ${first}.`);
  const totals = { operations: 0, happenings: 0, faults: new Map<Fault, number>() };
  let failed = 0;
  for (let seed = first; seed < first + runs; seed += 1) {
    const log = values.trace ? (line: string) => console.log(line) : () => {};
    const result = await runOnce({ seed, kinds, log });
    totals.operations += result.operations;
    totals.happenings += result.happenings;
    for (const [fault, count] of result.faults) {
      totals.faults.set(fault, (totals.faults.get(fault) ?? 0) + count);
    }
    if (result.violations.length === 0) continue;
    failed += 1;
    report(result);
    if (values.stop) break;
  }
  const faults = [...totals.faults.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${runs} runs, ${totals.operations} operations, ${faults} faults, ${totals.happenings} happenings, ${failed} runs with violations.`,
  );
  for (const [fault, count] of totals.faults) console.log(`  ${fault}: ${count}`);
  return failed === 0 ? 0 : 1;
}

function report({ seed, kind, violations }: RunResult): void {
  console.log(`\nSeed ${seed} (${kind}):`);
  for (const line of violations.slice(0, 5)) console.log(`  ${line}`);
  console.log(`  again: npm run sim -- --seed ${seed} --runs 1 --kind ${kind} --trace`);
}
