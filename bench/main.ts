/** The measurements: `node bench/main.ts [--quick] [--json FILE]`. Latchwork beside the runtime that it runs on. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { startServer } from "../server/index.ts";
import type { Case, Setting } from "./case.ts";
import { acquireCase } from "./cases/acquire.ts";
import { eventCase } from "./cases/event.ts";
import { throughputCase } from "./cases/throughput.ts";
import { startEcho } from "./echo/server.ts";
import { circumstances, print, reportOf, type CaseReport } from "./report.ts";
import { runRounds, type Effort } from "./rounds.ts";

const FULL: Effort = { rounds: 11, roundMs: 400, warmUpMs: 1_500 };
/** Shows that everything works; the figures say little. */
const QUICK: Effort = { rounds: 3, roundMs: 150, warmUpMs: 150 };
/** Whatever happens, the run is over by then. */
const RUN_MS_MAX = 120_000;

const CASES: readonly ((setting: Setting) => Promise<Case>)[] = [
  acquireCase,
  throughputCase,
  eventCase,
];

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const effort = values.quick ? QUICK : FULL;
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => stop.abort(new Error(`Stopped by ${name}.`)));
}

const reports = await measure(AbortSignal.any([stop.signal, AbortSignal.timeout(RUN_MS_MAX)]));
if (values.json !== undefined) {
  const all = { ...circumstances(), effort, cases: reports };
  await writeFile(values.json, `${JSON.stringify(all, null, 2)}\n`);
}

async function measure(signal: AbortSignal): Promise<CaseReport[]> {
  await using latchwork = await startServer({ log });
  await using echo = await startEcho(log);
  const ended = (): void => stop.abort(new Error("A server ended before its time."));
  void Promise.race([latchwork.exited, echo.exited]).then(ended);
  const measured: CaseReport[] = [];
  for (const open of CASES) {
    await using stack = new AsyncDisposableStack();
    const one = await open({ latchwork, echo, stack });
    const report = reportOf(one, await runRounds(one, effort, signal));
    print(report);
    measured.push(report);
  }
  return measured;
}

/** Standard output is for the figures. */
function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
