import { beforeEach, describe, expect, test } from "vitest";
import { stopClock } from "./support/clock.ts";
import { meter } from "./support/meter.ts";
import { condition, event, limiter, stream, type NamedObject } from "./support/named_object.ts";
import { Scene, type Step } from "./support/scene.ts";
import { confirms, enters, leaves, opens, receives, sends } from "./support/steps.ts";

beforeEach(stopClock);

/** What a step costs in rows, its alarms apart. */
type Priced = readonly [rows: number, step: Step];

/** Takes the steps, and has each cost what is said. What goes before them costs what it does. */
async function expectRows(
  object: NamedObject,
  { before = [], steps }: { before?: readonly Step[]; steps: readonly Priced[] },
): Promise<void> {
  const scene = await Scene.open(object, ["a", "b", "c"]);
  for (const step of before) await step(scene);
  const written = await meter(object);
  for (const [rows, step] of steps) {
    await step(scene);
    expect({ step: String(step), rows: written().rows }).toEqual({ step: String(step), rows });
  }
  expect(scene.unread).toEqual([]);
}

function waits(who: string): Step {
  return (s) => s.posts(`${who} waits`, "wait", { token: s.token(`${who} enters`) });
}

function borrows(who: string, borrower: string): Step {
  const asked = { permits: 1, borrower, config: { totalTokens: 2 } };
  return (s) => s.posts(`${who} borrows ${borrower}`, "acquire", asked);
}

const CONFIG = { maxBufferSize: 100 };

const SIXTEEN = Array.from({ length: 16 }, (_, index) => String(index));

describe("rows written for an event", () => {
  const waiters = SIXTEEN.map((each) => `a waits ${each}`);

  test("[EV2] two by a set, however many wait; two by a wait, that begins and that the client knows of its end", () =>
    expectRows(event("set"), {
      steps: [
        ...waiters.map((call): Priced => [1, (s) => s.posts(call, "wait", {})]),
        [2, (s) => s.asks("b sets", "set", {})],
        ...waiters.map((call): Priced => [0, (s) => s.hears(call, { remembered: true })]),
        ...waiters.map((call): Priced => [1, (s) => s.withdraws(call, {})]),
        [2, (s) => s.asks("b clears", "clear", {})],
      ],
    }));

  test("[EV1, EV3] none by what changes nothing", () =>
    expectRows(event("nothing"), {
      before: [(s) => s.asks("a sets", "set", {})],
      steps: [
        [0, (s) => s.asks("a sets again", "set", {})],
        [0, (s) => s.asks("b waits", "wait", {})],
        [2, (s) => s.asks("a clears", "clear", {})],
        [0, (s) => s.asks("b clears", "clear", {})],
        [0, (s) => s.asks("b waits in vain", "wait", { timeoutMs: 0 }, "timeout")],
      ],
    }));
});

describe("rows written for a condition", () => {
  test("[CO2, CO3] two by a wait, two by its notification and its lock; one more by the notifier", () =>
    expectRows(condition("cycle"), {
      before: [enters("b"), leaves("b"), enters("a")],
      steps: [
        [2, waits("a")],
        [1, enters("b")],
        [2, (s) => s.asks("b notifies", "notify", { token: s.token("b enters"), count: 1 })],
        [2, leaves("b")],
        [0, (s) => s.isGranted("a waits", { woken: "notified" })],
        [1, leaves("a", "a waits")],
      ],
    }));

  test("[CO3] none by a notification that meets nobody", () =>
    expectRows(condition("nobody"), {
      before: [enters("a")],
      steps: [[0, (s) => s.asks("a notifies", "notify", { token: s.token("a enters") })]],
    }));

  test("[CO5] one by a cancel of a wait where the lock is free", () =>
    expectRows(condition("cancel"), {
      before: [enters("a"), waits("a")],
      steps: [
        [1, (s) => s.asks("a gives up", "cancel", { target: s.id("a waits") })],
        [0, (s) => s.isGranted("a waits", { woken: "cancelled" })],
      ],
    }));
});

describe("rows written for a limiter", () => {
  test("[CL1] two by a token that is borrowed and given back; three where its borrower has to wait", () =>
    expectRows(limiter("cycle"), {
      before: [borrows("a", "x"), (s) => s.isGranted("a borrows x")],
      steps: [
        [1, borrows("a", "y")],
        [0, (s) => s.isGranted("a borrows y")],
        [1, borrows("b", "z")],
        [2, (s) => s.asks("a gives x back", "release", { token: s.token("a borrows x") })],
        [0, (s) => s.isGranted("b borrows z")],
        [1, (s) => s.asks("b gives z back", "release", { token: s.token("b borrows z") })],
        [1, (s) => s.asks("a gives y back", "release", { token: s.token("a borrows y") })],
      ],
    }));

  test("[CL3] two by a return by the borrower's name", () =>
    expectRows(limiter("return"), {
      before: [borrows("a", "x"), (s) => s.isGranted("a borrows x")],
      steps: [
        [2, (s) => s.asks("b gives x back", "return", { borrower: "x" })],
        [0, (s) => s.loses("a borrows x")],
      ],
    }));

  test("[CL4, CL5] two by another total, and one for each that it admits", () =>
    expectRows(limiter("total"), {
      before: [borrows("a", "x"), (s) => s.isGranted("a borrows x")],
      steps: [
        [2, (s) => s.asks("b sets 0", "set-total", { totalTokens: 0 })],
        [0, (s) => s.asks("b sets 0 again", "set-total", { totalTokens: 0 })],
        [1, borrows("a", "y")],
        [1, borrows("b", "z")],
        [2 + 2, (s) => s.asks("b sets 3", "set-total", { totalTokens: 3 })],
        [0, (s) => s.isGranted("a borrows y")],
        [0, (s) => s.isGranted("b borrows z")],
      ],
    }));
});

describe("rows written for a stream", () => {
  test("[ST4, ST7] one by an end that is opened or closed; one more by the first of a side", () =>
    expectRows(stream("ends"), {
      before: [(s) => s.asks("c configures", "receive", { end: 1, config: CONFIG }, "closed")],
      steps: [
        [2, opens("a", "send", CONFIG.maxBufferSize)],
        [1, opens("c", "send", CONFIG.maxBufferSize)],
        [2, opens("b", "receive", CONFIG.maxBufferSize)],
        [1, (s) => s.asks("c closes", "release", { token: s.token("c opens") })],
      ],
    }));

  test("[ST1, ST3] four by an item that goes through the buffer: taken in, marked, handed over, confirmed", () =>
    expectRows(stream("buffer"), {
      before: [
        opens("a", "send", CONFIG.maxBufferSize),
        opens("b", "receive", CONFIG.maxBufferSize),
      ],
      steps: [
        [2, sends("a", "1")],
        [0, (s) => s.hears("a sends 1", {})],
        [1, receives("b", 1)],
        [0, (s) => s.isGiven("b receives", ["1"])],
        [1, confirms("b")],
      ],
    }));

  test("[ST1, ST3] three by each of sixteen that are sent in one frame, and one for all", () =>
    expectRows(stream("batch"), {
      before: [
        opens("a", "send", CONFIG.maxBufferSize),
        opens("b", "receive", CONFIG.maxBufferSize),
      ],
      steps: [
        [16 + 1, (s) => s.sendsAtOnce("a opens", SIXTEEN)],
        [16, receives("b", 16)],
        [0, (s) => s.isGiven("b receives", SIXTEEN)],
        [16, confirms("b")],
      ],
    }));

  test.each([0, 100])(
    "[ST1, ST10] five by an item whose receiver waits for it (maxBufferSize %i)",
    (maxBufferSize) =>
      expectRows(stream(`blocked-receiver-${maxBufferSize}`), {
        before: [opens("a", "send", maxBufferSize), opens("b", "receive", maxBufferSize)],
        steps: [
          [1, receives("b", 1)],
          [3, sends("a", "1")],
          [0, (s) => s.hears("a sends 1", {})],
          [0, (s) => s.isGiven("b receives", ["1"])],
          [1, confirms("b")],
        ],
      }),
  );

  test("[ST1] five by an item of a rendezvous whose sender waits", () =>
    expectRows(stream("rendezvous"), {
      before: [opens("a", "send", 0), opens("b", "receive", 0)],
      steps: [
        [1, sends("a", "1")],
        [3, receives("b", 1)],
        [0, (s) => s.hears("a sends 1", {})],
        [0, (s) => s.isGiven("b receives", ["1"])],
        [1, confirms("b")],
      ],
    }));

  test("[ST1, ST10] six by an item that has to wait for room: joining, and leaving for the buffer", () =>
    expectRows(stream("full"), {
      before: [
        opens("a", "send", 1),
        opens("b", "receive", 1),
        sends("a", "1"),
        (s) => s.hears("a sends 1", {}),
      ],
      steps: [
        [1, sends("a", "2")],
        [1 + 3, receives("b", 1)],
        [0, (s) => s.isGiven("b receives", ["1"])],
        [0, (s) => s.hears("a sends 2", {})],
        [1, confirms("b")],
        [1, receives("b", 1)],
        [0, (s) => s.isGiven("b receives", ["2"])],
        [1, confirms("b")],
      ],
    }));

  test("[ST3, ST7] two by a reset, and one by each end and item", () =>
    expectRows(stream("reset"), {
      before: [
        opens("a", "send", CONFIG.maxBufferSize),
        opens("b", "receive", CONFIG.maxBufferSize),
        (s) => s.sendsAtOnce("a opens", SIXTEEN),
        receives("b", 1),
        (s) => s.isGiven("b receives", ["0"]),
      ],
      steps: [
        [2 + 2 + 16, (s) => s.asks("a resets", "reset", {})],
        [0, (s) => s.loses("a opens")],
        [0, (s) => s.loses("b opens")],
      ],
    }));
});
