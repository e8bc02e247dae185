import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { holdCondition, since } from "../support/sdk/handles.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const REASON = new Error("Never mind.");
const NEXT = TOKEN + 1;

describe("a wait at a condition", () => {
  it("[CO2] gives the lock up and waits, in one request", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    await world.clock.advance(3_600_000);
    expect(since(socket, 1)).toEqual([{ id: 2, op: "wait", token: TOKEN }]);
    expect([waiting.fate, held.signal.aborted]).toEqual(["pending", false]);
  });

  it("[CO6] has the lock again with a new token, and the same signal", async () => {
    const { held, socket } = await holdCondition(world);
    const { signal } = held;
    const waiting = watch(held.wait());
    await settle();
    socket.answer(socket.asked("wait"), { token: NEXT, woken: "notified" });
    await settle();
    expect([waiting.value, held.token]).toEqual([undefined, NEXT]);
    expect(held.signal).toBe(signal);
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    expect(signal.aborted).toBe(false);
    socket.say({ notice: "lost", token: NEXT, reason: "revoked" });
    expect(signal.aborted).toBe(true);
  });

  it("[CO2] has given the old token up: that no server names it is no loss", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    await settle();
    world.server.held = [];
    socket.drop();
    await world.clock.advance(1_000);
    const second = world.server.socket;
    expect(second.requests).toEqual([{ id: 2, op: "wait", token: TOKEN }]);
    expect([held.signal.aborted, waiting.fate]).toEqual([false, "pending"]);
    second.answer(second.asked("wait"), { token: NEXT, woken: "notified" });
    await settle();
    expect([waiting.fate, held.token]).toEqual(["resolved", NEXT]);
  });

  it("[CO6] can be had again and again", async () => {
    const { held, socket } = await holdCondition(world);
    for (let token = NEXT; token < NEXT + 3; token += 1) {
      const waiting = watch(held.wait());
      await settle();
      expect(socket.asked("wait").token).toBe(token - 1);
      socket.answer(socket.asked("wait"), { token, woken: "notified" });
      await settle();
      expect([waiting.fate, held.token]).toEqual(["resolved", token]);
    }
  });

  it.for([-1, Number.NaN, LIMITS.timeoutMsMax + 1])(
    "for %d ms is refused before anything is sent, with the lock held",
    async (timeoutMs) => {
      const { held, socket } = await holdCondition(world);
      const waiting = watch(held.wait({ timeoutMs }));
      await settle();
      expect([waiting.fate, since(socket, 1)]).toEqual(["invalid-argument", []]);
      watch(held.notify());
      await settle();
      expect(socket.asked("notify").token).toBe(TOKEN);
    },
  );
});

describe("a wait at a condition that times out", () => {
  it("[CO5] [W4] by the server's clock holds the lock again", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait({ timeoutMs: 500 }));
    await settle();
    expect(socket.asked("wait").timeoutMs).toBe(500);
    socket.answer(socket.asked("wait"), { token: NEXT, woken: "timed-out" });
    await settle();
    expect([waiting.fate, held.token, held.signal.aborted]).toEqual(["timeout", NEXT, false]);
    expect(since(socket, 2)).toEqual([]);
  });

  it("[CO5] [W4] by the client's clock says so, and settles when it has the lock", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait({ timeoutMs: 500 }));
    await world.clock.advance(499);
    expect(since(socket, 2)).toEqual([]);
    await world.clock.advance(1);
    expect(since(socket, 2)).toEqual([{ id: 3, op: "cancel", target: 2 }]);
    socket.answer(socket.asked("cancel"));
    await world.clock.advance(60_000);
    expect(waiting.fate).toBe("pending");
    socket.answer(socket.asked("wait"), { token: NEXT, woken: "cancelled" });
    await settle();
    expect([waiting.fate, held.token]).toEqual(["timeout", NEXT]);
  });

  it("[CO5] and whose grant crossed that holds the lock, and has timed out", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait({ timeoutMs: 500 }));
    await world.clock.advance(500);
    socket.answer(socket.asked("wait"), { token: NEXT, woken: "notified" });
    await settle();
    expect([waiting.fate, held.token]).toEqual(["timeout", NEXT]);
  });

  it("[CO5] while the server is away settles when it is back", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait({ timeoutMs: 500 }));
    await settle();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(1_000);
    expect(waiting.fate).toBe("pending");
    world.server.manner = world.server.welcoming;
    world.server.held = [NEXT];
    await world.clock.advance(4_000);
    const second = world.server.socket;
    expect(second.requests).toEqual([
      { id: 2, op: "wait", token: TOKEN, timeoutMs: 0 },
      { id: 3, op: "cancel", target: 2 },
    ]);
    second.answer(second.asked("wait"), { token: NEXT, woken: "timed-out" });
    await settle();
    expect([waiting.fate, held.token, held.signal.aborted]).toEqual(["timeout", NEXT, false]);
  });
});

describe("a wait at a condition that is aborted", () => {
  it("before it began sends nothing, and keeps the lock", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait({ signal: AbortSignal.abort(REASON) }));
    await settle();
    expect([waiting.error, since(socket, 1)]).toEqual([REASON, []]);
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    expect(held.signal.aborted).toBe(true);
  });

  it("[CO5] while it is parked rejects with the reason, when it has the lock", async () => {
    const { held, socket } = await holdCondition(world);
    const controller = new AbortController();
    const waiting = watch(held.wait({ signal: controller.signal }));
    await settle();
    controller.abort(REASON);
    await settle();
    expect(since(socket, 2)).toEqual([{ id: 3, op: "cancel", target: 2 }]);
    socket.answer(socket.asked("cancel"));
    await world.clock.advance(60_000);
    expect(waiting.fate).toBe("pending");
    socket.answer(socket.asked("wait"), { token: NEXT, woken: "cancelled" });
    await settle();
    expect([waiting.error, held.token, held.signal.aborted]).toEqual([REASON, NEXT, false]);
  });

  it("[CO4] [CO5] and whose grant crossed that rejects with the reason, and holds", async () => {
    const { held, socket } = await holdCondition(world);
    const controller = new AbortController();
    const waiting = watch(held.wait({ signal: controller.signal, timeoutMs: 500 }));
    await settle();
    controller.abort(REASON);
    socket.answer(socket.asked("wait"), { token: NEXT, woken: "notified" });
    await world.clock.advance(60_000);
    expect([waiting.error, held.token]).toEqual([REASON, NEXT]);
    expect(since(socket, 2)).toEqual([{ id: 3, op: "cancel", target: 2 }]);
  });

  it("[CO5] after its time was over has timed out", async () => {
    const { held, socket } = await holdCondition(world);
    const controller = new AbortController();
    const waiting = watch(held.wait({ signal: controller.signal, timeoutMs: 500 }));
    await world.clock.advance(500);
    controller.abort(REASON);
    await settle();
    socket.answer(socket.asked("wait"), { token: NEXT, woken: "cancelled" });
    await settle();
    expect(waiting.fate).toBe("timeout");
    expect(since(socket, 2)).toHaveLength(1);
  });

  it("has no timer and no listener left, however it settled", async () => {
    const { held, socket } = await holdCondition(world);
    const { timersCount } = world.clock;
    const { signal } = new AbortController();
    const waiting = watch(held.wait({ signal, timeoutMs: 500 }));
    await settle();
    socket.answer(socket.asked("wait"), { token: NEXT, woken: "notified" });
    await settle();
    const left = (): number[] => [
      world.clock.timersCount,
      getEventListeners(signal, "abort").length,
    ];
    expect([waiting.fate, ...left()]).toEqual(["resolved", timersCount, 0]);
    const failing = watch(held.wait({ signal, timeoutMs: 500 }));
    await settle();
    socket.reject(socket.asked("wait"), { code: "not-owner", message: "It is another's." });
    await settle();
    expect([failing.fate, ...left()]).toEqual(["not-owner", timersCount, 0]);
  });
});
