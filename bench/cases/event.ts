import type { Case, Setting } from "../case.ts";
import { openBroadcast } from "../echo/client.ts";
import { p50, timed } from "../load.ts";
import { RawClient } from "../raw_client.ts";
import { openMany } from "../socket.ts";

const WAITERS = 2_000;

/** How long it takes from `set` until the last of 2,000 waiters, each on a socket of its own, has heard of it. */
export async function eventCase({ latchwork, echo, stack }: Setting): Promise<Case> {
  const object = { kind: "event", name: "bench/event", framing: "a frame a task" } as const;
  const setter = await RawClient.open(latchwork, object, stack);
  const waiters = await openMany(WAITERS, () => RawClient.open(latchwork, object, stack));
  const broadcast = await openBroadcast(echo, { name: "event", listeners: WAITERS }, stack);

  const setAndWake = async (): Promise<number> => {
    await setter.ask({ op: "clear" });
    const first = waiters[0]?.nextId ?? 0;
    const waiting = waiters.map((waiter) => waiter.ask({ op: "wait" }));
    while ((await setter.tasksWaiting()) < WAITERS);
    const startedAtMs = performance.now();
    const set = setter.ask({ op: "set" });
    await Promise.all(waiting);
    const tookMs = performance.now() - startedAtMs;
    await set;
    await Promise.all(waiters.map((waiter) => waiter.ask({ op: "cancel", target: first })));
    return tookMs;
  };
  return {
    name: "event",
    base: p50("bare broadcast", () => timed(broadcast)),
    sides: [p50("event.set()", setAndWake)],
    questions: [
      {
        name: "event",
        title: `event.set() to ${WAITERS.toLocaleString("en")} waiters, until the last has heard, p50`,
        unit: "ms",
        goals: [{ side: "event.set()", is: "at most", limit: 1.3, of: "ratio" }],
      },
    ],
  };
}
