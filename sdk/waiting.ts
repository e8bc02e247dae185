import type { Call, CallOptions, RequestBody } from "./calls.ts";
import type { Environment } from "./environment.ts";
import { ConnectionLostError, TimeoutError } from "./errors.ts";
import { checked, readTimeoutMs } from "./options.ts";
import type { Result } from "./results.ts";

/** How a waiting call may be given up. */
export interface WaitOptions {
  /**
   * How long to wait, in milliseconds; 0 is "now or not at all", for which a server that says nothing has 5 s; no limit
   * where it is left out.
   */
  readonly timeoutMs?: number | undefined;
  /** Gives the wait up when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** How long "now or not at all" waits for the server's word, in milliseconds. */
const NOW_MS = 5_000;

/** Where a request that may wait is put on its way, and taken back. */
export interface Waitable {
  readonly environment: Environment;
  /** Calls back only after it has returned. */
  start(body: RequestBody, options: CallOptions): Call;
  withdraw(call: Call): Promise<void>;
}

/**
 * Asks, and waits until `accept` can make something of the answer. Gives up on time-out and abort; what was granted
 * while that was on its way is given back (W3).
 *
 * @param withdraw takes the request back; resolves with `true` if it stands all the same, so that it succeeds.
 */
export function waitFor<Value>(
  connection: Waitable,
  body: RequestBody,
  options: WaitOptions,
  accept: (result: Result, call: Call) => Value,
  withdraw: (call: Call) => Promise<unknown> = (call) => connection.withdraw(call),
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const { timeoutMs, signal } = checked(options);
    const limitMs = readTimeoutMs(timeoutMs);
    signal?.throwIfAborted();
    const { environment } = connection;
    const call = connection.start(body, {
      deadlineMs: limitMs === undefined ? null : environment.nowMs() + limitMs,
      succeed: (result) => {
        stop();
        try {
          resolve(accept(result, call));
        } catch (error) {
          reject(error);
        }
      },
      fail: (error) => {
        stop();
        reject(error);
      },
    });
    const stop = orGiveUp(environment, {
      signal,
      // The server answers "now or not at all" by itself.
      timeoutMs: limitMs === 0 ? NOW_MS : limitMs,
      late: (ms) => lateness(call, ms, limitMs === 0),
      giveUp: (reason) => {
        withdraw(call).then((stands) => {
          if (stands === true) call.succeed({});
          else reject(reason);
        }, reject);
      },
    });
  });
}

/** Gives a wait up, once, when its time has passed or it is aborted. What it returns calls that off. */
export function orGiveUp(
  environment: Environment,
  {
    timeoutMs,
    signal,
    late,
    giveUp,
  }: WaitOptions & { late: (timeoutMs: number) => Error; giveUp: (reason: unknown) => void },
): () => void {
  const aborted = (): void => {
    stop();
    giveUp(signal?.reason);
  };
  signal?.addEventListener("abort", aborted);
  const cancelTimer =
    timeoutMs === undefined
      ? undefined
      : environment.after(timeoutMs, () => {
          stop();
          giveUp(late(timeoutMs));
        });
  const stop = (): void => {
    cancelTimer?.();
    signal?.removeEventListener("abort", aborted);
  };
  return stop;
}

/** To wait in line in vain is one thing; another, never to have come as far as the line. */
function lateness({ firstSentOn }: Call, timeoutMs: number, isNow: boolean): Error {
  if (isNow) return new ConnectionLostError(`The server did not answer within ${timeoutMs} ms.`);
  return firstSentOn === null
    ? new ConnectionLostError(`The server could not be reached within ${timeoutMs} ms.`)
    : new TimeoutError(`It was not to be had within ${timeoutMs} ms.`);
}
