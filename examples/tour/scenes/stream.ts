import { of, type Scene } from "../scene.ts";
import { until } from "../../theatre/until.ts";

const ITEMS = 10;
const SENDER = 1;

/** One task sends ten items, two in other processes receive them until the sender has closed. */
export const streamScene: Scene = {
  title: "Stream",
  promise:
    "one process sends ten items, two others receive each of them once, and their loops end with the sender",
  processes: [[SENDER], [2], [3]],

  async task(latchwork, task, say) {
    const stream = latchwork.stream<string>("tour/numbers", { maxBufferSize: 0 });
    if (task === SENDER) {
      await using send = await stream.openSend();
      // Or the first receiver might have come and gone before the second.
      await until(async () => (await stream.statistics()).openReceiveStreams === 2);
      for (let number = 1; number <= ITEMS; number += 1) {
        const item = `number ${number}`;
        await send.send(item);
        say("sends", { note: item });
      }
    } else {
      await using receive = await stream.openReceive();
      for await (const item of receive) say("receives", { note: item });
      say("ends", { note: "its loop: every sender has closed" });
    }
  },

  judge(reports) {
    const received = of("receives", reports).map(({ note }) => note);
    const once = new Set(received).size === received.length;
    const ended = of("ends", reports).length;
    return [
      {
        text: `${received.length} of ${ITEMS} items were received`,
        good: received.length === ITEMS,
      },
      { text: "none of them twice", good: once },
      { text: `${ended} of 2 loops ended`, good: ended === 2 },
    ];
  },
};
