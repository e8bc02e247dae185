import { setTimeout as sleep } from "node:timers/promises";
import type { Case, Setting, Side } from "../case.ts";
import { openEcho } from "../echo/client.ts";
import { openLine } from "../line.ts";
import { timed } from "../load.ts";
import { median } from "../quantiles.ts";
import { openMany } from "../socket.ts";

const WAITERS = 10_000;
/** After 10 s without an event an object sleeps: measured. */
const ASLEEP_MS = 11_500;
/** One sleep is long: that of several objects is as long. */
const OBJECTS = 3;
const SESSIONS = 100;

/**
 * How long an object that hibernates needs to its first answer. The bare one has as many sockets, and nothing to read
 * from its disk. All fall asleep together, and are woken one after the other.
 */
export async function wakeUpCase({ latchwork, echo, stack }: Setting): Promise<Case> {
  const bare = await openMany(OBJECTS, async (index) => {
    const address = { name: `wake-up-${index}`, mode: "write" } as const;
    const [first] = await openMany(SESSIONS, () => openEcho(echo, address, stack));
    if (first === undefined) throw new Error("Nobody is there.");
    await first();
    return () => timed(first);
  });
  const lines = await openMany(OBJECTS, async (index) => {
    const name = `bench/wake-up/${index}`;
    const line = await openLine(latchwork, { name, waiters: WAITERS, sessions: SESSIONS }, stack);
    return () => line.look();
  });
  const side = `${WAITERS.toLocaleString("en")} waiters of ${SESSIONS} sessions`;
  return {
    name: "wake-up",
    base: waking(`bare, ${SESSIONS} sockets`, bare),
    sides: [waking(side, lines)],
    effort: { rounds: 3, warmUpMs: 0 },
    questions: [
      {
        name: "wake-up",
        title: "From hibernation to the first answer",
        unit: "ms",
        goals: [{ side, is: "at most", limit: 50, of: "difference" }],
      },
    ],
  };
}

function waking(name: string, objects: readonly (() => Promise<number>)[]): Side {
  let heardAtMs = performance.now();
  return {
    name,
    async measure() {
      await sleep(Math.max(0, heardAtMs + ASLEEP_MS - performance.now()));
      const tookMs: number[] = [];
      for (const wake of objects) tookMs.push(await wake());
      heardAtMs = performance.now();
      return [median(tookMs)];
    },
  };
}
