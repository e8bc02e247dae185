import { setTimeout as sleep } from "node:timers/promises";
import { finished, mostHeldAtOnce, type Scene } from "../scene.ts";

/** Ten tasks in five processes, a semaphore of two permits. */
export const semaphoreScene: Scene = {
  title: "Semaphore",
  promise: "ten tasks in five processes share two permits: never three at work",
  processes: [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
  ],

  async task(latchwork, _task, say) {
    const semaphore = latchwork.semaphore("tour/gpu", { permits: 2 });
    say("waits");
    await using lease = await semaphore.acquire();
    say("enters", { token: lease.token });
    await sleep(250);
    say("leaves");
  },

  judge(reports) {
    const most = mostHeldAtOnce(reports);
    const done = finished(reports);
    return [
      { text: `${done} of 10 tasks had a permit`, good: done === 10 },
      { text: `at most ${most} permits were held at once`, good: most === 2 },
    ];
  },
};
