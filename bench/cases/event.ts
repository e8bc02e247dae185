import type { Case, Setting } from "../case.ts";
import { openBroadcast } from "../echo/client.ts";
import { p50 } from "../load.ts";
import { RawClient } from "../raw_client.ts";

const WAITERS = 2_000;
/** Sockets are opened so many at a time: more at once would only wait in the kernel. */
const OPENING = 100;

/** How long it takes from `set` until the last of 2,000 waiters, each on a socket of its own, has heard of it. */
export async function eventCase({ latchwork, echo, stack }: Setting): Promise<Case> {
  const object = { kind: "event", name: "bench/event", framing: "a frame a task" } as const;
  const setter = await RawClient.open(latchwork, object, stack);
  const waiters = await openMany(() => RawClient.open(latchwork, object, stack));
  const broadcast = await openBroadcast(
    echo,
    { name: "event", listeners: WAITERS, opening: OPENING },
    stack,
  );

  const setAndWake = async (): Promise<number> => {
    await setter.ask({ op: "clear" });
    const first = waiters[0]?.nextId ?? 0;
    const waiting = waiters.map((waiter) => waiter.ask({ op: "wait" }));
    await until(async () => {
      const { tasksWaiting } = (await setter.ask({ op: "statistics" })) as { tasksWaiting: number };
      return tasksWaiting === WAITERS;
    });
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
    title: `event.set() to ${WAITERS.toLocaleString("en")} waiters, until the last has heard, p50`,
    unit: "ms",
    base: { name: "bare broadcast", measure: (forMs) => p50(broadcast, forMs) },
    sides: [{ name: "event.set()", measure: (forMs) => p50(setAndWake, forMs) }],
    goal: { side: "event.set()", ratio: 1.3, is: "at most" },
  };
}

async function openMany(open: () => Promise<RawClient>): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  while (clients.length < WAITERS) {
    clients.push(...(await Promise.all(Array.from({ length: OPENING }, open))));
  }
  return clients;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
