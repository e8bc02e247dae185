import { beforeEach, describe, expect, it, test } from "vitest";
import { forgetKey } from "../../middleware/index.ts";
import { FakeLatchwork, LOST, type Fate } from "../support/middleware/fake_latchwork.ts";
import { payments, watchedStore } from "../support/middleware/payments.ts";
import { refusalIn, refused } from "../support/middleware/requests.ts";

let fake: FakeLatchwork;
beforeEach(() => {
  fake = new FakeLatchwork();
});

const REPLAYED = "Idempotency-Replayed";
const NEVER = new Promise<never>(() => {});
const LOCK = "lock(once/k)";

describe("a program that dies", () => {
  /** Lets a first program come to a certain point, at which it dies: its lock is free when its session is over. */
  async function dieAt(point: "acquire" | "run" | "put" | "set" | "release") {
    const store = watchedStore();
    const reached = Promise.withResolvers<void>();
    const stop = (): Promise<never> => {
      reached.resolve();
      return NEVER;
    };
    const first = payments(fake, {
      store,
      answer: () => (point === "run" ? stop() : new Response("1")),
    });
    first.handlers.open();
    if (point === "put") store.before = (call) => (call === "put" ? stop() : undefined);
    const calls = { acquire: `${LOCK}.acquire`, set: "event(once/k).set", release: "" };
    fake.meets = (call): Fate => {
      if (point !== "run" && point !== "put" && call === calls[point]) {
        reached.resolve();
        return "silence";
      }
      return undefined;
    };
    if (point === "release") {
      await first.post("k");
      fake.line(LOCK).total = 1;
      await fake.line(LOCK).acquire({});
    } else {
      void first.post("k");
      await reached.promise;
    }
    fake.meets = () => undefined;
    store.before = () => undefined;
    fake.line(LOCK).lose();
    const second = payments(fake, { store, answer: () => new Response("2") });
    second.handlers.open();
    return { first, second, store };
  }

  it.each([
    ["before it has the lock", "acquire", "2", null, [0, 1]],
    ["while it runs", "run", "2", null, [1, 1]],
    ["before the store has the answer", "put", "2", null, [1, 1]],
    ["before the event is set", "set", "1", "true", [1, 0]],
    ["before the lock is released", "release", "1", "true", [1, 0]],
  ] as const)("%s", async (_, point, body, replayed, runs) => {
    const { first, second } = await dieAt(point);
    const response = await second.post("k");
    expect(await response.text()).toBe(body);
    expect(response.headers.get(REPLAYED)).toBe(replayed);
    expect([first.runs(), second.runs()]).toEqual(runs);
    expect(fake.events).toEqual(new Set(["once/k"]));
    expect((await second.post("k")).headers.get(REPLAYED)).toBe("true");
  });

  it("before the event is set: whoever finds the answer sets it, so that a later loss is not a second run", async () => {
    const { second, store } = await dieAt("set");
    await second.post("k");
    store.inner.delete("once/k");
    expect(await refusalIn(await second.post("k"))).toEqual(refused(409, "answer-gone"));
  });
});

describe("a program that lives on", () => {
  it("and cannot keep the answer: the client has it, and it is not run again", async () => {
    const faults: unknown[] = [];
    const store = watchedStore();
    const full = new Error("The store is full.");
    store.before = (call) => (call === "put" ? Promise.reject(full) : undefined);
    const { post, handlers, runs } = payments(fake, {
      store,
      onFault: (error) => faults.push(error),
    });
    handlers.open();
    expect((await post("k")).status).toBe(201);
    expect(faults).toEqual([full]);
    expect(await refusalIn(await post("k"))).toEqual(refused(409, "answer-gone"));
    expect(runs()).toBe(1);
  });

  it.each([
    ["set the event", "event(once/k).set"],
    ["release the lock", ""],
  ])("and cannot %s: the client has the answer, and a repeat too", async (_, lost) => {
    const faults: unknown[] = [];
    const { post, handlers, runs } = payments(fake, {
      onFault: (error) => faults.push(error),
      answer: () => {
        const [lease] = fake.line(LOCK).holders;
        if (lost === "" && lease !== undefined) lease.release = () => Promise.reject(LOST);
        return new Response("1");
      },
    });
    handlers.open();
    fake.meets = (call) => (call === lost ? LOST : undefined);
    expect(await (await post("k")).text()).toBe("1");
    fake.meets = () => undefined;
    fake.line(LOCK).lose();
    expect((await post("k")).headers.get(REPLAYED)).toBe("true");
    expect([runs(), faults]).toEqual([1, [LOST]]);
  });

  it("and has lost the lock meanwhile says so, and leaves the answer to the other", async () => {
    const store = watchedStore();
    const first = payments(fake, { store, answer: () => new Response("1") });
    const second = payments(fake, { store, answer: () => new Response("2") });
    const lost = first.post("k");
    await first.handlers.reached();
    fake.line(LOCK).lose();
    const other = second.post("k");
    await second.handlers.reached();
    first.handlers.open();
    expect(await refusalIn(await lost)).toEqual(refused(409, "lease-lost", "1"));
    expect(fake.events.size).toBe(0);
    second.handlers.open();
    expect(await (await other).text()).toBe("2");
    expect(await (await first.post("k")).text()).toBe("2");
  });
});

describe("where Latchwork cannot be reached", () => {
  it.each([
    ["at the first look", ".isSet"],
    ["at the lock", ".acquire"],
  ])("a request is refused with 503: %s", async (_, lost) => {
    const { post, runs } = payments(fake);
    fake.meets = (call) => (call.endsWith(lost) ? LOST : undefined);
    expect(await refusalIn(await post("k"))).toEqual(refused(503, "connection-lost", "1"));
    expect([runs(), fake.held]).toEqual([0, 0]);
  });

  it("with the lock held, too, and the lock is given back", async () => {
    const { post, runs } = payments(fake);
    let looks = 0;
    fake.meets = (call) => (call.endsWith(".isSet") && (looks += 1) === 2 ? LOST : undefined);
    expect((await post("k")).status).toBe(503);
    expect([runs(), fake.held]).toEqual([0, 0]);
  });

  it("or is silent", async () => {
    const { post, runs } = payments(fake, { unavailableAfterMs: 5 });
    fake.meets = () => "silence";
    expect((await post("k")).status).toBe(503);
    expect(runs()).toBe(0);
  });

  it("what the store knows is told all the same, and only to the same request", async () => {
    const { post, handlers } = payments(fake);
    handlers.open();
    await post("k");
    fake.meets = () => LOST;
    expect((await post("k")).headers.get(REPLAYED)).toBe("true");
    expect((await post("k", { body: "other" })).status).toBe(422);
  });

  it("a request proceeds if that is chosen, and its answer is kept for when Latchwork is back", async () => {
    const faults: unknown[] = [];
    const { post, handlers, runs } = payments(fake, {
      onUnavailable: "proceed",
      onFault: (error) => faults.push(error),
    });
    handlers.open();
    fake.meets = () => LOST;
    expect((await post("k")).headers.get("X-Token")).toBe("undefined");
    fake.meets = () => undefined;
    expect((await post("k")).headers.get(REPLAYED)).toBe("true");
    expect([runs(), faults, fake.events.has("once/k")]).toEqual([1, [LOST], true]);
  });

  it("an error of the handler's that looks like it is the handler's", async () => {
    const { post, handlers, runs } = payments(fake, {
      onUnavailable: "proceed",
      answer: () =>
        new Response(new ReadableStream({ pull: (controller) => controller.error(LOST) })),
    });
    handlers.open();
    expect(await (await post("k")).text()).toBe(LOST.message);
    expect([runs(), fake.held]).toEqual([1, 0]);
  });
});

describe("where the store cannot be reached", () => {
  it.each([
    ["before the run", false],
    ["after it was done", true],
  ])("a request is refused with 503: %s", async (_, wasDone) => {
    const store = watchedStore();
    const { post, handlers, runs } = payments(fake, { store });
    handlers.open();
    if (wasDone) await post("k");
    store.before = () => Promise.reject(new Error("away"));
    expect(await refusalIn(await post("k"))).toEqual(refused(503, "store-failed", "1"));
    expect([runs(), fake.held]).toEqual([wasDone ? 1 : 0, 0]);
  });
});

test("to forget a key loses the answer before the event, so that a crash in between refuses rather than runs", async () => {
  const store = watchedStore();
  const { post, handlers, runs } = payments(fake, { store });
  handlers.open();
  await post("k");
  fake.meets = (call) => (call.endsWith(".clear") ? LOST : undefined);
  await expect(forgetKey({ latchwork: fake.client, store: store.inner, key: "k" })).rejects.toThrow(
    LOST,
  );
  expect((await post("k")).status).toBe(409);
  expect(runs()).toBe(1);
});
