import type { Caller } from "../world/caller.ts";
import type { SimClient } from "../world/sim_client.ts";
import { asked, faultOf, someKey, somePatience } from "./calls/asking.ts";
import { ask, attempt, burst, someWait, type Stage, type Workload } from "./workload.ts";

/** Some set and clear, others wait. */
export function eventWorkload(stage: Stage): Workload {
  const { world, violations, operations, ledger, name } = stage;
  let isOver = false;

  const wait = async (client: SimClient): Promise<void> => {
    const event = client.lw.event(name);
    const { nowMs } = world.timeline;
    const done = await attempt(stage, client, "wait", () => event.wait(someWait(client)));
    const isRight = "error" in done || ledger.wasSetSince(nowMs);
    violations.check("EV4", isRight, () => "a wait returned, and nobody had set the event");
  };

  const step = async (client: SimClient): Promise<void> => {
    const event = client.lw.event(name);
    const action = client.random.int(0, 9);
    if (action === 0) return ask(stage, client, () => event.statistics());
    if (action <= 2) await attempt(stage, client, "set", () => event.set());
    else if (action <= 5 && !isOver) await attempt(stage, client, "clear", () => event.clear());
    else if (action === 6 && !isOver) {
      // EV2: in one frame, so that who waits is woken by what is not true any more.
      const both = [event.set(), event.clear()];
      await attempt(stage, client, "set and clear", () => Promise.all(both));
    } else await burst(client, () => wait(client));
  };

  const waitByCall = async (caller: Caller): Promise<void> => {
    const { nowMs } = world.timeline;
    const { timeoutMs, ...listens } = somePatience(caller);
    const body = timeoutMs === undefined ? { op: "wait" } : { op: "wait", timeoutMs };
    const key = someKey(caller);
    const heard = await asked(stage, caller, {
      body,
      key,
      isRepeatable: true,
      ...listens,
    });
    const isRight = heard === null || faultOf(heard) !== null || ledger.wasSetSince(nowMs);
    violations.check("EV4", isRight, () => "a call's wait returned, and nobody had set the event");
  };

  /** Asked once: a clear that was repeated late would undo what was set since. */
  const changeByCall = async (caller: Caller, op: "set" | "clear"): Promise<void> => {
    await asked(stage, caller, { body: { op }, isRepeatable: false });
  };

  return {
    async task(client) {
      for (let count = 0; count < operations; count += 1) {
        await client.sleep(client.random.delayMs(100));
        await step(client);
      }
    },

    async call(caller) {
      const action = caller.random.int(0, 9);
      if (action <= 1) await changeByCall(caller, "set");
      else if (action <= 3 && !isOver) await changeByCall(caller, "clear");
      else await waitByCall(caller);
    },

    /** Whoever still waits is let go: nobody clears any more, so one `set` is enough (EV2). */
    async heal(keeper) {
      isOver = true;
      const event = keeper.lw.event(name);
      await attempt(stage, keeper, "set", () => event.set());
      // A clear that was under way may have come after it.
      await keeper.sleep(30_000);
      await attempt(stage, keeper, "set", () => event.set());
    },

    async finish(keeper) {
      const event = keeper.lw.event(name);
      const got = await attempt(stage, keeper, "statistics", () => event.statistics());
      if ("error" in got) return;
      const { isSet, tasksWaiting } = got.value;
      violations.check("EV2", isSet && tasksWaiting === 0, () => "a set was lost");
    },
  };
}
