import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClosedResourceError, LeaseLostError } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { unreachable, UNREACHED } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { CLOSE_PATIENCE_MS, TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

describe("closing a client", () => {
  it("[LE6] ends its sessions, and settles when the server knows", async () => {
    const { socket } = await world.hold();
    const closing = watch(world.lw.close());
    await settle();
    expect(socket.requests.slice(1)).toEqual([{ id: 2, op: "end" }]);
    expect([closing.fate, socket.state]).toEqual(["pending", "open"]);
    socket.answer(socket.asked("end"));
    await settle();
    expect([closing.fate, socket.state]).toEqual(["resolved", "closed by client"]);
    expect(world.clock.timersCount).toBe(0);
  });

  it("[LE6] ends the sessions of every name", async () => {
    watch(world.lw.lock("a").acquire());
    watch(world.lw.lock("b").acquire());
    await settle();
    const closing = watch(world.lw.close());
    await settle();
    const [a, b] = world.server.sockets;
    a?.answer(a.asked("end"));
    await settle();
    expect(closing.fate).toBe("pending");
    b?.answer(b.asked("end"));
    await settle();
    expect(closing.fate).toBe("resolved");
  });

  it("rejects what is pending, at once", async () => {
    const calls = [watch(world.lw.lock("a").acquire()), watch(world.lw.lock("a").isLocked())];
    await settle();
    watch(world.lw.close());
    await settle();
    expect(calls.map(({ error }) => error)).toEqual([
      expect.any(ClosedResourceError),
      expect.any(ClosedResourceError),
    ]);
  });

  it("aborts the signals of its leases, at once", async () => {
    const { lease } = await world.hold();
    watch(world.lw.close());
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(lease.signal.reason).toMatchObject({ reason: "session-ended" });
    await expect(lease.release()).rejects.toMatchObject({ code: "not-owner" });
  });

  it("says nothing where nothing was ever opened", async () => {
    world.lw.lock("a");
    await world.lw.close();
    expect(world.server.sockets).toEqual([]);
  });

  it("ends a session whose socket is open though nothing depends on it", async () => {
    watch(world.lw.lock("a").tryAcquire());
    const socket = await world.socket();
    socket.reject(socket.asked("acquire"), { code: "timeout", message: "No." });
    await settle();
    watch(world.lw.close());
    await settle();
    expect(socket.requests.at(-1)).toEqual({ id: 2, op: "end" });
  });

  it("[LE6] comes back to end a session that holds something and has lost its socket", async () => {
    const { socket } = await world.hold();
    socket.drop();
    const closing = watch(world.lw.close());
    await world.clock.advance(1_000);
    const second = world.server.socket;
    expect(second.requests).toEqual([{ id: 2, op: "end" }]);
    second.answer(second.asked("end"));
    await settle();
    expect(closing.fate).toBe("resolved");
  });

  it.each([{ way: "never answers", manner: null }, ...UNREACHED])(
    "settles after 5 s when the server $way",
    async ({ manner }) => {
      const { socket } = await world.hold();
      if (manner !== null) {
        world.server.manner = manner;
        socket.drop();
      }
      const closing = watch(world.lw.close());
      await world.clock.advance(CLOSE_PATIENCE_MS - 1);
      expect(closing.fate).toBe("pending");
      await world.clock.advance(1);
      expect([closing.fate, world.clock.timersCount]).toEqual(["resolved", 0]);
    },
  );

  it("settles while the token has not come", async () => {
    const given = Promise.withResolvers<string>();
    world.token = () => given.promise;
    const acquiring = watch(world.lw.lock("a").acquire());
    await settle();
    const closing = watch(world.lw.close());
    await world.clock.advance(CLOSE_PATIENCE_MS);
    expect([acquiring.fate, closing.fate]).toEqual(["closed", "resolved"]);
    given.resolve("late");
    await settle();
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([0, 0]);
  });

  it("settles when the session had ended already", async () => {
    const { socket } = await world.hold();
    const closing = watch(world.lw.close());
    await settle();
    socket.say({ notice: "session-ended", reason: "expired" });
    await settle();
    expect([closing.fate, world.clock.timersCount]).toEqual(["resolved", 0]);
  });

  it("settles at once where the next session has not begun yet", async () => {
    world.server.manner = unreachable;
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 60_000 }));
    await world.clock.advance(TRUSTED_MS);
    const closing = watch(world.lw.close());
    await settle();
    expect([acquiring.fate, closing.fate]).toEqual(["closed", "resolved"]);
    expect(world.clock.timersCount).toBe(0);
  });

  it("is done once, however often it is called", async () => {
    const { socket } = await world.hold();
    const closings = [watch(world.lw.close()), watch(world.lw[Symbol.asyncDispose]())];
    await settle();
    socket.answer(socket.asked("end"));
    await settle();
    expect(closings.map(({ fate }) => fate)).toEqual(["resolved", "resolved"]);
    await world.lw.close();
    expect(socket.requests).toHaveLength(2);
  });
});

describe("closing from within a lease's signal", () => {
  it("leaves no timer when the lease was lost between two connections", async () => {
    const { lease, socket } = await world.hold();
    const closings: Promise<void>[] = [];
    lease.signal.addEventListener("abort", () => closings.push(world.lw.close()));
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    await Promise.all(closings);
    expect([closings.length, world.clock.timersCount]).toEqual([1, 0]);
  });

  it("ends nothing when the server has ended the session", async () => {
    const { lease, socket } = await world.hold();
    const closings: Promise<void>[] = [];
    lease.signal.addEventListener("abort", () => closings.push(world.lw.close()));
    socket.say({ notice: "session-ended", reason: "expired" });
    await Promise.all(closings);
    await world.clock.advance(60_000);
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([1, 0]);
  });
});

describe("a client that was closed", () => {
  it("makes no more handles", async () => {
    await world.lw.close();
    expect(() => world.lw.lock("a")).toThrow(ClosedResourceError);
    expect(() => world.lw.semaphore("a")).toThrow(ClosedResourceError);
  });

  it("rejects every use of the handles it made, and leaves nothing behind", async () => {
    const lock = world.lw.lock("a");
    await world.lw.close();
    const { signal } = new AbortController();
    const calls = [
      lock.acquire(),
      lock.acquire({ signal }),
      lock.acquire({ timeoutMs: 500 }),
      lock.acquire({ timeoutMs: 500, signal }),
      lock.tryAcquire(),
      lock.run(() => {}),
      lock.isLocked(),
      lock.statistics(),
    ].map((call) => watch<unknown>(call));
    await settle();
    expect(calls.map(({ fate }) => fate)).toEqual(calls.map(() => "closed"));
    expect([world.clock.timersCount, getEventListeners(signal, "abort").length]).toEqual([0, 0]);
    expect(world.server.sockets).toEqual([]);
  });
});
