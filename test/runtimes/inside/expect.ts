import { LeaseLostError, type Lease } from "../../../sdk/index.ts";

/** What a case expects, without a test framework, which not every runtime has. */

/** @throws where the two are not the same, as JSON would write them. */
export function expectEqual(actual: unknown, expected: unknown, what = "It"): void {
  const [is, should] = [written(actual), written(expected)];
  if (is !== should) throw new Error(`${what} is ${is}, and should be ${should}.`);
}

/** @throws where something that must hold does not. */
export function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(`This does not hold: ${what}.`);
}

/** What a call fails with. @throws where it does not, or fails with something of another class. */
export async function expectRejection<Rejection>(
  call: Promise<unknown> | (() => unknown),
  Class: abstract new (...args: never[]) => Rejection,
): Promise<Rejection> {
  const error = await failureOf(call);
  if (error instanceof Class) return error;
  throw new Error(`It should have failed with a ${Class.name}, not with: ${String(error)}`, {
    cause: error,
  });
}

/** What a call fails with. @throws where it does not. */
export async function failureOf(call: Promise<unknown> | (() => unknown)): Promise<unknown> {
  let value: unknown;
  try {
    value = await (typeof call === "function" ? call() : call);
  } catch (error) {
    return error;
  }
  throw new Error(`It should have failed, and came to ${written(value)}.`);
}

/** Looks until the condition holds. A case that waits in vain is ended by the time limit of cases. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(5);
}

/** When the signal has been aborted; resolves with its reason. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener("abort", () => resolve(signal.reason));
  });
}

/** Why a lease is lost, once it is. */
export async function lossOf({ signal }: Lease): Promise<string> {
  const reason = await aborted(signal);
  return reason instanceof LeaseLostError ? reason.reason : `no loss: ${String(reason)}`;
}

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}

function written(value: unknown): string {
  if (typeof value === "number" || value === undefined) return String(value);
  return JSON.stringify(value) ?? typeof value;
}
