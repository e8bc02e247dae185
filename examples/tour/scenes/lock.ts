import { setTimeout as sleep } from "node:timers/promises";
import { finished, mostHeldAtOnce, tokensGrow, type Scene } from "../scene.ts";

/** Four tasks in four processes, one lock. */
export const lockScene: Scene = {
  title: "Lock",
  promise: "four tasks in four processes want one lock: one has it at a time",
  processes: [[1], [2], [3], [4]],

  async task(latchwork, _task, say) {
    const lock = latchwork.lock("tour/printer");
    say("waits");
    await using lease = await lock.acquire();
    say("enters", { token: lease.token });
    await sleep(250);
    say("leaves");
  },

  judge(reports) {
    const most = mostHeldAtOnce(reports);
    const done = finished(reports);
    return [
      { text: `${done} of 4 tasks had the lock`, good: done === 4 },
      { text: `at most ${most} held it at once`, good: most === 1 },
      { text: "every grant had a greater token than the last", good: tokensGrow(reports) },
    ];
  },
};
