import { AlreadyBorrowedError, NotBorrowedError } from "../../../sdk/index.ts";
import { Beliefs } from "../checks/beliefs.ts";
import type { Caller } from "../world/caller.ts";
import type { SimClient } from "../world/sim_client.ts";
import { asked, someKey } from "./calls/asking.ts";
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

const TOTAL_MAX = 4;
const expected = [AlreadyBorrowedError, NotBorrowedError];
const refusals = ["already-borrowed", "not-borrowed"];

/** Borrowers, some of whom want a second token, give back for each other, and a total that changes under them. */
export function limiterWorkload(stage: Stage): Workload {
  const { violations, operations, name } = stage;
  const beliefs = new Beliefs(stage);
  const config = { totalTokens: 2 };
  /** Those for whom somebody else has given back, or tried to. */
  const returned = new Set<string>();
  let solos = 0;

  const borrow = async (client: SimClient): Promise<void> => {
    const { random } = client;
    const limiter = client.lw.limiter(name, config);
    const who = random.chance(0.2) ? undefined : someone(client);
    const wait = { ...someWait(client), onBehalfOf: who };
    const acquiring = random.chance(0.2)
      ? limiter.tryAcquire({ onBehalfOf: who })
      : limiter.acquire(wait);
    const got = await attempt(stage, client, "acquire", () => acquiring, { expected });
    if ("error" in got || got.value === null) return;
    const lease = got.value;
    const mayLose = (): boolean => who !== undefined && returned.has(who);
    const belief = beliefs.granted(client, lease, { total: Infinity, mayLose });
    await hold(stage, client, lease);
    beliefs.ended(belief);
    await release(stage, client, lease, { mayLose });
  };

  /** In one frame: whether it is granted or not, nobody holds anything afterwards, and nobody is surprised. */
  const borrowAndReturn = async (client: SimClient): Promise<void> => {
    const limiter = client.lw.limiter(name, config);
    solos += 1;
    const onBehalfOf = `solo ${solos}`;
    const borrowing = limiter.acquire({ ...someWait(client), onBehalfOf });
    const returning = limiter.releaseOnBehalfOf(onBehalfOf);
    const [got] = await Promise.all([
      attempt(stage, client, "acquire", () => borrowing),
      attempt(stage, client, "releaseOnBehalfOf", () => returning, { expected }),
    ]);
    if ("value" in got) await release(stage, client, got.value);
  };

  /** Anyone may give back, and change the total: by a call too. */
  const changeByCall = async (caller: Caller): Promise<void> => {
    const { random } = caller;
    const isReturn = random.chance(0.5);
    const borrower = someone(caller);
    if (isReturn) returned.add(borrower);
    const body = isReturn
      ? { op: "return", borrower, config }
      : { op: "set-total", totalTokens: random.int(0, TOTAL_MAX), config };
    // A total that is set by a repeat may come after all that was set since; so it is asked for once.
    const key = isReturn ? someKey(caller) : null;
    const asking = { body, key, isRepeatable: key !== null };
    await asked(stage, caller, asking, { expected: refusals });
  };

  const step = async (client: SimClient): Promise<void> => {
    const { random } = client;
    const limiter = client.lw.limiter(name, config);
    switch (random.int(0, 9)) {
      case 0: {
        const total = random.chance(0.1) ? Infinity : random.int(0, TOTAL_MAX);
        await attempt(stage, client, "setTotalTokens", () => limiter.setTotalTokens(total));
        return;
      }
      case 1: {
        const who = someone(client);
        returned.add(who);
        const returning = (): Promise<void> => limiter.releaseOnBehalfOf(who);
        await attempt(stage, client, "releaseOnBehalfOf", returning, { expected });
        return;
      }
      case 2:
        return borrowAndReturn(client);
      case 3:
        return ask(stage, client, () => limiter.statistics());
      default:
        return burst(client, () => borrow(client));
    }
  };

  return {
    async task(client) {
      for (let count = 0; count < operations; count += 1) {
        await client.sleep(client.random.delayMs(100));
        await step(client);
      }
    },

    async call(caller) {
      const { random } = caller;
      if (random.chance(0.2)) return changeByCall(caller);
      const isOwn = random.chance(0.3);
      const borrower = isOwn ? caller.name : someone(caller);
      const mayLose = (): boolean => returned.has(borrower);
      return holdByCall(stage, caller, {
        body: { op: "acquire", borrower, config },
        expected: refusals,
        mayLose,
        granted: (lease) => beliefs.granted(caller, lease, { total: Infinity, mayLose }),
        ended: (belief) => beliefs.ended(belief),
      });
    },

    /** CL1, CL4: everything is back, and the total can be had. */
    async finish(keeper) {
      const limiter = keeper.lw.limiter(name, config);
      await attempt(stage, keeper, "setTotalTokens", () => limiter.setTotalTokens(3));
      // Of those who have hung up some may have been in line until now, and have it for their time to live.
      if (stage.isCalled) await keeper.sleep(3 * stage.ttlMs);
      const got = await attempt(stage, keeper, "statistics", () => limiter.statistics());
      if ("error" in got) return;
      const { borrowedTokens, availableTokens } = got.value;
      violations.check(
        "CL1",
        borrowedTokens === 0 && availableTokens === 3,
        () =>
          `${borrowedTokens} tokens are borrowed and ${availableTokens} available when all is over`,
      );
    },

    /** While nobody may borrow, those who wait do so rightly. */
    async heal(keeper, areDone) {
      const limiter = keeper.lw.limiter(name, config);
      while (!areDone()) {
        await attempt(stage, keeper, "setTotalTokens", () => limiter.setTotalTokens(TOTAL_MAX));
        await keeper.sleep(1_000);
      }
    },
  };
}

function someone({ random }: Pick<SimClient, "random">): string {
  return `tenant ${random.int(1, 8)}`;
}
