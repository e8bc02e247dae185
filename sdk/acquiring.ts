import type { Connection } from "./connection.ts";
import { TimeoutError } from "./errors.ts";
import { HeldLease, type Lease } from "./lease.ts";
import type { AcquireRequest } from "./requests.ts";
import type { WaitOptions } from "./waiting.ts";

/** What lock-like handles share: one way to acquire, and to try. */

export function acquire(
  connection: Connection,
  body: Omit<AcquireRequest, "id" | "op">,
  wait: WaitOptions,
): Promise<Lease> {
  return connection.hold({ op: "acquire", ...body }, HeldLease, wait);
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
