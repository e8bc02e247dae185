import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settle } from "../support/sdk/clock.ts";
import { delivery, openReceive, since } from "../support/sdk/handles.ts";
import { silent, unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const REASON = new Error("Never mind.");
const TIMEOUT = { code: "timeout", message: "No item came." } as const;
const END = { code: "end-of-stream", message: "No sender is left." } as const;

describe("a receive", () => {
  it("[ST3] [LE5] that is given items once more, when nobody waits any more, gives them back", async () => {
    const { receive, socket } = await openReceive(world);
    const receiving = watch(receive.receive());
    await settle();
    socket.say({ re: 2, ok: delivery(41, "first") });
    await settle();
    socket.say({ re: 2, ok: delivery(42, "second") });
    await settle();
    expect(receiving.value).toBe("first");
    expect(since(socket, 3)).toEqual([{ id: 4, op: "cancel", target: 2 }]);
  });

  it("[ST3] [LE5] that is answered twice, while a loop works on the item, gives nothing back", async () => {
    const { receive, socket } = await openReceive(world);
    const next = watch(receive[Symbol.asyncIterator]().next());
    await settle();
    socket.say({ re: 2, ok: delivery(41, "in hand") }, { re: 2, ok: delivery(41, "in hand") });
    await settle();
    expect(next.value).toEqual({ done: false, value: "in hand" });
    expect(since(socket, 2)).toEqual([]);
  });

  it("[ST3] gives the item, and confirms it in the same task", async () => {
    const { receive, socket } = await openReceive<{ order: number }>(world);
    const receiving = watch(receive.receive());
    await settle();
    expect(since(socket, 1)).toEqual([{ id: 2, op: "receive", end: TOKEN }]);
    socket.answer(socket.asked("receive"), delivery(41, { order: 7 }));
    await settle();
    expect(receiving.value).toEqual({ order: 7 });
    expect(since(socket, 2)).toEqual([{ id: 3, op: "confirm", items: [41] }]);
  });

  it("[ST3] has asked for the confirmation before whoever waited can do anything", async () => {
    const { receive, socket } = await openReceive(world);
    let asked: unknown = null;
    const receiving = receive.receive().then(() => {
      watch(receive.statistics());
      asked = null;
    });
    await settle();
    socket.answer(socket.asked("receive"), delivery(41, 1));
    await receiving;
    await settle();
    expect([asked, since(socket, 2).map(({ op }) => op)]).toEqual([
      null,
      ["confirm", "statistics"],
    ]);
  });

  it.for([null, 0, "", false, [], { a: null }])("[ST11] may be of %j", async (value) => {
    const { receive, socket } = await openReceive(world);
    const [first, second] = [watch(receive.receive()), watch(receive.tryReceive())];
    await settle();
    socket.say({ re: 2, ok: delivery(1, value) }, { re: 3, ok: delivery(2, value) });
    await settle();
    expect([first.value, second.value]).toEqual([value, { value }]);
  });

  it("[ST2] stands in line by itself, in the order of asking", async () => {
    const { receive, socket } = await openReceive<number>(world);
    const calls = [1, 2, 3].map(() => watch(receive.receive()));
    await settle();
    expect(since(socket, 1).map(({ id, op }) => [id, op])).toEqual([
      [2, "receive"],
      [3, "receive"],
      [4, "receive"],
    ]);
    socket.say({ re: 2, ok: delivery(1, 10) }, { re: 3, ok: delivery(2, 20) });
    await settle();
    expect(calls.map(({ fate }) => fate)).toEqual(["resolved", "resolved", "pending"]);
    expect([calls[0]?.value, calls[1]?.value]).toEqual([10, 20]);
    expect(socket.frames.at(-1)).toEqual([
      { id: 5, op: "confirm", items: [1] },
      { id: 6, op: "confirm", items: [2] },
    ]);
  });

  it("[ST3] [LE5] is confirmed again after a reconnect, until that is answered", async () => {
    const { receive, socket } = await openReceive(world);
    watch(receive.receive());
    await settle();
    socket.answer(socket.asked("receive"), delivery(41, 1));
    await settle();
    for (const attempt of [2, 3]) {
      world.server.socket.drop();
      await world.clock.advance(1_000);
      const next = world.server.socket;
      expect(next.hello.attempt).toBe(attempt);
      expect(next.requests).toEqual([{ id: 3, op: "confirm", items: [41] }]);
    }
    world.server.socket.answer(world.server.socket.asked("confirm"));
    await settle();
    world.server.socket.drop();
    await world.clock.advance(1_000);
    expect(world.server.socket.requests).toEqual([]);
  });

  it("[LE5] whose answer was lost is asked again, and has the same item", async () => {
    const { receive, socket } = await openReceive(world);
    const receiving = watch(receive.receive());
    await settle();
    socket.drop();
    await world.clock.advance(1_000);
    const next = world.server.socket;
    expect(next.requests).toEqual([{ id: 2, op: "receive", end: TOKEN }]);
    next.answer(next.asked("receive"), delivery(41, "x"));
    await settle();
    expect(receiving.value).toBe("x");
  });

  it("[ST5] of what has ended says so", async () => {
    const { receive, socket } = await openReceive(world);
    const calls = [watch(receive.receive()), watch<unknown>(receive.tryReceive())];
    await settle();
    socket.say({ re: 2, error: END }, { re: 3, error: END });
    await settle();
    expect(calls.map(({ fate }) => fate)).toEqual(["end-of-stream", "end-of-stream"]);
  });

  it("[W2] that may not wait gives null where nothing is", async () => {
    const { receive, socket } = await openReceive(world);
    const trying = watch(receive.tryReceive());
    await settle();
    expect(since(socket, 1)).toEqual([{ id: 2, op: "receive", end: TOKEN, timeoutMs: 0 }]);
    socket.reject(socket.asked("receive"), TIMEOUT);
    await settle();
    expect([trying.value, since(socket, 2)]).toEqual([null, []]);
  });

  it("[ST9] that is too late withdraws, and what crossed that is for others", async () => {
    const { receive, socket } = await openReceive(world);
    const receiving = watch(receive.receive({ timeoutMs: 500 }));
    await world.clock.advance(500);
    socket.answer(socket.asked("receive"), delivery(41, 1));
    socket.answer(socket.asked("cancel"), { applied: false });
    await settle();
    expect(receiving.fate).toBe("timeout");
    expect(since(socket, 2)).toEqual([{ id: 3, op: "cancel", target: 2 }]);
  });

  it("[ST9] that is aborted withdraws, and what crossed that is for others", async () => {
    const { receive, socket } = await openReceive(world);
    const controller = new AbortController();
    const { signal } = controller;
    const receiving = watch(receive.receive({ signal }));
    await settle();
    controller.abort(REASON);
    socket.answer(socket.asked("receive"), delivery(41, 1));
    await settle();
    expect(receiving.fate).toBe("pending");
    socket.answer(socket.asked("cancel"), { applied: true });
    await settle();
    expect(receiving.error).toBe(REASON);
    expect(since(socket, 2).map(({ op }) => op)).toEqual(["cancel"]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("with a signal that is aborted already sends nothing", async () => {
    const { receive, socket } = await openReceive(world);
    const receiving = watch(receive.receive({ signal: AbortSignal.abort(REASON) }));
    await settle();
    expect([receiving.error, since(socket, 1)]).toEqual([REASON, []]);
  });

  it("that never reached the server is a lost connection", async () => {
    const { receive, socket } = await openReceive(world);
    world.server.manner = silent;
    socket.drop();
    const receiving = watch(receive.receive({ timeoutMs: 500 }));
    await world.clock.advance(500);
    expect(receiving.fate).toBe("connection-lost");
  });

  it.for([
    { items: [] },
    {},
    { items: 1 },
    { items: [null] },
    { items: [{ seq: 1 }] },
    { items: [{ seq: "1", item: "1" }] },
    { items: [{ seq: 1, item: "{" }] },
  ])("of %j breaks the protocol, and confirms nothing", async (ok) => {
    for (const prefetch of [1, 2]) {
      const token = TOKEN + prefetch;
      const { receive, socket } = await openReceive(world, { prefetch, token });
      const receiving = watch(receive.receive());
      await settle();
      socket.deliver(JSON.stringify([{ re: socket.asked("receive").id, ok }]));
      await settle();
      expect(receiving.fate).toBe("protocol");
      expect(socket.requests.some(({ op }) => op === "confirm")).toBe(false);
    }
  });

  it("ends with its session; later ones know that the end is lost", async () => {
    const { receive, socket } = await openReceive(world);
    const receiving = watch(receive.receive());
    await settle();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    expect([receiving.fate, world.clock.timersCount]).toEqual(["connection-lost", 0]);
    await expect(receive.receive()).rejects.toMatchObject({
      code: "lease-lost",
      reason: "expired",
    });
  });
});
