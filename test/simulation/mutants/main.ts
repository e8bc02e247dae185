/** `npm run mutants`: does the simulation find the bugs that it is there to find? */
import { parseArgs } from "node:util";
import { KINDS } from "../../../sdk/protocol.ts";
import { Original } from "./copy.ts";
import { MUTANTS } from "./list.ts";
import type { Mutant } from "./mutant.ts";
import { judge, type Verdict, type VerdictOptions } from "./verdict.ts";

const HELP = `npm run mutants -- [--only TEXT] [--runs N] [--seed S] [--jobs N] [--stop] [--list]
  --only   the mutants with this in their name or file
  --runs   how many for each (default 200)
  --seed   of the first run (default 20000)
  --jobs   how many at once (default 2)
  --stop   a mutant is done with at the first run that finds it
  --list   what there is`;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    runs: { type: "string", default: "200" },
    seed: { type: "string", default: "20000" },
    jobs: { type: "string", default: "2" },
    stop: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const chosen = MUTANTS.filter(({ name, file }) => `${name} ${file}`.includes(values.only));
if (values.help) console.log(HELP);
else if (values.list)
  for (const { name, rules } of chosen) console.log(`${rules.join(" ")}  ${name}`);
else process.exitCode = await survey();

async function survey(): Promise<number> {
  const options = {
    seed: Number(values.seed),
    runs: Number(values.runs),
    stop: values.stop,
  } satisfies VerdictOptions;
  console.log(`${chosen.length} mutants, ${options.runs} runs each from seed ${options.seed}.`);
  using original = new Original();
  const isSound = await soundness(original, options);
  let survivors = 0;
  await inParallel(chosen, Number(values.jobs), async (mutant) => {
    const verdict = await verdictOn(mutant, original, options);
    if (!isCaught(verdict)) survivors += 1;
    console.log(line(mutant, verdict));
  });
  console.log(`${chosen.length - survivors} of ${chosen.length} mutants were found.`);
  return isSound && survivors === 0 ? 0 : 1;
}

/** The same runs, of the code without a bug, must find nothing. */
async function soundness(original: Original, options: VerdictOptions): Promise<boolean> {
  const sets = new Map(chosen.map((mutant) => [setOf(mutant), mutant]));
  let isSound = true;
  await inParallel([...sets.values()], Number(values.jobs), async (mutant) => {
    const { caught, first, failure } = await judge(original.folder, optionsFor(mutant, options));
    if (caught === 0 && failure === null) return;
    isSound = false;
    console.log(`NOT CLEAN without a mutant: ${failure ?? JSON.stringify(first)}`);
  });
  if (isSound) console.log("Without a mutant, the same runs find nothing.");
  return isSound;
}

function optionsFor(mutant: Mutant, options: VerdictOptions): VerdictOptions {
  const { kinds, faults, often, callers } = mutant;
  return { ...options, kinds, faults, often, callers };
}

function setOf({ kinds = KINDS, faults = [], often = 1, callers = 0 }: Mutant): string {
  return `${kinds.join()} ${faults.join()} ${often} ${callers}`;
}

async function verdictOn(
  mutant: Mutant,
  original: Original,
  options: VerdictOptions,
): Promise<Verdict> {
  try {
    using copy = original.mutated(mutant);
    return await judge(copy.folder, optionsFor(mutant, options));
  } catch (error) {
    return { runs: 0, caught: 0, first: null, checks: [], failure: (error as Error).message };
  }
}

/** A run that never ends has been noticed too. */
function isCaught({ caught, failure, runs }: Verdict): boolean {
  return caught > 0 || (failure !== null && runs > 0);
}

function line({ name, rules }: Mutant, verdict: Verdict): string {
  const { caught, runs, first, checks, failure } = verdict;
  const by = checks.map(([check, count]) => `${check} ${count}`).join(", ");
  const word = isCaught(verdict) ? "found" : "SURVIVES";
  const at = first === null ? "" : `; first by seed ${first.seed}`;
  const parts = [`${word}: ${name} [${rules.join(" ")}]: ${caught} of ${runs} runs (${by}${at})`];
  if (failure !== null) parts.push(`  ${failure}`);
  return parts.join("\n");
}

async function inParallel<Item>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}
