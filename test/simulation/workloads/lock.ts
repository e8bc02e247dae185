import type { Lease } from "../../../sdk/index.ts";
import { Beliefs, type Belief } from "../checks/beliefs.ts";
import type { SimClient } from "../world/sim_client.ts";
import { holdByCall, holdOn, type CallTurn } from "./calls/holding.ts";
import { ask, attempt, hold, release, someWait, type Stage, type Workload } from "./workload.ts";

/** Many want one lock, hold it for a while, and write to what it guards. */
export function lockWorkload(stage: Stage): Workload {
  const { violations, operations, name } = stage;
  const beliefs = new Beliefs(stage);

  const write = (belief: Belief): void => {
    if (!beliefs.isReal(belief)) return;
    const { client, lease, pausesBefore } = belief;
    // Who stood still may believe what is no longer true: that is what the token is for.
    const isWritten = beliefs.write(lease);
    violations.check(
      "LE2",
      isWritten || client.pauses > pausesBefore,
      () => `the token ${lease.token} of a holder is refused`,
    );
  };

  const use = async (client: SimClient, lease: Lease): Promise<void> => {
    const belief = beliefs.granted(client, lease);
    await hold(stage, client, lease);
    write(belief);
    beliefs.ended(belief);
  };

  const step = async (client: SimClient): Promise<void> => {
    const lock = client.lw.lock(name);
    const wait = someWait(client);
    switch (client.random.int(0, 9)) {
      case 0:
        return ask(stage, client, () => lock.statistics());
      case 1:
      case 2:
        await attempt(stage, client, "run", () => lock.run((lease) => use(client, lease), wait));
        return;
      case 3: {
        const got = await attempt(stage, client, "tryAcquire", () => lock.tryAcquire());
        if ("error" in got || got.value === null) return;
        await use(client, got.value);
        return release(stage, client, got.value);
      }
      default: {
        const got = await attempt(stage, client, "acquire", () => lock.acquire(wait));
        if ("error" in got) return;
        await use(client, got.value);
        return release(stage, client, got.value);
      }
    }
  };

  return {
    async task(client) {
      for (let count = 0; count < operations; count += 1) {
        await client.sleep(client.random.delayMs(100));
        await step(client);
      }
    },

    call: (caller) =>
      holdByCall(stage, caller, {
        body: { op: "acquire" },
        granted: (lease) => beliefs.granted(caller, lease),
        ended: (belief) => beliefs.ended(belief),
        async work(turn: CallTurn) {
          await holdOn(stage, caller, turn, {});
          write(turn.belief);
        },
      }),

    async finish(keeper) {
      const lock = keeper.lw.lock(name);
      const got = await attempt(stage, keeper, "isLocked", () => lock.isLocked());
      const isFree = "error" in got || !got.value;
      violations.check("W5", isFree, () => "the lock is held when all is over");
    },
  };
}
