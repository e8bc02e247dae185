import { countsBetween, mostHeldAtOnce, tokensGrow, type Scene } from "../scene.ts";
import { until } from "../../theatre/until.ts";

const LISTENERS = 6;
const NOTIFIER = 7;

/** Six tasks in three processes wait; a seventh wakes one, then two, then all that are left. */
export const conditionScene: Scene = {
  title: "Condition",
  promise:
    "six tasks in three processes wait; notify(1), notify(2) and notifyAll() wake one, two and the rest",
  processes: [[1, 2], [3, 4], [5, 6], [NOTIFIER]],

  async task(latchwork, task, say) {
    const condition = latchwork.condition("tour/jobs");
    if (task !== NOTIFIER) {
      await using held = await condition.acquire();
      say("waits");
      await held.wait();
      say("enters", { token: held.token });
      say("leaves");
      return;
    }
    let waiting = LISTENERS;
    for (const count of [1, 2, null]) {
      await until(async () => {
        const { tasksWaiting, lock } = await condition.statistics();
        return tasksWaiting === waiting && !lock.locked;
      });
      await using held = await condition.acquire();
      say("notifies", { note: count === null ? "all" : String(count) });
      if (count === null) await held.notifyAll();
      else await held.notify(count);
      waiting -= count ?? waiting;
    }
  },

  judge(reports) {
    const [early, one, two, rest] = countsBetween("enters", "notifies", reports);
    return [
      { text: `${early} of 6 tasks woke unasked`, good: early === 0 },
      {
        text: `notify(1) woke ${one}, notify(2) woke ${two}, notifyAll() woke ${rest}`,
        good: one === 1 && two === 2 && rest === 3,
      },
      {
        text: `at most ${mostHeldAtOnce(reports)} had the lock at once`,
        good: mostHeldAtOnce(reports) === 1,
      },
      { text: "every wake came with a greater token than the last", good: tokensGrow(reports) },
    ];
  },
};
