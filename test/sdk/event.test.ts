import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { silent, unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const REASON = new Error("Never mind.");
const TIMEOUT = { code: "timeout", message: "It was not set." } as const;

describe("an event", () => {
  it("[EV3] is set and cleared by name, and each settles when the server has answered", async () => {
    const event = world.lw.event("a");
    const calls = [watch(event.set()), watch(event.clear())];
    const socket = await world.socket();
    expect(socket.url).toBe("wss://locks.example/v1/tests/event/a");
    expect(socket.requests).toEqual([
      { id: 1, op: "set" },
      { id: 2, op: "clear" },
    ]);
    expect(calls.map(({ fate }) => fate)).toEqual(["pending", "pending"]);
    socket.say({ re: 1, ok: {} }, { re: 2, ok: {} });
    await settle();
    expect(calls.map(({ value }) => value)).toEqual([undefined, undefined]);
  });

  it("tells whether it is set, and how many wait", async () => {
    const event = world.lw.event("a");
    const [isSet, statistics] = [watch(event.isSet()), watch(event.statistics())];
    const socket = await world.socket();
    const ok = { isSet: true, tasksWaiting: 3 };
    socket.say({ re: 1, ok }, { re: 2, ok });
    await settle();
    expect([isSet.value, statistics.value]).toEqual([true, ok]);
  });
});

describe("a wait for an event", () => {
  it("[EV1] that returned at once has nothing to withdraw", async () => {
    const waiting = watch(world.lw.event("a").wait());
    const socket = await world.socket();
    expect(socket.requests).toEqual([{ id: 1, op: "wait" }]);
    socket.answer(socket.asked("wait"));
    await settle();
    expect([waiting.value, socket.requests.length]).toEqual([undefined, 1]);
  });

  it("[EV2] that was woken tells the server that it knows", async () => {
    const waiting = watch(world.lw.event("a").wait());
    const socket = await world.socket();
    await world.clock.advance(60_000);
    expect(waiting.fate).toBe("pending");
    socket.answer(socket.asked("wait"), { remembered: true });
    await settle();
    expect(waiting.value).toBeUndefined();
    expect(socket.requests.slice(1)).toEqual([{ id: 2, op: "cancel", target: 1 }]);
  });

  it("[EV2] is asked again after a reconnect, and woken by what came meanwhile", async () => {
    const waiting = watch(world.lw.event("a").wait());
    (await world.socket()).drop();
    await world.clock.advance(1_000);
    const { socket } = world.server;
    expect(socket.requests).toEqual([{ id: 1, op: "wait" }]);
    socket.answer(socket.asked("wait"), { remembered: true });
    await settle();
    expect([waiting.fate, socket.asked("cancel").target]).toEqual(["resolved", 1]);
  });

  it("[EV2] tells again that it knows, where that was lost", async () => {
    watch(world.lw.event("a").wait());
    const first = await world.socket();
    first.answer(first.asked("wait"), { remembered: true });
    await settle();
    first.drop();
    await world.clock.advance(1_000);
    expect(world.server.socket.requests).toEqual([{ id: 2, op: "cancel", target: 1 }]);
  });

  it("[W4] that the server says is too late is too late", async () => {
    const waiting = watch(world.lw.event("a").wait({ timeoutMs: 500 }));
    const socket = await world.socket();
    expect(socket.asked("wait").timeoutMs).toBe(500);
    socket.reject(socket.asked("wait"), TIMEOUT);
    await settle();
    expect([waiting.fate, socket.requests.length]).toEqual(["timeout", 1]);
  });

  it("[W3] [W4] that is too late by the client's clock withdraws first", async () => {
    const waiting = watch(world.lw.event("a").wait({ timeoutMs: 500 }));
    const socket = await world.socket();
    await world.clock.advance(500);
    expect([waiting.fate, socket.asked("cancel").target]).toEqual(["pending", 1]);
    socket.answer(socket.asked("cancel"));
    await settle();
    expect(waiting.fate).toBe("timeout");
  });

  it("[W3] that is aborted withdraws first, and a wake that crossed it is no wake", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = watch(world.lw.event("a").wait({ signal, timeoutMs: 500 }));
    const socket = await world.socket();
    controller.abort(REASON);
    socket.answer(socket.asked("wait"), { remembered: true });
    await settle();
    socket.answer(socket.asked("cancel"));
    await settle();
    expect(waiting.error).toBe(REASON);
    expect(socket.requests.map(({ op }) => op)).toEqual(["wait", "cancel"]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("with a signal that is aborted already sends nothing", async () => {
    const waiting = watch(world.lw.event("a").wait({ signal: AbortSignal.abort(REASON) }));
    await settle();
    expect([waiting.error, world.server.sockets.length]).toEqual([REASON, 0]);
  });

  it("never reached the server: the connection is lost, not the wait", async () => {
    world.server.manner = silent;
    const waiting = watch(world.lw.event("a").wait({ timeoutMs: 500 }));
    await world.clock.advance(500);
    expect(waiting.fate).toBe("connection-lost");
  });

  it.for([-1, Number.NaN, LIMITS.timeoutMsMax + 1])(
    "for %d ms is refused before anything is sent",
    async (timeoutMs) => {
      const waiting = watch(world.lw.event("a").wait({ timeoutMs }));
      await settle();
      expect([waiting.fate, world.server.sockets.length]).toEqual(["invalid-argument", 0]);
    },
  );

  it("ends with its session, and leaves nothing", async () => {
    const waiting = watch(world.lw.event("a").wait());
    const socket = await world.socket();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    expect([waiting.fate, world.clock.timersCount]).toEqual(["connection-lost", 0]);
  });

  it("is closed with its client", async () => {
    const waiting = watch(world.lw.event("a").wait());
    await settle();
    watch(world.lw.close());
    await settle();
    expect(waiting.fate).toBe("closed");
  });
});
