import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { watch } from "../support/sdk/watched.ts";
import { World, TOKEN } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

describe("requests", () => {
  it("of one task go out in one frame, in the order in which they were asked", async () => {
    const lock = world.lw.lock("a");
    watch(lock.acquire());
    const socket = await world.socket();
    watch(lock.acquire({ timeoutMs: 0 }));
    watch(lock.statistics());
    watch(lock.acquire({ timeoutMs: 500 }));
    await settle();
    expect(socket.frames.slice(1)).toEqual([
      [
        { id: 2, op: "acquire", permits: 1, timeoutMs: 0 },
        { id: 3, op: "statistics" },
        { id: 4, op: "acquire", permits: 1, timeoutMs: 500 },
      ],
    ]);
  });

  it("of several tasks go out in several frames", async () => {
    const lock = world.lw.lock("a");
    watch(lock.acquire());
    const socket = await world.socket();
    watch(lock.statistics());
    await settle();
    watch(lock.statistics());
    await settle();
    expect(socket.frames.map((frame) => frame.map(({ id }) => id))).toEqual([[1], [2], [3]]);
  });

  it("that waited for the connection go out in one frame", async () => {
    const lock = world.lw.lock("a");
    for (let count = 0; count < 3; count += 1) watch(lock.acquire());
    const socket = await world.socket();
    expect(socket.frames.map((frame) => frame.map(({ id }) => id))).toEqual([[1, 2, 3]]);
  });

  it("are split into frames that a server takes", async () => {
    const max = LIMITS.requestsPerFrameMax;
    const lock = world.lw.lock("a");
    for (let count = 0; count <= max; count += 1) watch(lock.statistics());
    const { frames } = await world.socket();
    expect(frames.map((frame) => frame.length)).toEqual([max, 1]);
  });

  it("are answered by their ids, in any order", async () => {
    const lock = world.lw.lock("a");
    const [first, second] = [watch(lock.isLocked()), watch(lock.isLocked())];
    const socket = await world.socket();
    socket.say(
      { re: 2, ok: { locked: false, owner: null, tasksWaiting: 0 } },
      { re: 1, ok: { locked: true, owner: null, tasksWaiting: 0 } },
    );
    await settle();
    expect([first.value, second.value]).toEqual([true, false]);
  });

  it("[LE5] that are answered twice, or were never asked, change nothing", async () => {
    const { lease, socket } = await world.hold();
    socket.say({ re: 1, ok: { token: TOKEN } }, { re: 77, ok: {} });
    await settle();
    expect([lease.signal.aborted, socket.requests.length]).toEqual([false, 1]);
  });

  it("[LE5] [W5] that are granted once more, when nobody waits any more, are given back", async () => {
    const { lease, socket } = await world.hold();
    socket.say({ re: 1, ok: { token: 9_999 } });
    await settle();
    expect(socket.requests.slice(1)).toEqual([{ id: 2, op: "release", token: 9_999 }]);
    expect(lease.signal.aborted).toBe(false);
  });

  it.for([1_000.3, 1_001 + 1 / 3, 754_321.987])(
    "state no wait that a server would not take, whatever the clock's fraction: %d",
    async (nowMs) => {
      world.clock.nowMs = nowMs;
      watch(world.lw.lock("a").acquire({ timeoutMs: LIMITS.timeoutMsMax }));
      const { requests, complaints } = await world.socket();
      expect([requests, complaints]).toEqual([[expect.objectContaining({ id: 1 })], []]);
    },
  );

  it("that state an infinite wait state none", async () => {
    watch(world.lw.lock("a").acquire({ timeoutMs: Infinity }));
    expect((await world.socket()).requests).toEqual([{ id: 1, op: "acquire", permits: 1 }]);
  });
});

describe("statistics", () => {
  it("[LK4] are what the server says", async () => {
    const owner = { client: "bob", token: 5, since: 1 };
    const reading = world.lw.lock("a").statistics();
    (await world.socket()).say({ re: 1, ok: { locked: true, owner, tasksWaiting: 2 } });
    expect(await reading).toEqual({ locked: true, owner, tasksWaiting: 2 });
  });
});
