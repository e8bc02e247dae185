import { beforeEach, describe, expect, test } from "vitest";
import { stopClock } from "./support/clock.ts";
import { event } from "./support/named_object.ts";
import { EVICTIONS, Scene, tell, type Step } from "./support/scene.ts";

beforeEach(stopClock);

const TIMEOUT_MS = 1_000;
const WOKEN = { remembered: true };

const STEPS: readonly Step[] = [
  (s) => s.posts("a waits", "wait", {}),
  (s) => s.posts("b waits", "wait", { timeoutMs: TIMEOUT_MS }),
  (s) => s.posts("c waits", "wait", {}),
  (s) => s.shows({ isSet: false, tasksWaiting: 3 }),
  async (s) => {
    await s.passes(TIMEOUT_MS);
    await s.hears("b waits", "timeout");
  },
  (s) => s.hangsUp("c"),
  (s) => s.asks("b sets", "set", {}),
  (s) => s.asks("b clears", "clear", {}),
  (s) => s.posts("b waits again", "wait", {}),
  // It was woken, though it was not there, and the event is cleared (EV2).
  (s) => s.comesBack("c"),
  (s) => s.hears("c waits", WOKEN),
  (s) => s.hears("a waits", WOKEN),
  (s) => s.shows({ isSet: false, tasksWaiting: 1 }),
  (s) => s.asks("a knows", "cancel", { target: s.id("a waits") }),
  (s) => s.asks("c knows", "cancel", { target: s.id("c waits") }),
  (s) => s.asks("c sets", "set", {}),
  (s) => s.hears("b waits again", WOKEN),
  (s) => s.asks("a waits for what is set", "wait", {}),
  (s) => s.asks("b knows", "cancel", { target: s.id("b waits again") }),
];

describe("[EV1, EV2, EV4, W4, LE5] evictions change nothing of an event's story:", () => {
  test.each(EVICTIONS)("sockets $webSockets, from step $from", async (evictions) => {
    const object = event(`${evictions.webSockets}-${evictions.from}`);
    expect(await tell(await Scene.open(object, ["a", "b", "c"]), STEPS, evictions)).toEqual([]);
    expect((await object.disk()).claims).toEqual([]);
  });
});

describe("[EV2] a waiter that was woken while it was away", () => {
  test.each([false, true])("is forgotten with its session (evicted: %s)", async (evicted) => {
    const object = event(`forgotten-${evicted}`);
    const scene = await Scene.open(object, ["a", "b"]);
    await scene.posts("a waits", "wait", {});
    await scene.hangsUp("a");
    await scene.asks("b sets", "set", {});
    expect((await object.disk()).claims).toHaveLength(1);
    if (evicted) await scene.evict("hibernate");
    await scene.fallsSilent("a");
    expect((await object.disk()).claims).toEqual([]);
    expect(scene.unread).toEqual([]);
  });

  test("is told as often as it asks, for as long as it has not said that it knows", async () => {
    const object = event("as-often");
    const scene = await Scene.open(object, ["a", "b"]);
    await scene.posts("a waits", "wait", {});
    await scene.asks("b sets", "set", {});
    await scene.asks("b clears", "clear", {});
    for (const webSockets of ["close", "close"] as const) await scene.evict(webSockets);
    await scene.hears("a waits", WOKEN);
    await scene.asks("a knows", "cancel", { target: scene.id("a waits") });
    await scene.asks("a waits anew", "wait", { timeoutMs: 0 }, "timeout");
    expect(scene.unread).toEqual([]);
  });
});
