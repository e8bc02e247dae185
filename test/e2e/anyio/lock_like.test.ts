import { expect, test } from "vitest";
import { LOCK_LIKES, type LockLike, type LockLikeKind } from "../../support/anyio/lock_likes.ts";
import { roundTrip, serverOfThisFile } from "../../support/anyio/test_server.ts";
import { watch } from "../../support/sdk/watched.ts";

const server = serverOfThisFile();
const TURNS = 5;

async function three({ open }: LockLikeKind): Promise<[LockLike, LockLike, LockLike]> {
  const [first, second, third] = server.three((latchwork, name) => ({ latchwork, name }));
  return [
    await open(first.latchwork, first.name, true),
    await open(second.latchwork, second.name, false),
    await open(third.latchwork, third.name, false),
  ];
}

test.each(LOCK_LIKES)("[LK1, SE1, ST2] one client at a time is inside: $kind", async (kind) => {
  let inside = 0;
  let turns = 0;
  const work = async (lockLike: LockLike): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn += 1) {
      const release = await lockLike.acquire();
      inside += 1;
      turns += 1;
      expect(inside).toBe(1);
      await roundTrip(lockLike);
      expect(inside).toBe(1);
      inside -= 1;
      await release();
    }
  };
  await Promise.all((await three(kind)).map(work));
  expect(turns).toBe(3 * TURNS);
});

test.each(LOCK_LIKES)(
  "[W1, W2] clients that ask again and again take turns, in the order of their first asking: $kind",
  async (kind) => {
    const lockLikes = await three(kind);
    const [first] = lockLikes;
    const entered: LockLike[] = [];
    const letIn = await first.acquire();
    const workers = [];
    for (const lockLike of lockLikes) {
      if (lockLike !== first) workers.push(takeTurns(lockLike, lockLike.acquire(), entered));
      await roundTrip(lockLike);
    }
    workers.push(takeTurns(first, Promise.resolve(letIn), entered));
    await Promise.all(workers);
    expect(entered).toEqual(Array.from({ length: TURNS }, () => lockLikes).flat());
  },
);

/** Asks anew in the same frame in which it releases, so that it is in line again before anybody else releases. */
async function takeTurns(
  lockLike: LockLike,
  firstTurn: ReturnType<LockLike["acquire"]>,
  entered: LockLike[],
): Promise<void> {
  let turn = firstTurn;
  for (let left = TURNS - 1; left >= 0; left -= 1) {
    const release = await turn;
    entered.push(lockLike);
    const released = release();
    if (left > 0) turn = lockLike.acquire();
    await released;
  }
}

test.each(LOCK_LIKES)(
  "[W2] what was taken without waiting makes others wait: $kind",
  async (kind) => {
    const [ours, theirs] = await three(kind);
    const release = await ours.tryAcquire();
    expect(await theirs.tryAcquire()).toBeNull();
    const waiting = watch(theirs.acquire());
    await roundTrip(theirs);
    expect(waiting.fate).toBe("pending");
    await release?.();
    await (
      await waiting.promise
    )();
    expect(await ours.tryAcquire()).not.toBeNull();
  },
);

test.each(LOCK_LIKES)(
  "[W2] what is released goes to whoever waits, and a try in the next step comes too late: $kind",
  async (kind) => {
    const [ours, theirs] = await three(kind);
    const release = await ours.acquire();
    const waiting = theirs.acquire();
    await roundTrip(theirs);
    const released = release();
    expect(await ours.tryAcquire()).toBeNull();
    await released;
    await (
      await waiting
    )();
  },
);
