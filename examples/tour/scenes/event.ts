import { countsBetween, type Scene } from "../scene.ts";
import { until } from "../../theatre/until.ts";

const LISTENERS = 6;
const NOTIFIER = 7;
const ROUNDS = 2;

/** Six tasks in three processes listen; a seventh, in a fourth, sets the event, clears it, and sets it again. */
export const eventScene: Scene = {
  title: "Event",
  promise:
    "six listeners in three processes are all woken each time it is set, and it is used twice",
  processes: [[1, 2], [3, 4], [5, 6], [NOTIFIER]],

  async task(latchwork, task, say) {
    const event = latchwork.event("tour/deployed");
    for (let round = 1; round <= ROUNDS; round += 1) {
      if (task === NOTIFIER) {
        await until(async () => (await event.statistics()).tasksWaiting === LISTENERS);
        say("sets", { note: `for the ${round === 1 ? "first" : "second"} time` });
        await event.set();
        await event.clear();
      } else {
        await until(async () => !(await event.isSet()));
        say("waits");
        await event.wait();
        say("wakes");
      }
    }
  },

  judge(reports) {
    const [early, first, second] = countsBetween("wakes", "sets", reports);
    return [
      { text: `${early} of 6 listeners woke before it was set`, good: early === 0 },
      { text: `${first} of 6 woke when it was set first`, good: first === LISTENERS },
      { text: `${second} of 6 woke when it was set again`, good: second === LISTENERS },
    ];
  },
};
