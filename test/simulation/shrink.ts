import { FAULT_NAMES, type Fault } from "./world/faults.ts";
import { runOnce, type RunOptions, type RunResult } from "./run.ts";

/** A run that fails, and what makes it. */
export interface Failure {
  readonly options: RunOptions & { readonly faults: ReadonlySet<Fault> };
  readonly result: RunResult;
}

const CLIENTS = [2, 3, 4, 5];
const CALLERS = [0, 1, 2];
const OPERATIONS = [1, 2, 3, 5, 8, 11];

/** Runs the seed again with less and less going wrong, for as long as the same rule is broken: what is left matters. */
export async function shrink(result: RunResult): Promise<Failure> {
  const { seed, kind, enabled, callers: asked } = result;
  const options = { seed, kinds: [kind], faults: enabled, callers: asked };
  let smallest: Failure = { options, result };
  const attempt = async (fewer: Partial<Failure["options"]>): Promise<boolean> => {
    const changed = { ...smallest.options, ...fewer };
    const again = await runOnce(changed);
    if (ruleOf(again) !== ruleOf(result)) return false;
    smallest = { options: changed, result: again };
    return true;
  };
  const dropFaults = async (): Promise<void> => {
    for (const fault of FAULT_NAMES) {
      const { faults } = smallest.options;
      if (faults.has(fault)) await attempt({ faults: without(faults, fault) });
    }
  };
  await attempt({ faults: new Set(result.faults.keys()) });
  await dropFaults();
  for (const callers of CALLERS) if (await attempt({ callers })) break;
  for (const clients of CLIENTS) if (await attempt({ clients })) break;
  for (const operations of OPERATIONS) if (await attempt({ operations })) break;
  await dropFaults();
  return smallest;
}

/** What the run is repeated with on the command line. */
export function commandFor({ options, result }: Failure): string {
  const { seed, faults, clients, operations, callers } = options;
  const parts = [`npm run sim -- --seed ${seed} --runs 1 --kind ${result.kind}`];
  const names = [...faults].map((fault) => fault.replaceAll(" ", "-"));
  parts.push(`--faults ${names.length === 0 ? "none" : names.join(",")}`);
  if (clients !== undefined) parts.push(`--clients ${clients}`);
  if (operations !== undefined) parts.push(`--operations ${operations}`);
  if (callers !== undefined) parts.push(`--callers ${callers}`);
  return parts.join(" ");
}

/** The last lines of what happened in a run. */
export async function lastLines({ options }: Failure, count: number): Promise<string[]> {
  const lines: string[] = [];
  await runOnce({
    ...options,
    log: (line) => {
      lines.push(line);
      if (lines.length > count) lines.shift();
    },
  });
  return lines;
}

function ruleOf({ violations: [first = ""] }: RunResult): string {
  return first.slice(0, first.indexOf("]"));
}

function without(faults: ReadonlySet<Fault>, left: Fault): ReadonlySet<Fault> {
  return new Set([...faults].filter((fault) => fault !== left));
}
