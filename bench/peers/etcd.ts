import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProgram, freePort, startProgram } from "../processes.ts";
import { LOCK_TTL_MS, type Acquire, type Peer } from "./peer.ts";

/** What is used of etcd3. */
interface Etcd {
  get(key: string): { string(): Promise<string | null> };
  lock(name: string): EtcdLock;
  close(): void;
}
interface EtcdLock {
  ttl(seconds: number): EtcdLock;
  acquire(): Promise<EtcdLock>;
  release(): Promise<void>;
}

export interface EtcdPackage {
  readonly Etcd3: new (options: { hosts: string }) => Etcd;
  readonly EtcdLockFailedError: abstract new () => Error;
}

/** Its lock fails where somebody holds it: whoever wants to wait must try again. As often as redis-semaphore does. */
const RETRY_MS = 10;
const START_MS_MAX = 10_000;

/** One etcd on free ports with a folder of its own; null where there is no etcd. */
export async function startEtcd(
  { Etcd3, EtcdLockFailedError }: EtcdPackage,
  stack: AsyncDisposableStack,
): Promise<Peer | null> {
  const dir = await mkdtemp(join(tmpdir(), "latchwork-etcd-"));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const clients = `http://127.0.0.1:${await freePort()}`;
  const peers = `http://127.0.0.1:${await freePort()}`;
  const settings = {
    "data-dir": dir,
    "listen-client-urls": clients,
    "advertise-client-urls": clients,
    "listen-peer-urls": peers,
    "initial-advertise-peer-urls": peers,
    "initial-cluster": `default=${peers}`,
  };
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const server = await startProgram("etcd", args);
  if (server === null) return null;
  stack.defer(() => endProgram(server));

  const client = async (stack: AsyncDisposableStack): Promise<Etcd> => {
    const etcd = new Etcd3({ hosts: clients });
    stack.defer(() => etcd.close());
    await untilItAnswers(etcd);
    return etcd;
  };
  await client(stack);
  return {
    name: "etcd3",
    async open(name, stack): Promise<Acquire> {
      const etcd = await client(stack);
      return async () => {
        for (;;) {
          const lock = etcd.lock(name).ttl(LOCK_TTL_MS / 1_000);
          try {
            await lock.acquire();
            return () => lock.release();
          } catch (error) {
            if (!(error instanceof EtcdLockFailedError)) throw error;
            await sleep(RETRY_MS);
          }
        }
      };
    },
  };
}

async function untilItAnswers(etcd: Etcd): Promise<void> {
  const untilMs = performance.now() + START_MS_MAX;
  for (;;) {
    try {
      await etcd.get("nothing").string();
      return;
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await sleep(100);
    }
  }
}
