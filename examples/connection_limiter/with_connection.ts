import { randomUUID } from "node:crypto";
import type { Limiter } from "../../sdk/index.ts";

/** What your database's driver has, whatever it calls it. */
export interface Connection {
  close(): Promise<void>;
  /** Cuts it off without a word. */
  destroy(): void;
}

export interface ConnectionOptions<Opened extends Connection> {
  /** Made once for each process, not for each invocation: `latchwork.limiter("orders-db", { totalTokens: 5 })`. */
  readonly limiter: Limiter;
  /** What operators see in `statistics().borrowers`. */
  readonly invocation: string;
  /** Less than the platform allows an invocation, so that there is time left to say "come again". */
  readonly patienceMs: number;
  readonly open: () => Promise<Opened>;
}

/**
 * A connection to the database for as long as `query` takes, and never more of them in the world than the limiter has
 * tokens. Should this process die, the database sees its connection end, and the token is back when its TTL is over.
 *
 * @throws TimeoutError when none was free in time: answer 503 with Retry-After.
 * @throws LeaseLostError when this process was paused, or cut off, for too long; its connection is cut by then.
 */
export async function withConnection<Opened extends Connection, Value>(
  { limiter, invocation, patienceMs, open }: ConnectionOptions<Opened>,
  query: (connection: Opened) => Promise<Value>,
): Promise<Value> {
  return limiter.run(
    async ({ signal }) => {
      const connection = await open();
      // The token may be another's now: rather break a query off than be one too many.
      const cut = (): void => connection.destroy();
      signal.addEventListener("abort", cut);
      if (signal.aborted) cut();
      try {
        return await query(connection);
      } finally {
        signal.removeEventListener("abort", cut);
        // Waited for, since the token goes to the next as soon as this returns.
        await connection.close();
      }
    },
    {
      // A name of its own for each attempt: an instance runs several at a time, and the platform repeats one whose
      // instance died, while the dead one's token is still borrowed in its name.
      onBehalfOf: `${invocation}/${randomUUID()}`,
      timeoutMs: patienceMs,
    },
  );
}
