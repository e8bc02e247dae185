import { setTimeout as sleep } from "node:timers/promises";
import { AlreadyBorrowedError } from "../../../sdk/index.ts";
import { finished, mostHeldAtOnce, of, type Scene } from "../scene.ts";

/** Ten tasks in five processes, each a borrower with a name of its own; two tokens. */
export const limiterScene: Scene = {
  title: "Capacity limiter",
  promise: "ten borrowers in five processes share two tokens, and none has two of them",
  processes: [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
  ],

  async task(latchwork, task, say) {
    const limiter = latchwork.limiter("tour/connections", { totalTokens: 2 });
    const borrower = { onBehalfOf: `tenant ${task}` };
    say("waits");
    await using lease = await limiter.acquire(borrower);
    say("enters", { token: lease.token });
    try {
      await limiter.acquire(borrower);
    } catch (error) {
      if (!(error instanceof AlreadyBorrowedError)) throw error;
      say("is refused", { note: "a second token" });
    }
    await sleep(100);
    say("leaves");
  },

  judge(reports) {
    const most = mostHeldAtOnce(reports);
    const done = finished(reports);
    const refused = of("is refused", reports).length;
    return [
      { text: `${done} of 10 borrowers had a token`, good: done === 10 },
      { text: `at most ${most} tokens were borrowed at once`, good: most === 2 },
      { text: `${refused} of 10 were refused a second token`, good: refused === 10 },
    ];
  },
};
