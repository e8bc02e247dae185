import { describe, expect, it } from "vitest";
import { InvalidArgumentError, TimeoutError } from "../../sdk/index.ts";
import { createTestLatchwork } from "../../testing/index.ts";
import { watch } from "../support/sdk/watched.ts";

const START_MS = Date.UTC(2030, 0, 1);

describe("the clock of a test kit", () => {
  it("starts at the same moment in every kit, or where it is told to", () => {
    const now = new Date("2026-02-03T04:05:06.007Z");
    expect(createTestLatchwork().clock.nowMs).toBe(START_MS);
    expect(createTestLatchwork({ now }).clock.nowMs).toBe(now.getTime());
    expect(createTestLatchwork({ now: 1 }).clock.nowMs).toBe(1);
  });

  it("stands still while calls settle that need no time", async () => {
    await using test = createTestLatchwork();
    const lock = test.connect().lock("a");
    const lease = await lock.acquire();
    expect(await lock.tryAcquire()).toBeNull();
    await lease.release();
    expect(await lock.isLocked()).toBe(false);
    expect(test.clock.nowMs).toBe(START_MS);
    expect(lease.token).toBe(START_MS * 1_000);
  });

  it("[W4] keeps a time-out to the millisecond, whoever else it passes on the way", async () => {
    await using test = createTestLatchwork();
    await test.connect().lock("a").acquire();
    const waits = [10_000, 10, 9_999, 10_000].map((timeoutMs) =>
      watch(test.connect().lock("a").acquire({ timeoutMs })),
    );
    const fates = (): string[] => waits.map(({ fate }) => fate);
    await test.clock.advance(9);
    expect(fates()).toEqual(["pending", "pending", "pending", "pending"]);
    await test.clock.advance(1);
    expect(fates()).toEqual(["pending", "timeout", "pending", "pending"]);
    await test.clock.advance(9_989);
    expect(fates()).toEqual(["pending", "timeout", "timeout", "pending"]);
    expect((await test.inspect("lock", "a")).waiters).toHaveLength(2);
    await test.clock.advance(1);
    expect(fates()).toEqual(["timeout", "timeout", "timeout", "timeout"]);
    expect((await test.inspect("lock", "a")).waiters).toEqual([]);
  });

  it("runs what is planned at its own moment, and lets what follows come to rest before the next", async () => {
    await using test = createTestLatchwork();
    const seen: [string, number][] = [];
    const note = (what: string): void => void seen.push([what, test.clock.nowMs - START_MS]);
    const task = async (name: string, ms: number): Promise<void> => {
      await test.clock.sleep(ms);
      note(name);
      await test
        .connect()
        .lock(name)
        .run(() => {});
      note(`${name} has run`);
    };
    const tasks = [task("late", 20), task("first", 10), task("second", 10), task("part", 9.5)];
    await test.clock.advance(30);
    await Promise.all(tasks);
    expect(seen).toEqual([
      ["first", 10],
      ["first has run", 10],
      ["second", 10],
      ["second has run", 10],
      ["part", 10],
      ["part has run", 10],
      ["late", 20],
      ["late has run", 20],
    ]);
    expect(test.clock.nowMs).toBe(START_MS + 30);
  });

  it("is moved by one after the other, where several move it", async () => {
    await using test = createTestLatchwork();
    await Promise.all([test.clock.advance(5), test.clock.advance(7), test.clock.advance(0)]);
    expect(test.clock.nowMs).toBe(START_MS + 12);
  });

  it("goes to a moment, which happens as well", async () => {
    await using test = createTestLatchwork();
    const slept = watch(test.clock.sleep(86_400_000));
    await test.clock.advanceTo(new Date("2030-01-02T00:00:00.000Z"));
    expect(slept.fate).toBe("resolved");
    await test.clock.advanceTo(START_MS + 86_400_001);
    expect(test.clock.nowMs).toBe(START_MS + 86_400_001);
  });

  it("never goes back, and takes no parts of a millisecond", async () => {
    await using test = createTestLatchwork();
    await test.clock.advance(1);
    for (const ms of [-1, 0.5, Number.NaN, Infinity]) {
      await expect(test.clock.advance(ms)).rejects.toThrow(InvalidArgumentError);
    }
    for (const at of [START_MS, new Date(Number.NaN), START_MS + 1.5]) {
      await expect(test.clock.advanceTo(at)).rejects.toThrow(InvalidArgumentError);
    }
    expect(test.clock.nowMs).toBe(START_MS + 1);
    for (const now of [0, -1, 1.5, Infinity, new Date(Number.NaN)]) {
      expect(() => createTestLatchwork({ now })).toThrow(InvalidArgumentError);
    }
    expect(() => createTestLatchwork({ seed: -1 })).toThrow(InvalidArgumentError);
  });
});

describe("advanceUntil", () => {
  it("lets as much time pass as a promise needs, and no more", async () => {
    await using test = createTestLatchwork();
    await test.connect({ client: "dead", sessionTtlMs: 5_000 }).lock("a").acquire();
    const waiting = test.connect().lock("a").acquire();
    await test.crash("dead");
    const lease = await test.clock.advanceUntil(waiting);
    expect(test.clock.nowMs).toBe(START_MS + 5_000);
    expect(lease.signal.aborted).toBe(false);
  });

  it("rejects as the promise does", async () => {
    await using test = createTestLatchwork();
    await test.connect().lock("a").acquire();
    const waiting = test.connect().lock("a").acquire({ timeoutMs: 700 });
    await expect(test.clock.advanceUntil(waiting)).rejects.toThrow(TimeoutError);
    expect(test.clock.nowMs).toBe(START_MS + 700);
  });

  it("moves nothing for what needs no time", async () => {
    await using test = createTestLatchwork();
    expect(await test.clock.advanceUntil(test.connect().lock("a").isLocked())).toBe(false);
    expect(test.clock.nowMs).toBe(START_MS);
  });

  it("gives up on what no time brings", async () => {
    await using test = createTestLatchwork();
    const never = new Promise<void>(() => {});
    await expect(test.clock.advanceUntil(never)).rejects.toThrow("nothing that is planned");
    await test.connect().lock("a").acquire();
    const waiting = test.connect().lock("a").acquire();
    await expect(test.clock.advanceUntil(waiting, { limitMs: 60_000 })).rejects.toThrow(
      "within 60000 ms",
    );
    // Heart-beats were planned up to the limit, and so time has passed.
    expect(test.clock.nowMs).toBeLessThanOrEqual(START_MS + 60_000);
    expect(test.clock.nowMs).toBeGreaterThan(START_MS + 50_000);
  });
});
