import type { Call, RequestBody } from "./calls.ts";
import type { Environment } from "./environment.ts";
import { ConnectionLostError, TimeoutError } from "./errors.ts";
import type { Result } from "./results.ts";

/** How a waiting call may be given up. */
export interface WaitOptions {
  /** How long to wait, in milliseconds; 0 is "now or not at all", no limit where it is left out. */
  readonly timeoutMs?: number | undefined;
  /** Gives the wait up when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Where a request that may wait is put on its way, and taken back. */
export interface Waitable {
  readonly environment: Environment;
  /** Calls back only after it has returned. */
  start(body: RequestBody, rest: Pick<Call, "deadlineMs" | "succeed" | "fail">): Call;
  withdraw(call: Call): Promise<void>;
  withdrawForCertain(call: Call): Promise<Result>;
}

export interface WithdrawalOptions {
  /** For what may take effect for good: whether the answer to its cancel says that it has, so that it succeeds. */
  readonly stands?: (cancelled: Result) => boolean;
}

/**
 * Asks, and waits until `accept` can make something of the answer. Gives up on time-out and abort; what was granted
 * while that was on its way is given back (W3).
 */
export function waitFor<Value>(
  connection: Waitable,
  body: RequestBody,
  { timeoutMs, signal }: WaitOptions,
  accept: (result: Result, call: Call) => Value,
  { stands }: WithdrawalOptions = {},
): Promise<Value> {
  const { environment } = connection;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    let cancelTimer = (): void => {};
    const stop = (): void => {
      cancelTimer();
      signal?.removeEventListener("abort", aborted);
    };
    const call = connection.start(body, {
      deadlineMs: timeoutMs === undefined ? null : environment.nowMs() + timeoutMs,
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
    const withdraw = (reason: unknown): void => {
      stop();
      if (stands === undefined) void connection.withdraw(call).then(() => reject(reason));
      else {
        connection.withdrawForCertain(call).then((said) => {
          if (stands(said)) resolve(accept(said, call));
          else reject(reason);
        }, reject);
      }
    };
    const aborted = (): void => withdraw(signal?.reason);
    signal?.addEventListener("abort", aborted);
    // The server answers "now or not at all" by itself.
    if (timeoutMs === undefined || timeoutMs === 0) return;
    cancelTimer = environment.after(timeoutMs, () => withdraw(lateness(call, timeoutMs)));
  });
}

/** To wait in line in vain is one thing; another, never to have come as far as the line. */
function lateness({ firstSentOn }: Call, timeoutMs: number): Error {
  return firstSentOn === null
    ? new ConnectionLostError(`The server could not be reached within ${timeoutMs} ms.`)
    : new TimeoutError(`It was not to be had within ${timeoutMs} ms.`);
}
