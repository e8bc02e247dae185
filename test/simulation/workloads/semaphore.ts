import { OverReleaseError } from "../../../sdk/index.ts";
import { Beliefs } from "../checks/beliefs.ts";
import type { SimClient } from "../world/sim_client.ts";
import { attempt, someWait, type Stage, type Workload } from "./workload.ts";

/** Many want one or several of a few permits; now and then somebody deposits one. */
export function semaphoreWorkload(stage: Stage, name: string): Workload {
  const { violations, operations, random } = stage;
  const beliefs = new Beliefs(violations);
  const permits = random.int(1, 4);
  const maxPermits = permits + random.int(0, 3);
  const config = { permits, maxPermits };
  const deposits = { sure: 0, perhaps: 0 };

  const deposit = async (client: SimClient): Promise<void> => {
    deposits.perhaps += 1;
    const semaphore = client.lw.semaphore(name, config);
    const done = await attempt(violations, "deposit", () => semaphore.release(1), [
      OverReleaseError,
    ]);
    if ("value" in done) deposits.sure += 1;
    if ("value" in done || done.error instanceof OverReleaseError) deposits.perhaps -= 1;
  };

  return {
    kind: "semaphore",
    name,

    async task(client) {
      const semaphore = client.lw.semaphore(name, config);
      for (let count = 0; count < operations; count += 1) {
        await client.sleep(client.random.delayMs(100));
        if (client.random.chance(0.1)) {
          await deposit(client);
          continue;
        }
        const wanted = client.random.int(1, permits);
        const wait = { ...someWait(client), permits: wanted };
        const got = await attempt(violations, "acquire", () => semaphore.acquire(wait));
        if ("error" in got) continue;
        const belief = beliefs.granted(client, got.value, { permits: wanted, total: maxPermits });
        await client.sleep(client.random.delayMs(100));
        beliefs.ended(belief);
        await attempt(violations, "release", () => got.value.release());
      }
    },

    /** SE1: every permit is back, once; LE5: each deposit counts once. */
    async finish(keeper) {
      const semaphore = keeper.lw.semaphore(name, config);
      const got = await attempt(violations, "value", () => semaphore.value());
      if ("error" in got) return;
      const least = permits + deposits.sure;
      const most = least + deposits.perhaps;
      violations.check(
        got.value >= least && got.value <= most,
        () => `${got.value} permits are left of ${least} to ${most}`,
      );
    },
  };
}
