import { AlreadyBorrowedError, type Lease } from "../../../sdk/index.ts";
import { NAMES, TOTALS } from "../reports.ts";
import type { Station } from "./station.ts";

const BORROWERS_MAX = 5;

/** Takes the lock, and writes to what it guards: the parent, who refuses older tokens than it has seen. */
export async function lockTask(station: Station): Promise<void> {
  const lock = station.latchwork.lock(NAMES.lock);
  while (!station.isOver) {
    await station.pause(30);
    const got = await station.attempt("lock.acquire", () => lock.acquire(station.someWait()));
    if ("error" in got) continue;
    const { token, signal } = got.value;
    await station.inside({ place: "lock" }, got.value, async (turn) => {
      await station.work(got.value);
      if (!signal.aborted) await station.ask({ about: "write", turn, token });
    });
    await giveBack(station, got.value);
  }
}

/** Takes one permit or several. */
export async function semaphoreTask(station: Station): Promise<void> {
  const total = TOTALS.semaphore;
  const config = { permits: total, maxPermits: total };
  const semaphore = station.latchwork.semaphore(NAMES.semaphore, config);
  while (!station.isOver) {
    await station.pause(30);
    const permits = station.random.int(1, total);
    const wait = { ...station.someWait(), permits };
    const got = await station.attempt("semaphore.acquire", () => semaphore.acquire(wait));
    if ("error" in got) continue;
    await station.inside({ place: "semaphore", permits }, got.value, () => station.work(got.value));
    await giveBack(station, got.value);
  }
}

/** Borrows in one of a few names, which others use too. */
export async function limiterTask(station: Station): Promise<void> {
  const config = { totalTokens: TOTALS.limiter };
  const limiter = station.latchwork.limiter(NAMES.limiter, config);
  while (!station.isOver) {
    await station.pause(30);
    const borrower = `tenant ${station.random.int(1, BORROWERS_MAX)}`;
    const wait = { ...station.someWait(), onBehalfOf: borrower };
    const got = await station.attempt("limiter.acquire", () => limiter.acquire(wait), [
      AlreadyBorrowedError,
    ]);
    if ("error" in got) continue;
    await station.inside({ place: "limiter", borrower }, got.value, () => station.work(got.value));
    await giveBack(station, got.value);
  }
}

export async function giveBack(station: Station, lease: Lease): Promise<void> {
  await station.attempt("release", () => lease.release());
}
