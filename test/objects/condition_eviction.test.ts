import { beforeEach, describe, expect, test } from "vitest";
import { stopClock } from "./support/clock.ts";
import { condition } from "./support/named_object.ts";
import { EVICTIONS, Scene, tell, type Step } from "./support/scene.ts";
import { enters, leaves } from "./support/steps.ts";

beforeEach(stopClock);

const TIMEOUT_MS = 1_000;

/** Takes the lock, and gives it up to wait. */
function waits(who: string, limits: { timeoutMs?: number } = {}): Step {
  return async (s) => {
    await enters(who)(s);
    await s.posts(`${who} waits`, "wait", { token: s.token(`${who} enters`), ...limits });
  };
}

const STEPS: readonly Step[] = [
  waits("a"),
  waits("b", { timeoutMs: TIMEOUT_MS }),
  waits("c"),
  waits("d"),
  (s) => s.shows({ tasksWaiting: 4, lock: { locked: false } }),
  (s) => s.takes("n acquires", "acquire", { permits: 1 }),
  (s) => s.asks("n notifies", "notify", { token: s.token("n acquires"), count: 1 }),
  // b has the lock again before it is told that its time was up, and stands behind a (CO5).
  (s) => s.passes(TIMEOUT_MS),
  (s) => s.asks("c gives up", "cancel", { target: s.id("c waits") }),
  (s) => s.shows({ tasksWaiting: 1, lock: { locked: true, tasksWaiting: 3 } }),
  leaves("n", "n acquires"),
  (s) => s.isGranted("a waits", { woken: "notified" }),
  leaves("a", "a waits"),
  (s) => s.isGranted("b waits", { woken: "timed-out" }),
  (s) => s.asks("b notifies", "notify", { token: s.token("b waits") }),
  leaves("b", "b waits"),
  (s) => s.isGranted("c waits", { woken: "cancelled" }),
  leaves("c", "c waits"),
  (s) => s.isGranted("d waits", { woken: "notified" }),
  leaves("d", "d waits"),
  (s) => s.shows({ tasksWaiting: 0, lock: { locked: false, tasksWaiting: 0 } }),
];

describe("[CO2, CO3, CO5, CO6, W1] evictions change nothing of a condition's story:", () => {
  test.each(EVICTIONS)("sockets $webSockets, from step $from", async (evictions) => {
    const object = condition(`${evictions.webSockets}-${evictions.from}`);
    expect(
      await tell(await Scene.open(object, ["a", "b", "c", "d", "n"]), STEPS, evictions),
    ).toEqual([]);
    expect((await object.disk()).claims).toMatchObject([{ state: "ended" }]);
  });
});

const PASSED_ON: readonly Step[] = [
  waits("a"),
  waits("b"),
  waits("c"),
  (s) => s.takes("n acquires", "acquire", { permits: 1 }),
  (s) => s.asks("n notifies", "notify", { token: s.token("n acquires"), count: 1 }),
  (s) => s.asks("a gives up", "cancel", { target: s.id("a waits") }),
  // a's notification is b's now, but a was in the lock's line first.
  (s) => s.shows({ tasksWaiting: 1, lock: { tasksWaiting: 2 } }),
  leaves("n", "n acquires"),
  (s) => s.isGranted("a waits", { woken: "cancelled" }),
  leaves("a", "a waits"),
  (s) => s.hangsUp("b"),
  // b has the lock, and nobody knows whether it ever saw that: when it is gone for good, c is notified for it.
  (s) => s.fallsSilent("b"),
  (s) => s.isGranted("c waits", { woken: "notified" }),
  leaves("c", "c waits"),
];

describe("[CO4, W3] evictions lose no notification that is passed on:", () => {
  test.each(EVICTIONS)("sockets $webSockets, from step $from", async (evictions) => {
    const object = condition(`passed-on-${evictions.webSockets}-${evictions.from}`);
    expect(
      await tell(await Scene.open(object, ["a", "b", "c", "n"]), PASSED_ON, evictions),
    ).toEqual([]);
    await object.stub.inspect();
    expect((await object.disk()).claims).toMatchObject([{ state: "ended" }]);
  });
});
