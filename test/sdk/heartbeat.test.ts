import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settle } from "../support/sdk/clock.ts";
import { silent } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

describe("heart-beats", () => {
  it("go out four times in a TTL", async () => {
    const { socket } = await world.hold();
    await world.clock.advance(2_499);
    expect(socket.pingsCount).toBe(0);
    await world.clock.advance(1);
    expect(socket.pingsCount).toBe(1);
    await world.clock.advance(7_500);
    expect(socket.pingsCount).toBe(4);
  });

  it("go out every 15 s where the TTL is long", async () => {
    const lw = world.client({ ttlMs: 3_600_000 });
    watch(lw.lock("a").acquire());
    const socket = await world.socket();
    await world.clock.advance(14_999);
    expect(socket.pingsCount).toBe(0);
    await world.clock.advance(45_001);
    expect(socket.pingsCount).toBe(4);
  });

  it.for([
    { ttlMs: 10_000, pingAtMs: 2_500, patienceMs: 2_500 },
    { ttlMs: 3_600_000, pingAtMs: 15_000, patienceMs: 5_000 },
  ])(
    "that stay unanswered show that the socket is dead, whatever it says of itself: TTL $ttlMs",
    async ({ ttlMs, pingAtMs, patienceMs }) => {
      const lw = world.client({ ttlMs });
      watch(lw.lock("a").acquire());
      const socket = await world.socket();
      socket.answersPings = false;
      await world.clock.advance(pingAtMs + patienceMs - 1);
      expect(socket.state).toBe("open");
      await world.clock.advance(1);
      expect(socket.state).toBe("closed by client");
      await world.clock.advance(25);
      expect(world.server.sockets).toHaveLength(2);
      expect(world.server.socket.requests).toEqual(socket.requests);
    },
  );

  it("that are answered in time, if late, let the socket live", async () => {
    const { socket } = await world.hold();
    socket.answersPings = false;
    for (let count = 0; count < 20; count += 1) {
      await world.clock.advance(2_499);
      if (socket.pingsCount > 0) socket.pong();
      await world.clock.advance(1);
    }
    expect([socket.state, world.server.sockets.length]).toEqual(["open", 1]);
  });

  it("find out a socket that throws at whoever sends, and the request is not lost", async () => {
    const { socket } = await world.hold();
    socket.state = "gone";
    const reading = watch(world.lw.lock("a").isLocked());
    await world.clock.advance(6_000);
    const second = world.server.socket;
    expect(second.requests).toEqual([{ id: 2, op: "statistics" }]);
    second.answer(second.asked("statistics"), { locked: true, owner: null, tasksWaiting: 0 });
    await settle();
    expect(reading.value).toBe(true);
  });

  it("are not waited for where a Worker's request sends on the socket of another one", async () => {
    const { lease, socket } = await world.hold();
    const foreign = new Error("Cannot perform I/O on behalf of a different request.");
    const refuse = (): never => {
      throw foreign;
    };
    const send = vi.spyOn(socket, "send").mockImplementation(refuse);
    Object.defineProperty(socket, "readyState", { configurable: true, get: refuse });
    const reading = watch(world.lw.lock("a").acquire({ timeoutMs: 5_000 }));
    await settle();
    expect(reading.error).toMatchObject({ code: "connection-lost" });
    expect(String(reading.error)).toContain("Make a client for each request");
    expect(String(reading.error)).toContain("different request");

    // The request that opened it goes on as if nothing had been.
    send.mockRestore();
    const releasing = watch(lease.release());
    await settle();
    socket.answer(socket.asked("release"));
    await settle();
    expect([releasing.fate, world.server.sockets.length]).toEqual(["resolved", 1]);
  });

  it("find out that the next socket is dead, too", async () => {
    world.server.manner = (socket) => {
      socket.answersPings = false;
      socket.welcome();
    };
    watch(world.lw.lock("a").acquire());
    await world.clock.advance(5_025 + 5_025);
    expect(world.server.sockets.map(({ state }) => state)).toEqual([
      "closed by client",
      "closed by client",
      "open",
    ]);
  });

  it("that were unanswered when the connection was lost are not held against the next", async () => {
    const { socket } = await world.hold();
    socket.answersPings = false;
    await world.clock.advance(3_000);
    socket.drop();
    await world.clock.advance(60_000);
    expect([socket.pingsCount, world.server.sockets.length]).toEqual([1, 2]);
  });

  it("end with the connection", async () => {
    const { socket } = await world.hold();
    world.server.manner = silent;
    socket.drop();
    await world.clock.advance(8_000);
    expect([socket.pingsCount, world.server.socket.pingsCount]).toEqual([0, 0]);
  });

  it("do not keep a connection alive that nobody needs, once it is dead", async () => {
    const trying = watch(world.lw.lock("a").tryAcquire());
    const socket = await world.socket();
    socket.reject(socket.asked("acquire"), { code: "timeout", message: "No." });
    socket.answersPings = false;
    await world.clock.advance(60_000);
    expect([trying.value, world.server.sockets.length]).toEqual([null, 1]);
    expect(world.clock.timersCount).toBe(0);
  });
});
