/** The measurements. See `--help`. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { startServer } from "../server/index.ts";
import type { Case, Effort } from "./case.ts";
import { CASES } from "./cases/index.ts";
import { COUNTS, type Count } from "./counts/index.ts";
import { startEcho } from "./echo/server.ts";
import { startPeers } from "./peers/index.ts";
import type { Peer } from "./peers/peer.ts";
import { printCount, printQuestion } from "./print.ts";
import { circumstances, reportsOf, type QuestionReport } from "./report.ts";
import { runRounds, unlessAborted } from "./rounds.ts";

const HELP = `node bench/main.ts [--quick] [--only NAME]… [--json FILE]
  --quick  a few seconds for each case: shows that it works, the figures say little
  --only   ${[...Object.keys(CASES), ...Object.keys(COUNTS)].join(", ")}
  --json   every round's figures, for bench/publish.ts`;

/** A database is slow until its log has been round once, after a thousand commits: that must be over. */
const FULL: Effort = { rounds: 7, roundMs: 300, warmUpMs: 1_500 };
const QUICK: Effort = { rounds: 2, roundMs: 150, warmUpMs: 100 };
/** Whatever happens, the run is over by then. */
const RUN_MS_MAX = 600_000;

/** Standard output is for the figures. */
const log = (line: string): void => void process.stderr.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const unknown = values.only.filter((name) => !(name in CASES || name in COUNTS));
if (values.help || unknown.length > 0) {
  console.log(HELP);
  process.exitCode = values.help ? 0 : 1;
} else {
  await run();
}

async function run(): Promise<void> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => stop.abort(new Error(`Stopped by ${name}.`)));
  }
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(RUN_MS_MAX)]);
  const questions: QuestionReport[] = [];
  const counts: Count[] = [];
  try {
    for (const [, count] of Object.entries(COUNTS).filter(isWanted)) {
      const counted = await unlessAborted(count(log), signal);
      counted.forEach(printCount);
      counts.push(...counted);
    }
    const cases = Object.entries(CASES).filter(isWanted);
    if (cases.length > 0) await measure(cases, questions, signal);
  } finally {
    // What was measured before a stop is worth keeping.
    if (values.json !== undefined) {
      const all = { ...circumstances(), quick: values.quick, questions, counts };
      await writeFile(values.json, `${JSON.stringify(all, null, 2)}\n`);
    }
  }
}

function isWanted([name]: readonly [string, unknown]): boolean {
  return values.only.length === 0 || values.only.includes(name);
}

async function measure(
  cases: readonly (readonly [string, (typeof CASES)[string]])[],
  questions: QuestionReport[],
  stopped: AbortSignal,
): Promise<void> {
  await using all = new AsyncDisposableStack();
  const latchwork = all.use(await startServer({ log }));
  const echo = all.use(await startEcho(log));
  const died = new AbortController();
  const ended = (): void => died.abort(new Error("A server ended before its time."));
  void Promise.race([latchwork.exited, echo.exited]).then(ended);
  const signal = AbortSignal.any([stopped, died.signal]);
  let started: Promise<readonly Peer[]> | null = null;
  const peers = (): Promise<readonly Peer[]> => (started ??= startPeers(all, log));
  for (const [name, open] of cases) {
    await using stack = new AsyncDisposableStack();
    log(`… ${name}`);
    const one = await unlessAborted(open({ latchwork, echo, stack, peers }), signal);
    const reports = reportsOf(one, await runRounds(one, effortFor(one), signal));
    reports.forEach(printQuestion);
    questions.push(...reports);
  }
}

function effortFor({ effort = {} }: Case): Effort {
  if (!values.quick) return { ...FULL, ...effort };
  const rounds = Math.min(QUICK.rounds, effort.rounds ?? QUICK.rounds);
  return { ...QUICK, rounds, warmUpMs: effort.warmUpMs === 0 ? 0 : QUICK.warmUpMs };
}
