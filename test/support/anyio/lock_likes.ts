import type { Latchwork, Lease } from "../../../sdk/index.ts";

export type Release = () => Promise<void>;

/** What admits one at a time, whatever it is called. Asks the server before it first waits for anything. */
export interface LockLike {
  acquire(): Promise<Release>;
  tryAcquire(): Promise<Release | null>;
  statistics(): Promise<unknown>;
}

interface Leasing {
  acquire(): Promise<Lease>;
  tryAcquire(): Promise<Lease | null>;
  statistics(): Promise<unknown>;
}

function leasing(handle: Leasing): LockLike {
  const releaseOf = (lease: Lease): Release => lease.release.bind(lease);
  return {
    acquire: () => handle.acquire().then(releaseOf),
    tryAcquire: async () => {
      const lease = await handle.tryAcquire();
      return lease === null ? null : releaseOf(lease);
    },
    statistics: () => handle.statistics(),
  };
}

/** A stream with room for one item more: who has put it in holds, and takes one out to release. */
async function lastRoom(
  latchwork: Latchwork,
  name: string,
  { maxBufferSize, isFirst }: { maxBufferSize: number; isFirst: boolean },
): Promise<LockLike> {
  const [send, receive] = await latchwork.stream<null>(name, { maxBufferSize }).open();
  const taken = isFirst ? maxBufferSize - 1 : 0;
  for (let item = 0; item < taken; item += 1) await send.send(null);
  const release: Release = async () => void (await receive.tryReceive());
  return {
    acquire: () => send.send(null).then(() => release),
    tryAcquire: async () => ((await send.trySend(null)) ? release : null),
    statistics: () => send.statistics(),
  };
}

/** A stream of one item: who has taken it out holds, and puts it in again to release. */
async function onlyItem(latchwork: Latchwork, name: string, isFirst: boolean): Promise<LockLike> {
  const [send, receive] = await latchwork.stream<null>(name, { maxBufferSize: 10 }).open();
  if (isFirst) await send.send(null);
  const release: Release = () => send.send(null);
  return {
    acquire: () => receive.receive().then(() => release),
    tryAcquire: async () => ((await receive.tryReceive()) === null ? null : release),
    statistics: () => receive.statistics(),
  };
}

export interface LockLikeKind {
  readonly kind: string;
  /** @param isFirst true for one client of those that open the name. */
  readonly open: (
    latchwork: Latchwork,
    name: string,
    isFirst: boolean,
  ) => LockLike | Promise<LockLike>;
}

export const LOCK_LIKES: readonly LockLikeKind[] = [
  { kind: "lock", open: (latchwork, name) => leasing(latchwork.lock(name)) },
  {
    kind: "semaphore of 1 permit",
    open: (latchwork, name) => leasing(latchwork.semaphore(name, { permits: 1 })),
  },
  {
    kind: "limiter of 1 token",
    open: (latchwork, name) => leasing(latchwork.limiter(name, { totalTokens: 1 })),
  },
  { kind: "condition's lock", open: (latchwork, name) => leasing(latchwork.condition(name)) },
  {
    kind: "stream of 1 place",
    open: (latchwork, name, isFirst) => lastRoom(latchwork, name, { maxBufferSize: 1, isFirst }),
  },
  {
    kind: "stream of 10 places, 9 of them taken",
    open: (latchwork, name, isFirst) => lastRoom(latchwork, name, { maxBufferSize: 10, isFirst }),
  },
  { kind: "stream of 1 item", open: onlyItem },
];
