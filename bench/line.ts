import { RawClient } from "./raw_client.ts";
import { openMany, type Server } from "./socket.ts";

/** As many requests as a frame may hold, less what is asked besides. */
const JOINING = 1_000;

/** A lock that is held, and those who wait for it. */
export interface Line {
  /** The holder joins the end of the line and lets go; how long until the next has the grant, in milliseconds. */
  step(): Promise<number>;
  /** How long until somebody hears how many wait, in milliseconds. */
  look(): Promise<number>;
}

export async function openLine(
  server: Server,
  { name, waiters, sessions }: { name: string; waiters: number; sessions: number },
  stack: AsyncDisposableStack,
): Promise<Line> {
  const object = { kind: "lock", name, framing: "a frame a task" } as const;
  const clients = await openMany(sessions, () => RawClient.open(server, object, stack));
  const [first] = clients;
  if (first === undefined) throw new Error("A line has sessions.");
  let holder = { client: first, token: await first.acquire() };
  const line: { client: RawClient; grant: Promise<number> }[] = [];
  const join = (client: RawClient): void => {
    const grant = client.acquire();
    // Whoever still waits when all is over is told so, and nobody listens.
    grant.catch(() => {});
    line.push({ client, grant });
  };
  // One session after the other, and frame by frame: so it is known who stands where.
  for (const [index, client] of clients.entries()) {
    const until = Math.floor((waiters * (index + 1)) / sessions);
    while (line.length < until) {
      const length = Math.min(JOINING, until - line.length);
      for (let joined = 0; joined < length; joined += 1) join(client);
      await client.tasksWaiting();
    }
  }
  return {
    async step() {
      const startedAtMs = performance.now();
      const next = line.shift();
      if (next === undefined) throw new Error("Nobody waits.");
      join(holder.client);
      const released = holder.client.release(holder.token);
      const token = await next.grant;
      const tookMs = performance.now() - startedAtMs;
      await released;
      holder = { client: next.client, token };
      return tookMs;
    },
    async look() {
      const startedAtMs = performance.now();
      const found = await first.tasksWaiting();
      if (found !== waiters) throw new Error(`Of ${waiters} waiters ${found} are left.`);
      return performance.now() - startedAtMs;
    },
  };
}
