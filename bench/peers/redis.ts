import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProgram, freePort, startProgram } from "../processes.ts";
import { LOCK_TTL_MS, type Acquire, type Peer } from "./peer.ts";

export type AppendFsync = "always" | "everysec";

/** What is used of ioredis. */
interface Redis {
  ping(): Promise<string>;
  disconnect(): void;
  on(event: "error", listener: () => void): void;
}
/** What is used of redlock. */
interface Redlock {
  lock(name: string, ttlMs: number): Promise<{ unlock(): Promise<void> }>;
}
/** What is used of redis-semaphore. */
interface Mutex {
  acquire(): Promise<void>;
  release(): Promise<void>;
}

export interface RedisPackages {
  readonly Redis: new (port: number, host: string) => Redis;
  readonly Redlock: new (clients: readonly Redis[], options: object) => Redlock;
  readonly Mutex: new (client: Redis, name: string, options: object) => Mutex;
}

/** Redis on a free port with a folder of its own, and both packages on it; null where there is no redis-server. */
export async function startRedis(
  { Redis, Redlock, Mutex }: RedisPackages,
  appendFsync: AppendFsync,
  stack: AsyncDisposableStack,
): Promise<Peer[] | null> {
  const dir = await mkdtemp(join(tmpdir(), "latchwork-redis-"));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const port = await freePort();
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir,
    save: "",
    appendonly: "yes",
    appendfsync: appendFsync,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const server = await startProgram("redis-server", args);
  if (server === null) return null;
  stack.defer(() => endProgram(server));

  const client = async (stack: AsyncDisposableStack): Promise<Redis> => {
    const redis = new Redis(port, "127.0.0.1");
    // It tries again by itself until the server is there.
    redis.on("error", () => {});
    stack.defer(() => redis.disconnect());
    await redis.ping();
    return redis;
  };
  await client(stack);
  return [
    {
      name: `redlock, ${appendFsync}`,
      async open(lock, stack): Promise<Acquire> {
        // Its own pace, 200 ms and up to 100 more; by default it would give up after ten tries.
        const redlock = new Redlock([await client(stack)], { retryCount: -1 });
        return async () => {
          const held = await redlock.lock(`redlock/${lock}`, LOCK_TTL_MS);
          return () => held.unlock();
        };
      },
    },
    {
      name: `redis-semaphore, ${appendFsync}`,
      async open(lock, stack): Promise<Acquire> {
        // Its own pace, 10 ms; by default it would give up after ten seconds.
        const options = { lockTimeout: LOCK_TTL_MS, acquireTimeout: Infinity };
        const mutex = new Mutex(await client(stack), lock, options);
        return async () => {
          await mutex.acquire();
          return () => mutex.release();
        };
      },
    },
  ];
}
