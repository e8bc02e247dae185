import { OverReleaseError } from "../../../sdk/index.ts";
import { Beliefs } from "../checks/beliefs.ts";
import type { Caller } from "../world/caller.ts";
import type { SimClient } from "../world/sim_client.ts";
import { asked, faultOf, someKey } from "./calls/asking.ts";
import { holdByCall } from "./calls/holding.ts";
import {
  ask,
  attempt,
  burst,
  hold,
  release,
  someWait,
  type Stage,
  type Workload,
} from "./workload.ts";

/** Many want one or several of a few permits; now and then somebody deposits one. */
export function semaphoreWorkload(stage: Stage): Workload {
  const { violations, operations, random, name } = stage;
  const beliefs = new Beliefs(stage);
  const permits = random.chance(0.2) ? random.int(100, 10_000) : random.int(1, 4);
  const maxPermits = permits + random.int(0, 5);
  const config = { permits, maxPermits };
  const deposits = { sure: 0, perhaps: 0 };

  const deposit = async (client: SimClient): Promise<void> => {
    deposits.perhaps += 1;
    const semaphore = client.lw.semaphore(name, config);
    const done = await attempt(stage, client, "deposit", () => semaphore.release(1), {
      expected: [OverReleaseError],
    });
    if ("value" in done) deposits.sure += 1;
    if ("value" in done || done.error instanceof OverReleaseError) deposits.perhaps -= 1;
  };

  const depositByCall = async (caller: Caller): Promise<void> => {
    deposits.perhaps += 1;
    const key = someKey(caller);
    const body = { op: "deposit", permits: 1, config };
    const listensMs = caller.random.chance(0.2) ? caller.random.delayMs(100) : null;
    const asking = { body, key, listensMs, isRepeatable: key !== null };
    const heard = await asked(stage, caller, asking, { expected: ["over-release"] });
    if (heard === null) return;
    deposits.perhaps -= 1;
    if (faultOf(heard) === null) deposits.sure += 1;
  };

  const step = async (client: SimClient): Promise<void> => {
    const semaphore = client.lw.semaphore(name, config);
    const wanted = client.random.int(1, permits);
    const action = client.random.int(0, 9);
    if (action === 0) return burst(client, () => deposit(client));
    if (action === 1) return ask(stage, client, () => semaphore.statistics());
    const wait = { ...someWait(client), permits: wanted };
    const acquiring =
      action === 2 ? semaphore.tryAcquire({ permits: wanted }) : semaphore.acquire(wait);
    const got = await attempt(stage, client, "acquire", () => acquiring);
    if ("error" in got || got.value === null) return;
    const lease = got.value;
    const belief = beliefs.granted(client, lease, { permits: wanted, total: maxPermits });
    await hold(stage, client, lease);
    beliefs.ended(belief);
    await release(stage, client, lease);
  };

  return {
    async task(client) {
      for (let count = 0; count < operations; count += 1) {
        await client.sleep(client.random.delayMs(100));
        await step(client);
      }
    },

    async call(caller) {
      if (caller.random.chance(0.2)) return depositByCall(caller);
      const wanted = caller.random.int(1, permits);
      return holdByCall(stage, caller, {
        body: { op: "acquire", permits: wanted, config },
        granted: (lease) => beliefs.granted(caller, lease, { permits: wanted, total: maxPermits }),
        ended: (belief) => beliefs.ended(belief),
      });
    },

    /** SE1: every permit is back, once; LE5: each deposit counts once. */
    async finish(keeper) {
      const semaphore = keeper.lw.semaphore(name, config);
      const got = await attempt(stage, keeper, "value", () => semaphore.value());
      if ("error" in got) return;
      const least = permits + deposits.sure;
      const most = least + deposits.perhaps;
      violations.check(
        "SE1",
        got.value >= least && got.value <= most,
        () => `${got.value} permits are left of ${least} to ${most}`,
      );
    },
  };
}
