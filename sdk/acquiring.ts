import type { Connection } from "./connection.ts";
import { TimeoutError } from "./errors.ts";
import type { AcquireRequest, Config } from "./requests.ts";
import type { Lease } from "./lease.ts";
import { readTimeoutMs } from "./options.ts";
import type { WaitOptions } from "./waiting.ts";

/** What lock-like handles share: one way to acquire, and to try. */

export async function acquire(
  connection: Connection,
  body: { permits: number; config?: Config | undefined },
  { timeoutMs, signal }: WaitOptions,
): Promise<Lease> {
  const limitMs = readTimeoutMs(timeoutMs);
  const { permits, config } = body;
  const request: Omit<AcquireRequest, "id"> = {
    op: "acquire",
    permits,
    ...(config === undefined ? {} : { config }),
  };
  return connection.acquire(request, { timeoutMs: limitMs, signal });
}

/** `null` where a wait would have been needed. */
export async function orNull(acquiring: Promise<Lease>): Promise<Lease | null> {
  try {
    return await acquiring;
  } catch (error) {
    if (error instanceof TimeoutError) return null;
    throw error;
  }
}
