/** `npm run sim -- --seed S --runs N`: see `--help`. */
import { parseArgs } from "node:util";
import { KINDS, type Kind } from "../../sdk/protocol.ts";
import { runOnce, type RunOptions, type RunResult } from "./run.ts";
import { commandFor, lastLines, shrink } from "./shrink.ts";
import { FAULT_NAMES, type Fault } from "./world/faults.ts";

const HELP = `npm run sim -- [--seed S] [--runs N] [--kind K] [--faults A,B] [--trace] [--stop]
  --seed        of the first run; the next has the next number (default: drawn, and printed)
  --runs        how many (default 100)
  --kind        only this primitive: ${KINDS.join(", ")}
  --faults      only these: none, or some of ${FAULT_NAMES.map(toArgument).join(", ")}
  --often       so many times as often as usual
  --clients     so many at the most
  --callers     so many programs that call at once at the most, some in every run; 0 for none
  --operations  so many for each task at the most
  --trace       prints what happens, line by line
  --stop        at the first run with a violation
A run with a violation is repeated with less and less going wrong, and the end of the smallest one is printed.`;

/** How many failing runs are made small: that takes as long as many runs do. */
const SHRUNK_MAX = 3;
const LINES = 40;
/** A line may carry many requests. */
const LINE_CHARACTERS_MAX = 400;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    runs: { type: "string", default: "100" },
    kind: { type: "string" },
    faults: { type: "string" },
    often: { type: "string" },
    clients: { type: "string" },
    callers: { type: "string" },
    operations: { type: "string" },
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
  const options = readOptions();
  console.log(`Simulating ${runs} runs from seed ${first}.`);
  const totals = { runs: 0, operations: 0, happenings: 0, faults: new Map<Fault, number>() };
  let failed = 0;
  for (let seed = first; seed < first + runs; seed += 1) {
    const result = await runOnce({ ...options, seed });
    totals.runs += 1;
    totals.operations += result.operations;
    totals.happenings += result.happenings;
    for (const [fault, count] of result.faults) {
      totals.faults.set(fault, (totals.faults.get(fault) ?? 0) + count);
    }
    if (result.violations.length === 0) continue;
    failed += 1;
    await report(result, { isShrunk: failed <= SHRUNK_MAX });
    if (values.stop) break;
  }
  const faults = [...totals.faults.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${totals.runs} runs, ${totals.operations} operations, ${faults} faults, ${totals.happenings} happenings, ${failed} runs with violations.`,
  );
  for (const [fault, count] of totals.faults) console.log(`  ${fault}: ${count}`);
  return failed === 0 ? 0 : 1;
}

async function report(result: RunResult, { isShrunk }: { isShrunk: boolean }): Promise<void> {
  const { seed, kind, violations, callers } = result;
  console.log(`\nSeed ${seed} (${kind}):`);
  for (const line of violations.slice(0, 5)) console.log(`  ${line}`);
  if (!isShrunk) {
    console.log(
      `  again: npm run sim -- --seed ${seed} --runs 1 --kind ${kind}${callers === undefined ? "" : ` --callers ${callers}`}`,
    );
    return;
  }
  const failure = await shrink(result);
  console.log(`The end of the smallest run like it:`);
  for (const line of await lastLines(failure, LINES)) {
    console.log(line.slice(0, LINE_CHARACTERS_MAX));
  }
  console.log(`Again: ${commandFor(failure)}\n`);
}

function readOptions(): Omit<RunOptions, "seed"> {
  const { kind, faults, often, clients, callers, operations, trace } = values;
  return {
    kinds: kind === undefined ? undefined : [readKind(kind)],
    faults: faults === undefined ? undefined : readFaults(faults),
    often: often === undefined ? undefined : Number(often),
    clients: clients === undefined ? undefined : Number(clients),
    callers: callers === undefined ? undefined : Number(callers),
    operations: operations === undefined ? undefined : Number(operations),
    log: trace ? (line) => console.log(line) : undefined,
  };
}

function readKind(text: string): Kind {
  const kind = KINDS.find((each) => each === text);
  if (kind === undefined) throw new Error(`There is no kind "${text}": ${KINDS.join(", ")}.`);
  return kind;
}

function readFaults(text: string): ReadonlySet<Fault> {
  const names = text === "none" ? [] : text.split(",");
  return new Set(
    names.map((name) => {
      const fault = FAULT_NAMES.find((each) => toArgument(each) === name);
      if (fault === undefined) throw new Error(`There is no fault "${name}": see --help.`);
      return fault;
    }),
  );
}

function toArgument(fault: Fault): string {
  return fault.replaceAll(" ", "-");
}
