import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { openSend, since } from "../support/sdk/handles.ts";
import { silent, unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const REASON = new Error("Never mind.");
const TIMEOUT = { code: "timeout", message: "There is no room." } as const;

describe("a send", () => {
  it("[ST1] settles when the server says that the item is there", async () => {
    const { send, socket } = await openSend(world);
    const sending = watch(send.send({ order: 7 }));
    await world.clock.advance(3_600_000);
    expect(since(socket, 1)).toEqual([{ id: 2, op: "send", end: TOKEN, item: '{"order":7}' }]);
    expect(sending.fate).toBe("pending");
    socket.answer(socket.asked("send"));
    await settle();
    expect(sending.value).toBeUndefined();
  });

  it("[ST2] keeps its place among the sends of its task, and after a reconnect", async () => {
    const { send, socket } = await openSend<number>(world);
    const sends = [1, 2, 3].map((item) => watch(send.send(item)));
    await settle();
    socket.answer({ id: 2, op: "statistics" });
    socket.drop();
    watch(send.send(4));
    await world.clock.advance(1_000);
    const items = world.server.socket.requests.map((each) => (each.op === "send" ? each.item : ""));
    expect(items).toEqual(["2", "3", "4"]);
    expect(sends.map(({ fate }) => fate)).toEqual(["resolved", "pending", "pending"]);
  });

  it.for(["broken", "closed", "limit-exceeded", "invalid-argument"] as const)(
    "[ST6] [ST8] rejects as the server says: %s",
    async (code) => {
      const { send, socket } = await openSend(world);
      const calls = [watch(send.send(1)), watch<unknown>(send.trySend(2))];
      await settle();
      const error = { code, message: "No." };
      socket.say({ re: 2, error }, { re: 3, error });
      await settle();
      expect(calls.map(({ fate }) => fate)).toEqual([code, code]);
    },
  );

  it("[W2] that may not wait says whether it was sent", async () => {
    const { send, socket } = await openSend(world);
    const [first, second] = [watch(send.trySend(null)), watch(send.trySend(2))];
    await settle();
    expect(since(socket, 1)).toEqual([
      { id: 2, op: "send", end: TOKEN, item: "null", timeoutMs: 0 },
      { id: 3, op: "send", end: TOKEN, item: "2", timeoutMs: 0 },
    ]);
    socket.say({ re: 2, ok: {} }, { re: 3, error: TIMEOUT });
    await settle();
    expect([first.value, second.value]).toEqual([true, false]);
  });

  it("[W4] is too late when the server says so", async () => {
    const { send, socket } = await openSend(world);
    const sending = watch(send.send(1, { timeoutMs: 500 }));
    await settle();
    socket.reject(socket.asked("send"), TIMEOUT);
    await settle();
    expect([sending.fate, since(socket, 2)]).toEqual(["timeout", []]);
  });

  it("that no server has seen in its time is a lost connection, and never sent", async () => {
    const { send, socket } = await openSend(world);
    world.server.manner = silent;
    socket.drop();
    const sending = watch(send.send(1, { timeoutMs: 500 }));
    await world.clock.advance(500);
    expect(sending.fate).toBe("connection-lost");
    world.server.manner = world.server.welcoming;
    await world.clock.advance(20_000);
    const all = world.server.sockets.flatMap(({ requests }) => requests.map(({ op }) => op));
    expect(all).toEqual(["open"]);
  });

  it("[ST8] with a signal that is aborted already sends nothing", async () => {
    const { send, socket } = await openSend(world);
    const sending = watch(send.send(1, { signal: AbortSignal.abort(REASON) }));
    await settle();
    expect([sending.error, since(socket, 1)]).toEqual([REASON, []]);
  });

  it("[LE5] that the server may have seen ends with its session: nobody knows", async () => {
    const { send, socket } = await openSend(world);
    const sending = watch(send.send(1));
    await settle();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    expect([sending.fate, world.clock.timersCount]).toEqual(["connection-lost", 0]);
  });
});

describe("a send that is given up", () => {
  it.each([
    { applied: true, fate: "resolved" },
    { applied: false, fate: "rejected" },
  ])("by an abort has settled when the server says: $applied", async ({ applied, fate }) => {
    const { send, socket } = await openSend(world);
    const controller = new AbortController();
    const { signal } = controller;
    const sending = watch(send.send(1, { signal, timeoutMs: 60_000 }));
    await settle();
    controller.abort(REASON);
    await settle();
    expect(since(socket, 2)).toEqual([{ id: 3, op: "cancel", target: 2 }]);
    await world.clock.advance(30_000);
    expect(sending.fate).toBe("pending");
    socket.answer(socket.asked("cancel"), { applied });
    await settle();
    expect(sending.fate).toBe(fate);
    expect(applied || sending.error === REASON).toBe(true);
    socket.drop();
    await world.clock.advance(1_000);
    expect(world.server.socket.requests).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it.each([
    { applied: true, fate: "resolved", sent: true },
    { applied: false, fate: "timeout", sent: false },
  ])("by its time has settled when the server says: $applied", async ({ applied, fate }) => {
    const { send, socket } = await openSend(world);
    const sending = watch(send.send(1, { timeoutMs: 500 }));
    await world.clock.advance(500);
    expect(since(socket, 2)).toEqual([{ id: 3, op: "cancel", target: 2 }]);
    socket.answer(socket.asked("cancel"), { applied });
    await settle();
    expect(sending.fate).toBe(fate);
  });

  it("and whose answer crossed that was sent", async () => {
    const { send, socket } = await openSend(world);
    const sending = watch(send.send(1, { timeoutMs: 500 }));
    await world.clock.advance(500);
    socket.say({ re: 2, ok: {} }, { re: 3, ok: { applied: true } });
    await settle();
    expect(sending.fate).toBe("resolved");
  });

  it("[LE5] is judged by a server to which it came for certain: it is repeated first, and may not wait", async () => {
    const { send, socket } = await openSend<number>(world);
    const controller = new AbortController();
    const first = watch(send.send(1, { signal: controller.signal }));
    const second = watch(send.send(2));
    await settle();
    controller.abort(REASON);
    await settle();
    socket.drop();
    await world.clock.advance(1_000);
    const next = world.server.socket;
    expect(next.requests).toEqual([
      { id: 2, op: "send", end: TOKEN, item: "1", timeoutMs: 0 },
      { id: 3, op: "send", end: TOKEN, item: "2" },
      { id: 4, op: "cancel", target: 2 },
    ]);
    next.say({ re: 2, error: TIMEOUT }, { re: 3, ok: {} }, { re: 4, ok: { applied: false } });
    await settle();
    expect([first.error, second.fate]).toEqual([REASON, "resolved"]);
    next.drop();
    await world.clock.advance(1_000);
    expect(world.server.socket.requests).toEqual([]);
  });

  it("is pending until it is known whether it was sent: until the session is over", async () => {
    const { send, socket } = await openSend(world);
    const sending = watch(send.send(1, { timeoutMs: 500 }));
    await world.clock.advance(400);
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS - 401);
    expect(sending.fate).toBe("pending");
    await world.clock.advance(1);
    expect([sending.fate, world.clock.timersCount]).toEqual(["connection-lost", 0]);
  });

  it("is not judged on a connection that is refused", async () => {
    const { send, socket } = await openSend(world);
    const sending = watch(send.send(1, { timeoutMs: 500 }));
    await world.clock.advance(500);
    world.server.manner = (each) => each.refuse({ code: "unauthorized", message: "No." });
    socket.drop();
    await world.clock.advance(100);
    expect(sending.fate).toBe("unauthorized");
    world.server.manner = world.server.welcoming;
    watch(send.statistics());
    await world.clock.advance(3_000);
    expect(world.server.socket.requests.map(({ op }) => op)).toEqual(["cancel", "statistics"]);
  });

  it("by closing the client is closed", async () => {
    const { send } = await openSend(world);
    const sending = watch(send.send(1, { timeoutMs: 500 }));
    await world.clock.advance(500);
    watch(world.lw.close());
    await settle();
    expect(sending.fate).toBe("closed");
  });
});

describe("frames of sends", () => {
  it("frameCharactersMax: are cut where a server would refuse more characters", async () => {
    const { send, socket } = await openSend<string>(world);
    const item = '"'.repeat((LIMITS.itemCharactersMax - 2) / 2);
    const sends = Array.from({ length: 12 }, () => watch(send.send(item)));
    await settle();
    expect(socket.frames.slice(1).map((frame) => frame.length)).toEqual([3, 3, 3, 3]);
    expect(since(socket, 1).map(({ id }) => id)).toEqual(sends.map((_, index) => index + 2));
  });

  it("requestsPerFrameMax: are cut where a server would refuse more requests", async () => {
    const { send, socket } = await openSend<number>(world);
    const max = LIMITS.requestsPerFrameMax;
    for (let item = 0; item < 2 * max + 1; item += 1) watch(send.send(item));
    await settle();
    expect(socket.frames.slice(1).map((frame) => frame.length)).toEqual([max, max, 1]);
  });
});
