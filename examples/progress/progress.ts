import { ConnectionLostError, TimeoutError, type Latchwork } from "../../sdk/index.ts";

/** In their order. */
export const STAGES = ["built", "uploaded", "migrated", "switched", "warmed up"] as const;
export type Stage = (typeof STAGES)[number];

/**
 * An event for each stage of each run, set and left so. One event that is cleared and set again would not do: it wakes those
 * who wait at that moment, so whoever comes late, or is busy with the last stage, misses one and cannot know which.
 */
const reached = (latchwork: Latchwork, run: string, stage: Stage) =>
  latchwork.event(`runs/${run}/${stage}`);
const workOn = (latchwork: Latchwork, run: string) => latchwork.lock(`runs/${run}`);

/**
 * Takes a run through its stages. Several may call this for the same run: one works, and if it dies the next goes on at
 * the first stage that was not told. `perform` must be such that doing a stage again does no harm.
 */
export async function carryOut(
  latchwork: Latchwork,
  run: string,
  perform: (stage: Stage, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await workOn(latchwork, run).run(async ({ signal }) => {
    for (const stage of STAGES) {
      const event = reached(latchwork, run, stage);
      if (await event.isSet()) continue;
      await perform(stage, signal);
      signal.throwIfAborted(); // another is at it by now, and tells when it is done
      await event.set();
    }
  });
}

export class AbandonedError extends Error {
  override readonly name = "AbandonedError";
}

/**
 * The stages as they are reached; those that were before one came, at once. An event belongs to nobody, so it is not set
 * if whoever would have done so is gone: after `patienceMs` without news this looks whether anybody is at work.
 *
 * @throws AbandonedError when nobody is: neither somebody who works nor one who waits to take over.
 */
export async function* follow(
  latchwork: Latchwork,
  run: string,
  { patienceMs, signal }: { patienceMs: number; signal: AbortSignal },
): AsyncGenerator<Stage, void, undefined> {
  for (const stage of STAGES) {
    const event = reached(latchwork, run, stage);
    for (let isReached = false; !isReached;) {
      try {
        await event.wait({ timeoutMs: patienceMs, signal });
        isReached = true;
      } catch (error) {
        // Away for too long, nothing is missed: what was reached meanwhile is still set.
        if (error instanceof ConnectionLostError) continue;
        if (!(error instanceof TimeoutError)) throw error;
        const isAlive = await workOn(latchwork, run).isLocked();
        if (isAlive || (await event.isSet())) continue;
        throw new AbandonedError(`Nobody works on ${run}, and it is not ${stage}.`);
      }
    }
    yield stage;
  }
}

/** An event that is set is kept for good: call this when nobody follows the run any more, say a week later. */
export async function forget(latchwork: Latchwork, run: string): Promise<void> {
  await Promise.all(STAGES.map((stage) => reached(latchwork, run, stage).clear()));
}
