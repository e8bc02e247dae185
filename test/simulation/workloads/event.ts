import { attempt, someWait, type Stage, type Workload } from "./workload.ts";

/** Some set and clear, others wait. */
export function eventWorkload({ world, violations, operations }: Stage, name: string): Workload {
  /** When `set` was under way: from its call until it returned, or for ever if it never did. */
  const sets: { fromMs: number; untilMs: number }[] = [];
  let isOver = false;

  return {
    kind: "event",
    name,

    async task(client) {
      const event = client.lw.event(name);
      for (let count = 0; count < operations; count += 1) {
        const { random } = client;
        await client.sleep(random.delayMs(100));
        if (random.chance(0.25)) {
          const interval = { fromMs: world.timeline.nowMs, untilMs: Infinity };
          sets.push(interval);
          const done = await attempt(violations, "set", () => event.set());
          if ("value" in done) interval.untilMs = world.timeline.nowMs;
        } else if (random.chance(0.5) && !isOver) {
          await attempt(violations, "clear", () => event.clear());
        } else {
          const done = await attempt(violations, "wait", () => event.wait(someWait(client)));
          if ("error" in done) continue;
          violations.check(
            sets.some(({ fromMs }) => fromMs <= world.timeline.nowMs),
            () => "a wait returned before anybody had set the event",
          );
        }
      }
    },

    /** Whoever still waits is let go: nobody clears any more, so one `set` is enough (EV2). */
    async heal(keeper) {
      isOver = true;
      const event = keeper.lw.event(name);
      const interval = { fromMs: world.timeline.nowMs, untilMs: Infinity };
      sets.push(interval);
      await attempt(violations, "set", () => event.set());
      // A clear that was under way may have come after it.
      await keeper.sleep(30_000);
      await attempt(violations, "set", () => event.set());
    },

    async finish(keeper) {
      const got = await attempt(violations, "statistics", () => keeper.lw.event(name).statistics());
      if ("error" in got) return;
      violations.check(got.value.isSet && got.value.tasksWaiting === 0, () => "a set was lost");
    },
  };
}
