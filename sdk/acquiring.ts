import type { Connection } from "./connection.ts";
import { TimeoutError } from "./errors.ts";
import type { AcquireRequest, Config } from "./requests.ts";
import { HeldLease, tokenOf, type Lease } from "./lease.ts";
import { readTimeoutMs } from "./options.ts";
import type { Result } from "./results.ts";
import type { WaitOptions } from "./waiting.ts";

/** What lock-like handles share: one way to acquire, and to try. */

export async function acquire(
  connection: Connection,
  body: { permits: number; borrower?: string; config?: Config | undefined },
  { timeoutMs, signal }: WaitOptions,
): Promise<Lease> {
  const limitMs = readTimeoutMs(timeoutMs);
  const { config, ...rest } = body;
  const request: Omit<AcquireRequest, "id"> = {
    op: "acquire",
    ...rest,
    ...(config === undefined ? {} : { config }),
  };
  const make = (result: Result): HeldLease => new HeldLease(connection, tokenOf(result));
  return connection.hold(request, make, { timeoutMs: limitMs, signal });
}

/** `null` where a wait would have been needed. */
export async function orNull<Held>(acquiring: Promise<Held>): Promise<Held | null> {
  try {
    return await acquiring;
  } catch (error) {
    if (error instanceof TimeoutError) return null;
    throw error;
  }
}
