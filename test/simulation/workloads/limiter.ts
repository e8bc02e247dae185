import { AlreadyBorrowedError, NotBorrowedError } from "../../../sdk/index.ts";
import { Beliefs } from "../checks/beliefs.ts";
import { attempt, someWait, type Stage, type Workload } from "./workload.ts";

const TOTAL_MAX = 4;

/** Borrowers, some of whom want a second token, give back for each other, and a total that changes under them. */
export function limiterWorkload(stage: Stage, name: string): Workload {
  const { violations, operations } = stage;
  const beliefs = new Beliefs(violations);
  const config = { totalTokens: 2 };
  const expected = [AlreadyBorrowedError, NotBorrowedError];
  return {
    kind: "limiter",
    name,

    async task(client) {
      const limiter = client.lw.limiter(name, config);
      for (let count = 0; count < operations; count += 1) {
        const { random } = client;
        await client.sleep(random.delayMs(100));
        const who = `tenant ${random.int(1, 6)}`;
        if (random.chance(0.1)) {
          const total = random.int(0, TOTAL_MAX);
          await attempt(violations, "setTotalTokens", () => limiter.setTotalTokens(total));
          continue;
        }
        if (random.chance(0.1)) {
          await attempt(
            violations,
            "releaseOnBehalfOf",
            () => limiter.releaseOnBehalfOf(who),
            expected,
          );
          continue;
        }
        const wait = { ...someWait(client), onBehalfOf: who };
        const got = await attempt(violations, "acquire", () => limiter.acquire(wait), expected);
        if ("error" in got) continue;
        const belief = beliefs.granted(client, got.value, { total: Infinity });
        await client.sleep(random.delayMs(100));
        beliefs.ended(belief);
        await attempt(violations, "release", () => got.value.release());
      }
    },

    /** CL1, CL4: everything is back, and the total can be had. */
    async finish(keeper) {
      const limiter = keeper.lw.limiter(name, config);
      await attempt(violations, "setTotalTokens", () => limiter.setTotalTokens(3));
      const got = await attempt(violations, "statistics", () => limiter.statistics());
      if ("error" in got) return;
      const { borrowedTokens, availableTokens } = got.value;
      violations.check(
        borrowedTokens === 0 && availableTokens === 3,
        () =>
          `${borrowedTokens} tokens are borrowed and ${availableTokens} available when all is over`,
      );
    },

    /** While nobody may borrow, those who wait do so rightly. */
    async heal(keeper, areDone) {
      const limiter = keeper.lw.limiter(name, config);
      while (!areDone()) {
        await attempt(violations, "setTotalTokens", () => limiter.setTotalTokens(TOTAL_MAX));
        await keeper.sleep(1_000);
      }
    },
  };
}
