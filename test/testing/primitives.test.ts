import { describe, expect, it } from "vitest";
import {
  AlreadyBorrowedError,
  ConfigMismatchError,
  NotConfiguredError,
  NotOwnerError,
  OverReleaseError,
} from "../../sdk/index.ts";
import { createTestLatchwork } from "../../testing/index.ts";
import { watch } from "../support/sdk/watched.ts";

/** Two clients, and what they share. */
function scene() {
  const test = createTestLatchwork();
  const ours = test.connect({ client: "ours" });
  const theirs = test.connect({ client: "theirs", sessionTtlMs: 5_000 });
  return { test, ours, theirs, [Symbol.asyncDispose]: () => test.dispose() };
}

describe("in a test kit", () => {
  it("[W5] a condition's block that is left in the tick in which its wait settles gives the lock up", async () => {
    await using world = scene();
    const { test, ours, theirs } = world;
    const condition = ours.condition("a");
    const held = await condition.acquire();
    watch(held.wait());
    const other = await theirs.condition("a").acquire();
    await other.notify();
    // Refusal, release and grant are one frame: the block is left before the wait's own promise is heard of.
    const leaving = condition.acquire({ timeoutMs: 0 }).catch(() => held[Symbol.asyncDispose]());
    const releasing = other.release();
    await test.clock.advance(600_000);
    await Promise.all([leaving, releasing]);
    expect(await test.inspect("condition", "a")).toMatchObject({ holders: [] });
  });

  it("[LK1, LK2] a lock goes from hand to hand, first come, first served", async () => {
    await using world = scene();
    const { test, ours, theirs } = world;
    const order: string[] = [];
    const enter = (name: string, lw: typeof ours): Promise<void> =>
      lw.lock("a").run(async () => {
        order.push(name);
        await test.clock.sleep(100);
      });
    const [first, second] = [enter("1", ours), enter("2", theirs)];
    await test.clock.settle();
    const all = Promise.all([first, second, enter("3", ours)]);
    await test.clock.advance(199);
    expect(order).toEqual(["1", "2"]);
    await test.clock.advance(101);
    await all;
    expect(order).toEqual(["1", "2", "3"]);
    expect(await ours.lock("a").statistics()).toEqual({
      locked: false,
      owner: null,
      tasksWaiting: 0,
    });
  });

  it("[SE1, SE2, W6] a semaphore counts its permits, and serves a large request in its turn", async () => {
    await using world = scene();
    const { test, ours, theirs } = world;
    const gpu = ours.semaphore("gpu", { permits: 3, maxPermits: 3 });
    const two = await gpu.acquire({ permits: 2 });
    const three = watch(theirs.semaphore("gpu").acquire({ permits: 3 }));
    await test.clock.settle();
    expect(await gpu.tryAcquire()).toBeNull();
    await expect(gpu.release(2)).rejects.toThrow(OverReleaseError);
    await two.release();
    await test.clock.settle();
    expect([three.fate, await gpu.value()]).toEqual(["resolved", 0]);
  });

  it("[EV1, EV2, EV4] an event wakes everybody who waits, and can be cleared", async () => {
    await using world = scene();
    const { test, ours, theirs } = world;
    const ready = ours.event("ready");
    const waits = [theirs.event("ready").wait(), ready.wait()].map(watch);
    await test.clock.advance(60_000);
    expect(waits.map(({ fate }) => fate)).toEqual(["pending", "pending"]);
    await ready.set();
    await ready.clear();
    await test.clock.settle();
    expect(waits.map(({ fate }) => fate)).toEqual(["resolved", "resolved"]);
    await expect(
      test.clock.advanceUntil(theirs.event("ready").wait({ timeoutMs: 3_000 })),
    ).rejects.toThrow("3000 ms");
  });

  it("[CO1, CO2, CO5, CO6] a condition's wait gives the lock up, and has it again when it settles", async () => {
    await using world = scene();
    const { test, ours, theirs } = world;
    const held = await ours.condition("jobs").acquire();
    const before = held.token;
    const jobs: string[] = [];
    const job = held.waitFor(() => jobs.shift(), { timeoutMs: 10_000 });
    await test.clock.advance(5_000);
    await theirs.condition("jobs").run(async (theirHold) => {
      jobs.push("paint");
      await theirHold.notify();
      await expect(held.notify()).rejects.toThrow(NotOwnerError);
    });
    expect(await job).toBe("paint");
    expect(held.token).toBeGreaterThan(before);
    await expect(test.clock.advanceUntil(held.wait({ timeoutMs: 10_000 }))).rejects.toThrow(
      "10000 ms",
    );
    await held.release();
  });

  it("[CL1, CL4, CL5] a limiter's total can be changed under those who borrow", async () => {
    await using world = scene();
    const { test, ours, theirs } = world;
    const limiter = ours.limiter("connections", { totalTokens: 1 });
    await limiter.acquire({ onBehalfOf: "tenant-1" });
    const second = watch(theirs.limiter("connections").acquire({ onBehalfOf: "tenant-2" }));
    await test.clock.settle();
    await expect(limiter.acquire({ onBehalfOf: "tenant-1" })).rejects.toThrow(AlreadyBorrowedError);
    expect(second.fate).toBe("pending");
    await limiter.setTotalTokens(2);
    await test.clock.settle();
    expect(second.fate).toBe("resolved");
    await limiter.setTotalTokens(0);
    expect(await limiter.statistics()).toMatchObject({
      availableTokens: -2,
      borrowers: ["tenant-1", "tenant-2"],
    });
    await expect(theirs.limiter("connections", { totalTokens: 5 }).acquire()).rejects.toThrow(
      ConfigMismatchError,
    );
  });

  it("[ST1, ST2, ST5] a stream hands each item to one receiver, and ends", async () => {
    await using world = scene();
    const { test, ours, theirs } = world;
    const [send, receive] = [
      await ours.stream<number>("orders", { maxBufferSize: 1 }).openSend(),
      await theirs.stream<number>("orders").openReceive(),
    ];
    const sent = [1, 2, 3, 4].map((item) => watch(send.send(item)));
    const received: number[] = [];
    const reading = (async () => {
      for await (const item of receive) received.push(item);
    })();
    await test.clock.settle();
    expect([received, sent.map(({ fate }) => fate)]).toEqual([
      [1, 2, 3, 4],
      ["resolved", "resolved", "resolved", "resolved"],
    ]);
    await send.close();
    await reading;
    await receive.close();
    expect(await test.leftovers()).toEqual([]);
  });

  it("[ST3] what a receiver has in hand when it dies goes to the next", async () => {
    await using world = scene();
    const { test, ours, theirs } = world;
    const send = await ours.stream<string>("orders", { maxBufferSize: 5 }).openSend();
    const dead = await theirs.stream<string>("orders").openReceive();
    await send.send("one");
    const loop = dead[Symbol.asyncIterator]();
    expect(await loop.next()).toEqual({ done: false, value: "one" });
    const next = await ours.stream<string>("orders").openReceive();
    const receiving = watch(next.receive());
    await test.crash(theirs);
    await test.clock.advance(4_999);
    expect(receiving.fate).toBe("pending");
    await test.clock.advance(1);
    expect(receiving.value).toBe("one");
  });

  it("what is not configured can neither be used nor inspected", async () => {
    await using world = scene();
    const { test, ours } = world;
    await expect(ours.semaphore("a").acquire()).rejects.toThrow(NotConfiguredError);
    await expect(test.inspect("stream", "a")).rejects.toThrow(NotConfiguredError);
  });
});
