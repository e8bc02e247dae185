import { beforeEach, describe, expect, test } from "vitest";
import { stopClock } from "./support/clock.ts";
import { stream } from "./support/named_object.ts";
import { EVICTIONS, Scene, tell, type Step } from "./support/scene.ts";
import {
  hasSent,
  opens,
  sends,
  receives as receivesBy,
  confirms as confirmsBy,
} from "./support/steps.ts";

beforeEach(stopClock);

const TIMEOUT_MS = 1_000;
const CONFIG = { maxBufferSize: 2 };

/** The nth receive. */
function receives(who: string, nth: number, max: number): Step {
  return receivesBy(who, max, `${who} receives ${nth}`);
}

function confirms(who: string, nth: number): Step {
  return confirmsBy(who, `${who} receives ${nth}`);
}

function isGiven(who: string, nth: number, texts: readonly string[]): Step {
  return (s) => s.isGiven(`${who} receives ${nth}`, texts);
}

function closes(who: string): Step {
  return (s) => s.asks(`${who} closes`, "release", { token: s.token(`${who} opens`) });
}

const STEPS: readonly Step[] = [
  opens("a", "send", CONFIG.maxBufferSize),
  opens("b", "send", CONFIG.maxBufferSize),
  hasSent("a", "1"),
  hasSent("a", "2"),
  // Before any receiver has opened, senders fill the buffer, and wait (ST7).
  sends("a", "3"),
  sends("b", "4", { timeoutMs: TIMEOUT_MS }),
  sends("b", "5"),
  (s) => s.shows({ currentBufferUsed: 2, tasksWaitingSend: 3 }),
  opens("r", "receive", CONFIG.maxBufferSize),
  opens("q", "receive", CONFIG.maxBufferSize),
  receives("r", 1, 1),
  isGiven("r", 1, ["1"]),
  (s) => s.hears("a sends 3", {}),
  async (s) => {
    await s.passes(TIMEOUT_MS);
    await s.hears("b sends 4", "timeout");
  },
  receives("q", 1, 2),
  isGiven("q", 1, ["2", "3"]),
  (s) => s.hears("b sends 5", {}),
  confirms("r", 1),
  // What q was given and never confirmed comes again, in its old place: before 5 (ST3).
  (s) => s.fallsSilent("q"),
  (s) => s.shows({ currentBufferUsed: 3, openReceiveStreams: 1, tasksWaitingSend: 0 }),
  closes("a"),
  receives("r", 2, 3),
  isGiven("r", 2, ["2!", "3!", "5"]),
  receives("r", 3, 3),
  closes("b"),
  (s) => s.hears("r receives 3", "end-of-stream"),
  confirms("r", 2),
  closes("r"),
  (s) => s.shows({ currentBufferUsed: 0, undelivered: 0, openSendStreams: 0, tasksWaitingSend: 0 }),
];

describe("[ST1, ST2, ST3, ST5, ST7, ST10, W4] evictions change nothing of a stream's story:", () => {
  test.each(EVICTIONS)("sockets $webSockets, from step $from", async (evictions) => {
    const object = stream(`${evictions.webSockets}-${evictions.from}`);
    expect(await tell(await Scene.open(object, ["a", "b", "r", "q"]), STEPS, evictions)).toEqual(
      [],
    );
    expect((await object.disk()).items).toEqual([]);
  });
});

const BROKEN: readonly Step[] = [
  opens("a", "send", CONFIG.maxBufferSize),
  opens("r", "receive", CONFIG.maxBufferSize),
  receives("r", 1, 1),
  hasSent("a", "1"),
  isGiven("r", 1, ["1"]),
  hasSent("a", "2"),
  hasSent("a", "3"),
  sends("a", "4"),
  // Of its own will: what it has not confirmed goes back as it came (ST8).
  closes("r"),
  (s) => s.hears("a sends 4", "broken"),
  (s) => s.asks("a sends 5", "send", { end: s.token("a opens"), item: "5" }, "broken"),
  (s) => s.shows({ currentBufferUsed: 3, undelivered: 3 }),
  (s) => s.asks("r opens again", "open", { side: "receive", config: CONFIG }, "closed"),
  async (s) => {
    await s.asks("a resets", "reset", {});
    await s.loses("a opens");
  },
  opens("r", "receive", CONFIG.maxBufferSize),
  (s) => s.asks("a sends 6", "send", { end: s.token("a opens"), item: "6" }, "closed"),
  (s) =>
    s.shows({ currentBufferUsed: 0, undelivered: 0, openReceiveStreams: 1, openSendStreams: 0 }),
];

describe("[ST4, ST6, ST7, ST8] evictions change nothing of a stream that breaks and is reset:", () => {
  test.each(EVICTIONS)("sockets $webSockets, from step $from", async (evictions) => {
    const object = stream(`broken-${evictions.webSockets}-${evictions.from}`);
    expect(await tell(await Scene.open(object, ["a", "r"]), BROKEN, evictions)).toEqual([]);
  });
});

const WITHDRAWN: readonly Step[] = [
  opens("a", "send", CONFIG.maxBufferSize),
  opens("r", "receive", CONFIG.maxBufferSize),
  opens("q", "receive", CONFIG.maxBufferSize),
  receives("r", 1, 1),
  receives("q", 1, 2),
  (s) => s.withdraws("r receives 1", { applied: false }),
  hasSent("a", "1"),
  isGiven("q", 1, ["1"]),
  hasSent("a", "2"),
  receives("r", 2, 2),
  isGiven("r", 2, ["2"]),
  hasSent("a", "3"),
  // Nobody has seen it, so it goes back to the front as it came (ST9).
  (s) => s.withdraws("r receives 2", { applied: false }),
  receives("q", 2, 2),
  isGiven("q", 2, ["2", "3"]),
  hasSent("a", "4"),
  hasSent("a", "5"),
  sends("a", "6"),
  (s) => s.withdraws("a sends 6", { applied: false }),
  (s) => s.withdraws("a sends 5", { applied: true }),
  confirms("q", 1),
  confirms("q", 2),
  receives("q", 3, 5),
  isGiven("q", 3, ["4", "5"]),
];

describe("[ST9, ST2, W3] evictions change nothing of what is withdrawn from a stream:", () => {
  test.each(EVICTIONS)("sockets $webSockets, from step $from", async (evictions) => {
    const object = stream(`withdrawn-${evictions.webSockets}-${evictions.from}`);
    expect(await tell(await Scene.open(object, ["a", "r", "q"]), WITHDRAWN, evictions)).toEqual([]);
    expect((await object.disk()).items).toHaveLength(2);
  });
});
