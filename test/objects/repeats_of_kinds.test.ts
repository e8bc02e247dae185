import { beforeEach, describe, expect, test } from "vitest";
import { stopClock } from "./support/clock.ts";
import { condition, event, limiter, stream, type NamedObject } from "./support/named_object.ts";
import { Scene, type Step } from "./support/scene.ts";
import { enters, hasSent, leaves, opens, receives, sends } from "./support/steps.ts";

beforeEach(stopClock);

/** The answer to a's last request is lost, and it asks again: the request has taken effect once. */
interface Case {
  readonly what: string;
  readonly open: (name: string) => NamedObject;
  readonly before?: readonly Step[];
  readonly ask: Step;
  /** While a is away. */
  readonly between?: readonly Step[];
  readonly after: readonly Step[];
}

const TOTAL = { totalTokens: 2 };
const BUFFER = { maxBufferSize: 1 };

function waits(who: string): Step {
  return async (s) => {
    await enters(who)(s);
    await s.posts(`${who} waits`, "wait", { token: s.token(`${who} enters`) });
  };
}

function borrows(who: string, borrower: string): Step {
  const asked = { permits: 1, borrower, config: TOTAL };
  return (s) => s.takes(`${who} borrows ${borrower}`, "acquire", asked);
}

function hasReceived(who: string, texts: readonly string[]): Step {
  return async (s) => {
    await receives(who, 9)(s);
    await s.isGiven(`${who} receives`, texts);
    await s.asks(`${who} confirms`, "confirm", { items: s.seqs(`${who} receives`) });
  };
}

const CASES: readonly Case[] = [
  {
    what: "[EV3, EV4] set does not set again what was cleared meanwhile",
    open: event,
    ask: (s) => s.posts("a sets", "set", {}),
    between: [(s) => s.asks("b clears", "clear", {})],
    after: [(s) => s.hears("a sets", {}), (s) => s.shows({ isSet: false })],
  },
  {
    what: "[EV3] clear does not clear what was set meanwhile",
    open: event,
    before: [(s) => s.asks("b sets", "set", {})],
    ask: (s) => s.posts("a clears", "clear", {}),
    between: [(s) => s.asks("b sets again", "set", {})],
    after: [(s) => s.hears("a clears", {}), (s) => s.shows({ isSet: true })],
  },
  {
    what: "[EV2] a wait is woken once, though the event was cleared since",
    open: event,
    ask: (s) => s.posts("a waits", "wait", {}),
    between: [(s) => s.asks("b sets", "set", {}), (s) => s.asks("b clears", "clear", {})],
    after: [(s) => s.hears("a waits", { remembered: true }), (s) => s.shows({ tasksWaiting: 0 })],
  },
  {
    what: "[EV2] that it knows is said once",
    open: event,
    before: [(s) => s.posts("a waits", "wait", {}), (s) => s.withdraws("a waits", {})],
    ask: (s) => s.posts("a gives up", "cancel", { target: s.id("a waits") }),
    between: [(s) => s.asks("b sets", "set", {})],
    after: [(s) => s.hears("a gives up", {}), (s) => s.shows({ tasksWaiting: 0 })],
  },
  {
    what: "[CO2] a wait gives up the lock once, and has its place",
    open: condition,
    before: [enters("a")],
    ask: (s) => s.posts("a waits", "wait", { token: s.token("a enters") }),
    between: [
      enters("b"),
      (s) => s.asks("b notifies", "notify", { token: s.token("b enters"), count: 1 }),
      leaves("b"),
    ],
    after: [
      (s) => s.isGranted("a waits", { woken: "notified" }),
      (s) => s.shows({ tasksWaiting: 0, lock: { owner: { token: s.token("a waits") } } }),
    ],
  },
  {
    what: "[CO3] notify wakes no others",
    open: condition,
    before: [waits("b"), waits("c"), enters("a")],
    ask: (s) => s.posts("a notifies", "notify", { token: s.token("a enters"), count: 1 }),
    after: [
      (s) => s.hears("a notifies", {}),
      (s) => s.shows({ tasksWaiting: 1, lock: { tasksWaiting: 1 } }),
    ],
  },
  {
    what: "[CO5] a wait that gives up has the lock again once",
    open: condition,
    before: [waits("a")],
    ask: (s) => s.posts("a gives up", "cancel", { target: s.id("a waits") }),
    after: [
      (s) => s.hears("a gives up", {}),
      (s) => s.isGranted("a waits", { woken: "cancelled" }),
      (s) => s.shows({ tasksWaiting: 0, lock: { tasksWaiting: 0 } }),
    ],
  },
  {
    what: "[LE5] an acquire of a condition's lock gets the same grant",
    open: condition,
    ask: (s) => s.posts("a enters", "acquire", { permits: 1 }),
    after: [
      (s) => s.isGranted("a enters"),
      leaves("a"),
      (s) => s.shows({ lock: { locked: false } }),
    ],
  },
  {
    what: "[CL1] a borrower that asks again is not already-borrowed",
    open: limiter,
    ask: (s) => s.posts("a borrows x", "acquire", { permits: 1, borrower: "x", config: TOTAL }),
    after: [(s) => s.isGranted("a borrows x"), (s) => s.shows({ borrowedTokens: 1 })],
  },
  {
    what: "[CL1] nor is one that waited",
    open: limiter,
    before: [borrows("b", "y"), borrows("b", "z")],
    ask: (s) => s.posts("a borrows x", "acquire", { permits: 1, borrower: "x", config: TOTAL }),
    between: [
      (s) => s.asks("b gives back", "return", { borrower: "y" }),
      borrowedBack("b borrows y"),
    ],
    after: [(s) => s.isGranted("a borrows x"), (s) => s.shows({ borrowers: ["z", "x"] })],
  },
  {
    what: "[CL3] return does not give back what was borrowed meanwhile",
    open: limiter,
    before: [borrows("b", "x")],
    ask: (s) => s.posts("a gives back for x", "return", { borrower: "x" }),
    between: [(s) => s.loses("b borrows x"), borrows("c", "x")],
    after: [(s) => s.hears("a gives back for x", {}), (s) => s.shows({ borrowers: ["x"] })],
  },
  {
    what: "[CL4, CL5] set-total does not set again what was changed meanwhile",
    open: limiter,
    before: [borrows("b", "x")],
    ask: (s) => s.posts("a sets 5", "set-total", { totalTokens: 5 }),
    between: [(s) => s.asks("b sets 3", "set-total", { totalTokens: 3 })],
    after: [(s) => s.hears("a sets 5", {}), (s) => s.shows({ totalTokens: 3 })],
  },
  {
    what: "[ST4] open opens one end",
    open: stream,
    ask: (s) => s.posts("a opens", "open", { side: "send", config: BUFFER }),
    after: [(s) => s.isGranted("a opens"), (s) => s.shows({ openSendStreams: 1 })],
  },
  {
    what: "[ST4] so does a clone",
    open: stream,
    before: [opens("a", "send", BUFFER.maxBufferSize)],
    ask: (s) => s.posts("a clones", "open", { side: "send", from: s.token("a opens") }),
    after: [(s) => s.isGranted("a clones"), (s) => s.shows({ openSendStreams: 2 })],
  },
  {
    what: "[ST2] send sends no second item, though the first was received meanwhile",
    open: stream,
    before: [opens("a", "send", BUFFER.maxBufferSize), opens("b", "receive", BUFFER.maxBufferSize)],
    ask: sends("a", "1"),
    between: [hasReceived("b", ["1"])],
    after: [(s) => s.hears("a sends 1", {}), (s) => s.shows({ currentBufferUsed: 0 })],
  },
  {
    what: "[ST1, ST2] nor does one that was blocked, and taken in meanwhile",
    open: stream,
    before: [
      opens("a", "send", BUFFER.maxBufferSize),
      opens("b", "receive", BUFFER.maxBufferSize),
      hasSent("a", "1"),
    ],
    ask: sends("a", "2"),
    between: [hasReceived("b", ["1"]), hasReceived("b", ["2"])],
    after: [
      (s) => s.hears("a sends 2", {}),
      (s) => s.shows({ currentBufferUsed: 0, tasksWaitingSend: 0 }),
    ],
  },
  {
    what: "[ST2] receive gets the same items, and no others",
    open: stream,
    before: [
      opens("b", "send", BUFFER.maxBufferSize),
      opens("a", "receive", BUFFER.maxBufferSize),
      hasSent("b", "1"),
    ],
    ask: receives("a", 9),
    between: [hasSent("b", "2")],
    after: [(s) => s.isGiven("a receives", ["1"]), (s) => s.shows({ currentBufferUsed: 1 })],
  },
  {
    what: "[ST2, ST10] so does one that waited for them",
    open: stream,
    before: [opens("b", "send", BUFFER.maxBufferSize), opens("a", "receive", BUFFER.maxBufferSize)],
    ask: receives("a", 9),
    between: [hasSent("b", "1"), hasSent("b", "2")],
    after: [(s) => s.isGiven("a receives", ["1"]), (s) => s.shows({ currentBufferUsed: 1 })],
  },
  {
    what: "[ST3] confirm confirms no more than it names",
    open: stream,
    before: [
      opens("b", "send", BUFFER.maxBufferSize),
      opens("a", "receive", BUFFER.maxBufferSize),
      hasSent("b", "1"),
      receives("a", 1),
      (s) => s.isGiven("a receives", ["1"]),
    ],
    ask: (s) => s.posts("a confirms", "confirm", { items: s.seqs("a receives") }),
    between: [hasSent("b", "2")],
    after: [(s) => s.hears("a confirms", {}), (s) => s.shows({ currentBufferUsed: 1 })],
  },
  {
    what: "[ST7] reset does not close what was opened meanwhile",
    open: stream,
    before: [opens("b", "send", BUFFER.maxBufferSize), hasSent("b", "1")],
    ask: (s) => s.posts("a resets", "reset", {}),
    between: [
      (s) => s.loses("b opens"),
      opens("b", "send", BUFFER.maxBufferSize),
      hasSent("b", "2"),
    ],
    after: [
      (s) => s.hears("a resets", {}),
      (s) => s.shows({ openSendStreams: 1, currentBufferUsed: 1 }),
    ],
  },
  {
    what: "[ST9] cancel gives back what was given, once",
    open: stream,
    before: [
      opens("b", "send", BUFFER.maxBufferSize),
      opens("a", "receive", BUFFER.maxBufferSize),
      hasSent("b", "1"),
      receives("a", 1),
      (s) => s.isGiven("a receives", ["1"]),
    ],
    ask: (s) => s.posts("a gives 1 back", "cancel", { target: s.id("a receives") }),
    between: [opens("c", "receive", BUFFER.maxBufferSize), hasReceived("c", ["1"])],
    after: [
      (s) => s.hears("a gives 1 back", { applied: false }),
      (s) => s.shows({ currentBufferUsed: 0 }),
    ],
  },
];

/** b has given back by its borrower's name what it had borrowed itself. */
function borrowedBack(call: string): Step {
  return (s) => s.givesBack(call);
}

describe.each(CASES)(
  "[LE5] when it is repeated, $what",
  ({ what, open, before, ask, between, after }) => {
    async function told(scene: Scene, steps: readonly Step[] = []): Promise<void> {
      for (const step of steps) await step(scene);
    }

    test.each([
      ["read", false, false],
      ["sent", true, false],
      ["read, and memory was lost too", false, true],
      ["sent, and memory was lost too", true, true],
    ])("after its socket was lost before the answer was %s", async (how, inHaste, evicted) => {
      const scene = await Scene.open(open(`${what} ${how}`), ["a", "b", "c"]);
      await told(scene, before);
      scene.inHaste = inHaste;
      await ask(scene);
      scene.inHaste = false;
      await scene.hangsUp("a");
      await told(scene, between);
      if (evicted) await scene.evict("close");
      await scene.comesBack("a");
      await told(scene, after);
      expect(scene.unread).toEqual([]);
    });
  },
);
