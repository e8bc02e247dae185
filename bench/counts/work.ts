import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Latchwork } from "../../sdk/index.ts";
import { startMetered } from "../metered/server.ts";
import { RawClient } from "../raw_client.ts";
import type { Server } from "../socket.ts";
import { tallyOf, type Tally } from "./tally.ts";

const TIMES = 50;
const BATCH = 16;
/** Short, so that a few of them pass while the bench waits. What happens in one is scaled to the ordinary one. */
const HELD_TTL_MS = 400;
const HELD_TTLS = 10;

/** The work that is counted, through the SDK as a user would do it. */
export interface Work {
  readonly freeCycle: Tally;
  readonly contendedCycle: Tally;
  readonly item: Tally;
  /** Of an item, one of a batch that is sent in one frame and received in one. */
  readonly batchedItem: Tally;
  readonly decision: Tally;
  readonly ping: Tally;
  /** Of a lock that is held for as long as its TTL; the pings are not among its messages. */
  readonly heldTtl: Tally;
}

export async function countWork(log: (line: string) => void): Promise<Work> {
  await using server = await startMetered(log);
  await using first = connect(server.url);
  await using second = connect(server.url);
  return {
    freeCycle: await tallyOf(server, TIMES, () => first.lock("free").run(() => {})),
    contendedCycle: await contended(server, first, second),
    item: await items(server, 1, first, second),
    batchedItem: await items(server, BATCH, first, second),
    decision: await tallyOf(server, TIMES, async () => {
      const lease = await first.limiter("decisions", { totalTokens: 100 }).tryAcquire();
      await lease?.release();
    }),
    ping: await pings(server),
    heldTtl: await held(server),
  };
}

/** One holds, the other waits; then they change places. */
async function contended(server: Server, first: Latchwork, second: Latchwork): Promise<Tally> {
  const locks = [first.lock("contended"), second.lock("contended")];
  let lease = await first.lock("contended").acquire();
  let turn = 0;
  return tallyOf(server, TIMES, async () => {
    turn += 1;
    const lock = locks[turn % 2] ?? first.lock("contended");
    const next = lock.acquire();
    // It travels in the same frame: when it is answered, the other stands in line.
    await lock.statistics();
    await lease.release();
    lease = await next;
  });
}

async function items(
  server: Server,
  batch: number,
  first: Latchwork,
  second: Latchwork,
): Promise<Tally> {
  const [name, config] = [`items/${batch}`, { maxBufferSize: 256 }];
  await using sender = await first.stream<number>(name, config).openSend();
  await using receiver = await second.stream<number>(name, config).openReceive({ prefetch: batch });
  const numbers = Array.from({ length: batch }, (_, index) => index);
  const tally = await tallyOf(server, TIMES, async () => {
    await Promise.all(numbers.map((number) => sender.send(number)));
    await Promise.all(numbers.map(() => receiver.receive()));
  });
  const each = Object.entries(tally).map(([what, count]) => [what, count / batch] as const);
  return Object.fromEntries(each) as unknown as Tally;
}

async function pings(server: Server): Promise<Tally> {
  await using stack = new AsyncDisposableStack();
  const lock = { kind: "lock", name: "pings", framing: "a frame a task" } as const;
  const client = await RawClient.open(server, lock, stack);
  await client.acquire();
  return await tallyOf(server, TIMES, () => client.ping());
}

async function held(server: Server): Promise<Tally> {
  await using client = connect(server.url, { sessionTtlMs: HELD_TTL_MS });
  const lease = await client.lock("held").acquire();
  const tally = await tallyOf(server, HELD_TTLS, () => sleep(HELD_TTL_MS));
  if (lease.signal.aborted) throw new Error("The lock was lost.");
  return tally;
}
