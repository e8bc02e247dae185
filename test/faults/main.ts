/** `npm run faults`: see `--help`. */
import { parseArgs } from "node:util";
import { FAULTS, fullCounts, QUICK_COUNTS, type Fault } from "./plan.ts";
import { runFaults, type FaultsResult } from "./run.ts";

const HELP = `npm run faults -- [--seed S] [--kills 100] [--cuts 50] [--minutes M] [--quick] [--trace]
  --seed     decides what happens in which order (default: drawn, and printed); when, the machine decides
  --kills    how often the server is killed and started again (default 100)
  --cuts     how often connections are cut (default 50)
  --minutes  after which no more faults are begun (default 6.5)
  --quick    a few of each
  --trace    prints each fault as it happens
Real processes, real sockets, real signals; a client process for each of several clients. Exits with 1 on a violation.
${Object.entries(FAULTS)
  .map(([fault, what]) => `  ${fault}: ${what}`)
  .join("\n")}`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    kills: { type: "string", default: "100" },
    cuts: { type: "string", default: "50" },
    minutes: { type: "string", default: "6.5" },
    quick: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
if (values.help) console.log(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const { kills, cuts } = { kills: Number(values.kills), cuts: Number(values.cuts) };
  const startedMs = performance.now();
  const elapsed = (): string => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;
  console.log(`Faults from seed ${seed}.`);
  const result = await runFaults({
    seed,
    counts: values.quick ? QUICK_COUNTS : fullCounts({ kills, cuts }),
    clients: values.quick ? 4 : 6,
    pauseMs: values.quick ? 300 : 1_200,
    minutesMax: Number(values.minutes),
    log: (line) => values.trace && console.log(`  ${elapsed()} ${line}`),
  });
  report(result, elapsed());
  return result.violations.length === 0 ? 0 : 1;
}

function report(result: FaultsResult, elapsed: string): void {
  const { faults, disk, violations } = result;
  const all = [...faults.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${result.operations} operations, ${all} faults, in ${elapsed}.`);
  for (const fault of Object.keys(FAULTS) as Fault[]) {
    console.log(`  ${fault}: ${faults.get(fault) ?? 0}`);
  }
  console.log(`  disk full: ${disk.summary}`);
  if (result.leftOut > 0) console.log(`  left out for want of time: ${result.leftOut}`);
  console.log(
    `${result.turns} turns inside, of which ${result.overtaken} were overtaken while their process stood still; ${result.refusedWrites} writes with an old token refused.`,
  );
  console.log(
    `${result.items} items received, ${result.redelivered} again after their receiver was lost; ${result.jobs} jobs taken; ${result.waits} waits for the event.`,
  );
  for (const line of violations.slice(0, 20)) console.log(`VIOLATION ${line}`);
  console.log(`${violations.length} violations.`);
}
