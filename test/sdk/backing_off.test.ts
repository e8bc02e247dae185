import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settle } from "../support/sdk/clock.ts";
import { unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TRUSTED_MS, TTL_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

/** When the client dialled, in milliseconds from now. */
function dials(): number[] {
  const startMs = world.clock.nowMs;
  const dialledMs: number[] = [];
  world.server.manner = (socket) => {
    dialledMs.push(world.clock.nowMs - startMs);
    unreachable(socket);
  };
  return dialledMs;
}

const gaps = (timesMs: readonly number[]): number[] =>
  timesMs.slice(1).map((atMs, index) => atMs - (timesMs[index] ?? 0));

describe("between attempts", () => {
  it("the client waits twice as long each time, up to a bound", async () => {
    world.random = 0.999_999;
    const dialledMs = dials();
    watch(world.lw.lock("a").acquire({ timeoutMs: 60_000 }));
    await world.clock.advance(9_500);
    const expected = [50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000];
    expect(gaps(dialledMs).map((gapMs) => Math.round(gapMs))).toEqual(expected);
  });

  it("the wait is drawn from the whole range, so that a crowd spreads out", async () => {
    const dialledMs = dials();
    world.random = 0;
    watch(world.lw.lock("a").acquire({ timeoutMs: 60_000 }));
    await settle();
    world.random = 0.25;
    await world.clock.advance(0);
    await world.clock.advance(100 * 0.25);
    expect(dialledMs).toEqual([0, 0, 25]);
  });

  it("the wait is short beside a short TTL", async () => {
    world.random = 0.999_999;
    const dialledMs = dials();
    const lw = world.client({ ttlMs: 400 });
    watch(lw.lock("a").acquire({ timeoutMs: 1_000 }));
    await world.clock.advance(1_000);
    expect(Math.round(Math.max(...gaps(dialledMs)))).toBe(100);
  });

  it("a welcome begins the row anew", async () => {
    world.random = 0.999_999;
    const dialledMs = dials();
    watch(world.lw.lock("a").acquire({ timeoutMs: 60_000 }));
    await world.clock.advance(1_000);
    world.server.manner = world.server.welcoming;
    await world.clock.advance(1_000);
    dialledMs.length = 0;
    const again = dials();
    world.server.socket.drop();
    await world.clock.advance(160);
    expect(again.map((atMs) => Math.round(atMs))).toEqual([50, 150]);
  });
});

describe("a server that has failed, and says so", () => {
  it("[LE5] is tried again: what waits for it goes on waiting", async () => {
    const acquiring = watch(world.lw.lock("a").acquire());
    const first = await world.socket();
    world.server.manner = (socket) =>
      socket.refuse({ code: "connection-lost", message: "The object failed." });
    first.drop();
    await world.clock.advance(100);
    world.server.manner = world.server.welcoming;
    await world.clock.advance(500);
    expect([acquiring.fate, world.server.socket.requests]).toEqual(["pending", first.requests]);
  });

  it("is a lost connection when it does so for a session's trusted time", async () => {
    world.server.manner = (socket) =>
      socket.refuse({ code: "connection-lost", message: "The object failed." });
    const acquiring = watch(world.lw.lock("a").acquire());
    await world.clock.advance(TRUSTED_MS - 1);
    expect(acquiring.fate).toBe("pending");
    await world.clock.advance(1);
    expect([acquiring.fate, world.clock.timersCount]).toEqual(["connection-lost", 0]);
  });
});

describe("an overloaded server", () => {
  it("is left alone for as long as it asked, and then a little", async () => {
    world.server.manner = (socket) =>
      socket.refuse({ code: "overloaded", message: "Later.", retryAfterMs: 3_000 });
    const acquiring = watch(world.lw.lock("a").acquire());
    await settle();
    world.server.manner = world.server.welcoming;
    await world.clock.advance(3_024);
    expect(world.server.sockets).toHaveLength(1);
    await world.clock.advance(1);
    expect([acquiring.fate, world.server.sockets.length]).toEqual(["pending", 2]);
    expect(world.server.socket.requests).toEqual([{ id: 1, op: "acquire", permits: 1 }]);
  });

  it("is left alone once for each time that it asked", async () => {
    world.server.manner = (socket) =>
      socket.refuse({ code: "overloaded", message: "Later.", retryAfterMs: 3_000 });
    watch(world.lw.lock("a").acquire());
    await settle();
    const dialledMs = dials();
    await world.clock.advance(4_000);
    expect(dialledMs.slice(0, 3)).toEqual([3_025, 3_075, 3_175]);
  });

  it("costs nobody a lease", async () => {
    const { lease, socket } = await world.hold();
    world.server.manner = (each) =>
      each.refuse({ code: "overloaded", message: "Later.", retryAfterMs: 1_000 });
    socket.drop();
    await world.clock.advance(500);
    world.server.manner = world.server.welcoming;
    await world.clock.advance(TTL_MS);
    expect([lease.signal.aborted, world.server.sockets.length]).toEqual([false, 3]);
  });

  it("that says no time is tried again as an unreachable one is", async () => {
    world.server.manner = (socket) => socket.refuse({ code: "overloaded", message: "Later." });
    watch(world.lw.lock("a").acquire());
    await settle();
    await world.clock.advance(25);
    expect(world.server.sockets).toHaveLength(2);
  });
});
