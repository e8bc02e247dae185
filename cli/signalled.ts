import { constants } from "node:os";
import { TimeoutError } from "../sdk/index.ts";
import { EXIT } from "./exit_codes.ts";
import { Failure } from "./failure.ts";

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

export function exitCodeOf(signal: NodeJS.Signals): number {
  return EXIT.signal + constants.signals[signal];
}

export class Signalled extends Failure {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`Ended by ${signal}.`, { exitCode: exitCodeOf(signal), code: "signalled" });
    this.signal = signal;
  }
}

/**
 * Runs something that a signal calls off: what it has in line or in hand is given back before the program ends.
 *
 * @throws Signalled, which the work is expected to pass on.
 */
export async function untilSignalled<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const abort = (signal: NodeJS.Signals): void => controller.abort(new Signalled(signal));
  for (const signal of ENDING) process.on(signal, abort);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of ENDING) process.off(signal, abort);
  }
}

/**
 * Waits for something until a signal comes, or for `timeoutMs`. What was asked for is not taken back by that: it fails
 * when the client is closed.
 *
 * @throws what it rejects with; the signal's reason; TimeoutError.
 */
export async function orAborted<Value>(
  asked: Promise<Value>,
  signal: AbortSignal,
  timeoutMs?: number,
): Promise<Value> {
  let giveUp: (reason: unknown) => void = () => {};
  const given = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const abort = (): void => giveUp(signal.reason);
  const late = (): void => giveUp(new TimeoutError(`Nothing came within ${timeoutMs} ms.`));
  const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  asked.catch(() => {});
  try {
    return await Promise.race([asked, given]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
