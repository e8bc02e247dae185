import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseLostError, UnauthorizedError } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import type { FakeSocket } from "../support/sdk/fake_socket.ts";
import { holdCondition, since } from "../support/sdk/handles.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const UNAUTHORIZED = { code: "unauthorized", message: "The token has expired." } as const;
const EXPIRED = { notice: "session-ended", reason: "expired" } as const;
const NEXT = TOKEN + 1;
const LINE_FULL = { code: "limit-exceeded", message: "Too many.", limit: "waitersMax" } as const;

/** The connection is lost, and the next one refused; the one after that will be served. */
async function refuseOnce(socket: FakeSocket): Promise<void> {
  world.server.manner = (each) => each.refuse(UNAUTHORIZED);
  socket.drop();
  await world.clock.advance(100);
  world.server.manner = world.server.welcoming;
}

describe("a wait whose session ends", () => {
  it("[CO5] by the server's word has lost the lock", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    await settle();
    socket.say(EXPIRED);
    socket.drop();
    await settle();
    expect(waiting.error).toBeInstanceOf(LeaseLostError);
    expect(waiting.error).toBe(held.signal.reason);
    await world.clock.advance(60_000);
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([1, 0]);
  });

  it("[CO5] [LE4] by the server's silence has lost the lock", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait({ timeoutMs: 500 }));
    await settle();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS - 1);
    expect([waiting.fate, held.signal.aborted]).toEqual(["pending", false]);
    await world.clock.advance(1);
    expect(waiting.error).toMatchObject({ code: "lease-lost", reason: "expired" });
    expect(held.signal.reason).toBe(waiting.error);
    expect(world.clock.timersCount).toBe(0);
  });

  it("[CO5] before it was sent has lost the lock, and asks no other session", async () => {
    const { held, socket } = await holdCondition(world);
    world.server.manner = unreachable;
    socket.drop();
    const waiting = watch(held.wait());
    await world.clock.advance(TRUSTED_MS);
    world.server.manner = world.server.welcoming;
    await world.clock.advance(TRUSTED_MS);
    expect([waiting.fate, held.signal.aborted]).toEqual(["lease-lost", true]);
    expect(world.server.socket.requests).toEqual([]);
  });

  it("[CO5] [LE6] with its client has lost the lock", async () => {
    const { held } = await holdCondition(world);
    const waiting = watch(held.wait());
    await settle();
    watch(world.lw.close());
    await settle();
    expect(held.signal.reason).toMatchObject({ code: "lease-lost", reason: "session-ended" });
    expect(waiting.error).toBe(held.signal.reason);
  });
});

describe("a block that is left while a wait has not settled", () => {
  /** The lock has come back, and goes on to the next. */
  async function passedOn(socket: FakeSocket): Promise<void> {
    socket.answer(socket.asked("cancel"));
    socket.answer(socket.asked("wait"), { token: NEXT, woken: "cancelled" });
    await settle();
    expect(socket.asked("release").token).toBe(NEXT);
    socket.answer(socket.asked("release"));
    await settle();
  }

  it("[CO4] [W5] gives the wait up, and the lock back when it comes", async () => {
    const { held, socket } = await holdCondition(world);
    let waiting = watch(Promise.resolve());
    const reason = new Error("Something else came between.");
    const leave = async (): Promise<never> => {
      await using mine = held;
      waiting = watch(mine.wait());
      await settle();
      throw reason;
    };
    await expect(leave()).rejects.toBe(reason);
    expect(socket.asked("cancel").target).toBe(socket.asked("wait").id);
    await passedOn(socket);
    expect(waiting.fate).toBe("not-owner");
    await expect(held.notify()).rejects.toThrow("released");
    await world.clock.advance(60_000);
    expect(world.clock.timersCount).toBe(0);
  });

  it("[W5] does so by `run`, too, whatever its work forgot or threw", async () => {
    for (const work of [() => {}, () => Promise.reject(new Error("Oh."))]) {
      const running = watch(
        world.lw.condition("a").run((mine) => {
          watch(mine.wait());
          return work();
        }),
      );
      const socket = await world.socket();
      socket.answer(socket.asked("acquire"), { token: TOKEN });
      await settle();
      await passedOn(socket);
      expect(running.error).toBeInstanceOf(Error);
    }
  });

  it.each([
    [
      "has come",
      (socket: FakeSocket) =>
        socket.answer(socket.asked("wait"), { token: NEXT, woken: "notified" }),
      NEXT,
    ],
    ["was refused", (socket: FakeSocket) => socket.reject(socket.asked("wait"), LINE_FULL), TOKEN],
  ] as const)(
    "[W5] gives the lock back in the very tick in which the wait %s",
    async (_, settleWait, token) => {
      const { held, socket } = await holdCondition(world);
      const waiting = watch(held.wait());
      await settle();
      settleWait(socket);
      // Before whoever awaits the wait has heard of it.
      watch(held[Symbol.asyncDispose]());
      await settle();
      expect(socket.asked("release").token).toBe(token);
      socket.answer(socket.asked("release"));
      await settle();
      expect(waiting.fate).not.toBe("pending");
      expect(socket.requests.some(({ op }) => op === "cancel")).toBe(false);
    },
  );

  it("[CO5] has lost the lock where the session ends first", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    await settle();
    await held[Symbol.asyncDispose]();
    socket.say(EXPIRED);
    socket.drop();
    await settle();
    expect([waiting.fate, held.signal.aborted]).toEqual(["lease-lost", true]);
  });

  it("[W5] gives the lock back where the wait was refused, so that it never gave it up", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    await settle();
    await held[Symbol.asyncDispose]();
    socket.reject(socket.asked("wait"), LINE_FULL);
    await settle();
    expect([waiting.fate, socket.asked("release").token]).toEqual(["limit-exceeded", TOKEN]);
    await expect(held.notify()).rejects.toThrow("released");
  });

  it("[CO1] is not what release() is: without the lock that is refused, and the wait goes on", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    await settle();
    await expect(held.release()).rejects.toThrow("given up");
    socket.answer(socket.asked("wait"), { token: NEXT, woken: "notified" });
    await settle();
    expect(waiting.fate).toBe("resolved");
  });
});

describe("a wait that the server refuses", () => {
  it("because too many wait keeps the lock", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    await settle();
    const fault = { limit: "waitersMax", max: 65_536 } as const;
    socket.reject(socket.asked("wait"), { code: "limit-exceeded", message: "Too many.", ...fault });
    await settle();
    expect([waiting.fate, held.signal.aborted]).toEqual(["limit-exceeded", false]);
    watch(held.notify());
    await settle();
    expect(socket.asked("notify").token).toBe(TOKEN);
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    expect(held.signal.aborted).toBe(true);
  });

  it("[CO1] because the lock was taken away says so, and how it was lost", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    await settle();
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    socket.reject(socket.asked("wait"), { code: "not-owner", message: "It is not held." });
    await settle();
    expect(waiting.fate).toBe("not-owner");
    expect(held.signal.reason).toMatchObject({ code: "lease-lost", reason: "revoked" });
  });

  it.for([{}, { token: "7" }, { token: 1.5 }, { woken: "notified" }])(
    "with a grant that is none breaks the protocol: %j",
    async (ok) => {
      const { held, socket } = await holdCondition(world);
      const waiting = watch(held.wait());
      await settle();
      socket.deliver(JSON.stringify([{ re: socket.asked("wait").id, ok }]));
      await settle();
      expect([waiting.fate, held.signal.aborted]).toEqual(["protocol", true]);
    },
  );
});

describe("a wait on a connection that is refused", () => {
  it("fails, and what it held is lost to it", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    await settle();
    await refuseOnce(socket);
    expect(waiting.error).toBeInstanceOf(UnauthorizedError);
    expect(held.signal.aborted).toBe(true);
    await world.clock.advance(60_000);
    expect(world.clock.timersCount).toBe(0);
  });

  it("[W5] [LE5] is repeated and cancelled on the next, and the lock that comes is given back", async () => {
    const { held, socket } = await holdCondition(world);
    watch(held.wait());
    await settle();
    await refuseOnce(socket);
    watch(world.lw.condition("a").statistics());
    const next = await world.socket();
    expect(next.requests).toEqual([
      { id: 2, op: "wait", token: TOKEN },
      { id: 3, op: "cancel", target: 2 },
      { id: 4, op: "statistics" },
    ]);
    next.answer(next.asked("cancel"));
    next.answer(next.asked("wait"), { token: NEXT, woken: "cancelled" });
    await settle();
    expect(next.asked("release").token).toBe(NEXT);
  });

  it("[W5] is given back in the end, however often that is refused", async () => {
    const { held, socket } = await holdCondition(world);
    watch(held.wait());
    await settle();
    await refuseOnce(socket);
    for (let count = 0; count < 3; count += 1) {
      watch(world.lw.condition("a").statistics());
      await refuseOnce(await world.socket());
    }
    watch(world.lw.condition("a").statistics());
    const next = await world.socket();
    expect(next.requests.map(({ op }) => op)).toEqual(["wait", "cancel", "statistics"]);
    next.answer(next.asked("wait"), { token: NEXT, woken: "cancelled" });
    await settle();
    expect(next.asked("release").token).toBe(NEXT);
  });

  it("that was given up before is cancelled once", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait({ timeoutMs: 500 }));
    await world.clock.advance(500);
    await refuseOnce(socket);
    expect(waiting.fate).toBe("unauthorized");
    watch(world.lw.condition("a").statistics());
    const next = await world.socket();
    expect(next.requests.map(({ op }) => op)).toEqual(["wait", "cancel", "statistics"]);
  });

  it("is forgotten with its session", async () => {
    const { held, socket } = await holdCondition(world);
    watch(held.wait());
    await settle();
    await refuseOnce(socket);
    await world.clock.advance(TRUSTED_MS);
    watch(world.lw.condition("a").statistics());
    const next = await world.socket();
    expect(next.requests.map(({ op }) => op)).toEqual(["statistics"]);
  });

  it("[LE1] keeps the lock where the server cannot have seen it", async () => {
    const { held, socket } = await holdCondition(world);
    world.server.manner = (each) => each.refuse(UNAUTHORIZED);
    socket.drop();
    const waiting = watch(held.wait());
    await world.clock.advance(100);
    world.server.manner = world.server.welcoming;
    expect([waiting.fate, held.signal.aborted]).toEqual(["unauthorized", false]);
    const releasing = watch(held.release());
    await world.clock.advance(1_000);
    const next = world.server.socket;
    expect(since(next, 0)).toEqual([{ id: 3, op: "release", token: TOKEN }]);
    next.answer(next.asked("release"));
    await settle();
    expect(releasing.fate).toBe("resolved");
  });
});
