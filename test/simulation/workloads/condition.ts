import type { HeldCondition } from "../../../sdk/index.ts";
import { Beliefs } from "../checks/beliefs.ts";
import type { SimClient } from "../world/sim_client.ts";
import { attempt, someWait, type Stage, type Workload } from "./workload.ts";

/** Makers put jobs into a heap and notify; takers wait until there is one. The heap is what the condition guards. */
export function conditionWorkload(
  { violations, operations, clients }: Stage,
  name: string,
): Workload {
  const beliefs = new Beliefs(violations);
  let jobs = 0;
  let made = 0;
  let taken = 0;
  let isOver = false;

  const withLock = async (
    client: SimClient,
    work: (held: HeldCondition) => Promise<void>,
  ): Promise<void> => {
    const condition = client.lw.condition(name);
    const got = await attempt(violations, "acquire", () => condition.acquire(someWait(client)));
    if ("error" in got) return;
    const held = got.value;
    let belief = beliefs.granted(client, held);
    const { token } = held;
    await work(
      new Proxy(held, {
        get: (target, key) => {
          const value: unknown = Reflect.get(target, key, target);
          if (key !== "wait" || typeof value !== "function")
            return typeof value === "function" ? value.bind(target) : value;
          return async (...args: unknown[]): Promise<void> => {
            beliefs.ended(belief);
            try {
              await (value as (...args: unknown[]) => Promise<void>).apply(target, args);
            } finally {
              if (!target.signal.aborted) {
                violations.check(target.token > token, () => "a wait came back with an old token");
                belief = beliefs.granted(client, target);
              }
            }
          };
        },
      }),
    );
    beliefs.ended(belief);
    await attempt(violations, "release", () => held.release());
  };

  const make = (client: SimClient): Promise<void> =>
    withLock(client, async (held) => {
      if (held.signal.aborted) return;
      jobs += 1;
      made += 1;
      await attempt(violations, "notify", () => held.notify(1));
      await client.sleep(client.random.delayMs(20));
    });

  /** Takes a job, if it gets the lock and lives; otherwise it is as if it had not come. */
  const take = (client: SimClient): Promise<void> =>
    withLock(client, async (held) => {
      while (jobs === 0 && !isOver) {
        const woken = await attempt(violations, "wait", () => held.wait(someWait(client)));
        if ("error" in woken && held.signal.aborted) return;
        if ("error" in woken) return;
      }
      if (held.signal.aborted || jobs === 0) return;
      jobs -= 1;
      taken += 1;
      await client.sleep(client.random.delayMs(20));
    });

  return {
    kind: "condition",
    name,

    async task(client) {
      const isMaker = clients.indexOf(client) % 2 === 0;
      for (let count = 0; count < operations; count += 1) {
        await client.sleep(client.random.delayMs(100));
        if (isMaker) await make(client);
        else await take(client);
      }
    },

    /** CO4: whoever waits while there are jobs has been forgotten. When there are none, all are let go. */
    async heal(keeper) {
      await keeper.sleep(60_000);
      const condition = keeper.lw.condition(name);
      const got = await attempt(violations, "statistics", () => condition.statistics());
      if ("value" in got) {
        const { tasksWaiting, lock } = got.value;
        violations.check(
          jobs === 0 || tasksWaiting === 0 || lock.locked,
          () =>
            `${tasksWaiting} wait for a notification while there are ${jobs} jobs: a wake-up was lost`,
        );
      }
      isOver = true;
      for (let again = 0; again < 3; again += 1) {
        const held = await attempt(violations, "acquire", () => condition.acquire());
        if ("value" in held) {
          await attempt(violations, "notifyAll", () => held.value.notifyAll());
          await attempt(violations, "release", () => held.value.release());
        }
        await keeper.sleep(20_000);
      }
    },

    async finish() {
      violations.check(taken <= made, () => `${taken} jobs were taken of ${made}`);
    },
  };
}
