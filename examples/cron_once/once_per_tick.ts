import type { Latchwork } from "../../sdk/index.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

export interface Tick {
  readonly job: string;
  /**
   * When it was due, not when it fired: a Worker has it as `controller.scheduledTime`, a Kubernetes CronJob as the
   * annotation `batch.kubernetes.io/cronjob-scheduled-timestamp`. Where nothing says so your own clock will do, if it is
   * right to within half a minute: all regions must come to the same minute.
   */
  readonly scheduledAtMs: number;
}

export interface Turn {
  /** Give it to what the job writes to, which refuses a smaller one than it has seen. */
  readonly token: number;
  /** Aborted when the turn is over or lost: stop, and write nothing more. */
  readonly signal: AbortSignal;
}

export type Outcome = "ran" | "was done already" | "is too old";

/**
 * Runs `work` for a tick unless some region has done so, however many fire for it, and however late.
 *
 * The lock keeps the regions apart while one works, and lets the next one in if that one dies. It cannot tell a region
 * that comes when all is over: for that there is the event, which stays set. Whoever takes over begins again, so what
 * `work` has done already must not be done twice by doing it again.
 *
 * @param signal ends the wait, and the work: give it the time that your platform allows one invocation.
 */
export async function oncePerTick(
  latchwork: Latchwork,
  { job, scheduledAtMs }: Tick,
  work: (turn: Turn) => Promise<void>,
  signal: AbortSignal,
): Promise<Outcome> {
  // Marks are kept for a week (see below): what is older than half of one may have been done, and its mark be gone.
  if (Date.now() - scheduledAtMs > WEEK_MS / 2) return "is too old";
  const done = latchwork.event(nameOf(job, scheduledAtMs));
  if (await done.isSet()) return "was done already";

  // One name for all ticks: one that takes too long holds up the next. Should they overlap, put the minute into it.
  const lock = latchwork.lock(`cron/${job}`);
  return lock.run(
    async ({ token, signal: lost }) => {
      if (await done.isSet()) return "was done already"; // while we waited
      const over = AbortSignal.any([lost, signal]);
      await work({ token, signal: over });
      over.throwIfAborted(); // or we would mark as done what was broken off
      await done.set();
      // An event that is set is kept for good. Most schedules had a tick at this minute a week ago.
      await latchwork.event(nameOf(job, scheduledAtMs - WEEK_MS)).clear();
      return "ran";
    },
    { signal },
  );
}

/** Cron counts minutes, so clocks that are some seconds apart agree on the nearest one. */
function nameOf(job: string, atMs: number): string {
  return `cron/${job}/${new Date(Math.round(atMs / 60_000) * 60_000).toISOString()}`;
}
