import { setTimeout as sleep } from "node:timers/promises";
import {
  ClosedResourceError,
  ConnectionLostError,
  LeaseLostError,
  type Event,
  type Latchwork,
} from "../../sdk/index.ts";

export interface Job {
  /** Chosen by whoever orders the work: the same work has the same id, however often it is sent. */
  readonly id: string;
  readonly batchSize: number;
}

/** How a worker's region remembers: a table beside what the jobs change. */
export interface Ledger<Item extends Job, Result> {
  /** Notes that a job begins: for the how-manieth time, and whether it was finished before. */
  begin(job: Item): { attempt: number; isDone: boolean };
  /** Keeps what came of it, in one transaction with what it changes. The first outcome stays. */
  finish(job: Item, outcome: { result: Result } | { error: unknown }): void;
  /** How many jobs of the batch are finished. */
  finished(): number;
}

/** How many jobs may wait for a worker. When there are so many, producers wait: that is the back-pressure. */
const BUFFERED_MAX = 8;
/** How many a worker fetches ahead: enough for the way to the other region, no more than may come back if it dies. */
const AHEAD = 4;

const queueOf = <Item extends Job>(latchwork: Latchwork, batch: string) =>
  latchwork.stream<Item>(`jobs/${batch}`, { maxBufferSize: BUFFERED_MAX });

/**
 * Sends jobs, and settles when the whole batch is done, not when they are sent. Until then an end of each side stays
 * open: the workers' loops go on while a job may come back from one that has died, and the jobs stay where they
 * are while there is no worker at all. Should this program die, run it again: what was done is known by its id.
 *
 * @param jobs asked for anew whenever they must be sent once more.
 */
export async function produce<Item extends Job>(
  latchwork: Latchwork,
  batch: string,
  jobs: () => Iterable<Item> | AsyncIterable<Item>,
  signal: AbortSignal,
): Promise<void> {
  const queue = queueOf<Item>(latchwork, batch);
  await untilDone(latchwork, batch, signal, async (done) => {
    const [send, spare] = await queue.open().catch(async (error: unknown) => {
      if (!(error instanceof ClosedResourceError)) throw error;
      // No producer was left for a whole TTL, so it was closed for good. What was in it is sent again.
      await queue.reset();
      return queue.open();
    });
    try {
      for await (const job of jobs()) await send.send(job, { signal });
      await done.wait({ signal });
    } finally {
      await Promise.allSettled([send.close(), spare.close()]);
    }
  });
}

/**
 * Works until the batch is done, or `signal` is aborted and the job in hand is finished. A job counts as received when the
 * next one is asked for; so one over which a worker dies comes back, and the ledger knows it. Make `handle` such that
 * doing it again does no harm.
 *
 * What `handle` throws is that job's outcome: an error that left the loop would count as received, and lose the job. So
 * try again within `handle` where that may help.
 */
export async function work<Item extends Job, Result>(
  latchwork: Latchwork,
  { batch, ledger, signal }: { batch: string; ledger: Ledger<Item, Result>; signal: AbortSignal },
  handle: (job: Item, attempt: number) => Promise<Result>,
): Promise<void> {
  await untilDone(latchwork, batch, signal, async (done) => {
    await using receive = await queueOf<Item>(latchwork, batch).openReceive({ prefetch: AHEAD });
    let isBusy = false;
    // To close it in the middle of a job would confirm that job: should this process die before it is through, it was lost.
    const leave = (): void => void (isBusy || receive.close());
    signal.addEventListener("abort", leave);
    try {
      for await (const job of receive) {
        isBusy = true;
        const { attempt, isDone } = ledger.begin(job);
        if (!isDone) {
          const outcome = await handle(job, attempt).then(
            (result) => ({ result }),
            (error: unknown) => ({ error }),
          );
          ledger.finish(job, outcome);
        }
        if (ledger.finished() === job.batchSize) await done.set();
        isBusy = false;
        if (signal.aborted) break;
      }
    } finally {
      signal.removeEventListener("abort", leave);
    }
  });
}

/** Joins in until the batch is done: again, after a pause or a cut that was longer than the TTL. */
async function untilDone(
  latchwork: Latchwork,
  batch: string,
  signal: AbortSignal,
  join: (done: Event) => Promise<void>,
): Promise<void> {
  const done = latchwork.event(`jobs/${batch}/done`);
  while (!signal.aborted && !(await done.isSet())) {
    try {
      await join(done);
    } catch (error) {
      const isOver = signal.aborted || isLoss(error);
      if (!isOver) throw error;
    }
    if (signal.aborted || (await done.isSet())) return;
    await sleep(1_000);
  }
}

/** This program's end of the queue was lost, or all ends of its side were: others have the jobs, or nobody has. */
function isLoss(error: unknown): boolean {
  return (
    error instanceof LeaseLostError ||
    error instanceof ConnectionLostError ||
    error instanceof ClosedResourceError
  );
}
