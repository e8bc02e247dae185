import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { KINDS, type Kind } from "../../../sdk/protocol.ts";
import type { Fault } from "../world/faults.ts";

export interface VerdictOptions {
  readonly seed: number;
  readonly runs: number;
  readonly kinds?: readonly Kind[] | undefined;
  /** Only these, so many times as often as usual. */
  readonly faults?: readonly Fault[] | undefined;
  readonly often?: number | undefined;
  readonly callers?: number | undefined;
  /** At the first run with a violation. */
  readonly stop: boolean;
}

/** What the runs of one copy found. */
export interface Verdict {
  readonly runs: number;
  readonly caught: number;
  readonly first: { readonly seed: number; readonly kind: Kind; readonly violation: string } | null;
  /** In how many runs each check was the first to complain, the most frequent first. */
  readonly checks: readonly (readonly [string, number])[];
  /** What went wrong with the runs themselves. */
  readonly failure: string | null;
}

interface Run {
  readonly seed: number;
  readonly kind: Kind;
  readonly violation: string | null;
}

const PATIENCE_MS = 400_000;

export async function judge(folder: string, options: VerdictOptions): Promise<Verdict> {
  const { seed, runs, kinds = KINDS, faults = [], often = 1, callers = 0, stop } = options;
  const script = path.join(folder, "test/simulation/mutants/judge.ts");
  const args = [script, "--seed", `${seed}`, "--runs", `${runs}`, "--kinds", kinds.join()];
  args.push("--faults", faults.join(), "--often", `${often}`, "--callers", `${callers}`);
  const child = spawn(process.execPath, stop ? [...args, "--stop"] : args, {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (code) => resolve(code));
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, PATIENCE_MS);
  const found: Run[] = [];
  for await (const line of createInterface(child.stdout)) found.push(JSON.parse(line) as Run);
  const code = await ended;
  clearTimeout(timer);
  const failure = isLate ? `a run took too long` : code === 0 ? null : complaints.slice(0, 600);
  return verdictOf(found, failure);
}

function verdictOf(runs: readonly Run[], failure: string | null): Verdict {
  const caught = runs.filter(({ violation }) => violation !== null);
  const checks = new Map<string, number>();
  for (const { violation } of caught) {
    const check = /^\[(.+?)\]/.exec(violation ?? "")?.[1] ?? "?";
    checks.set(check, (checks.get(check) ?? 0) + 1);
  }
  const [first] = caught;
  return {
    runs: runs.length,
    caught: caught.length,
    first: first === undefined ? null : { ...first, violation: first.violation ?? "" },
    checks: [...checks].toSorted(([, a], [, b]) => b - a),
    failure,
  };
}
