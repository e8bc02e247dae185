import { startEtcd, type EtcdPackage } from "./etcd.ts";
import type { Peer } from "./peer.ts";
import { startRedis, type RedisPackages } from "./redis.ts";

const PACKAGES = "npm run bench:peers";

/** Starts the peers that are here, and says of each other one what it lacks. They end with `stack`. */
export async function startPeers(
  stack: AsyncDisposableStack,
  log: (line: string) => void,
): Promise<Peer[]> {
  const peers: Peer[] = [];
  const [redis, etcd] = [await redisPackages(), await load<EtcdPackage>("etcd3")];
  if (redis === null)
    log(`redlock and redis-semaphore: skipped, the packages come with ${PACKAGES}`);
  else {
    for (const appendFsync of ["always", "everysec"] as const) {
      const started = await startRedis(redis, appendFsync, stack);
      if (started === null)
        log(`Redis, ${appendFsync}: skipped, there is no redis-server (Debian: redis-server)`);
      else peers.push(...started);
    }
  }
  if (etcd === null) log(`etcd3: skipped, the package comes with ${PACKAGES}`);
  else {
    const started = await startEtcd(etcd, stack);
    if (started === null) log("etcd: skipped, there is no etcd (Debian: etcd-server)");
    else peers.push(started);
  }
  return peers;
}

async function redisPackages(): Promise<RedisPackages | null> {
  const [ioredis, redlock, semaphore] = [
    await load<Pick<RedisPackages, "Redis">>("ioredis"),
    await load<{ default: RedisPackages["Redlock"] }>("redlock"),
    await load<Pick<RedisPackages, "Mutex">>("redis-semaphore"),
  ];
  if (ioredis === null || redlock === null || semaphore === null) return null;
  return { Redis: ioredis.Redis, Redlock: redlock.default, Mutex: semaphore.Mutex };
}

/** The packages are not the repository's: their types are those that are written here. */
async function load<Module>(name: string): Promise<Module | null> {
  try {
    return (await import(name)) as Module;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return null;
    throw error;
  }
}
