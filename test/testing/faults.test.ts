import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LeaseLostError } from "../../sdk/index.ts";
import { createTestLatchwork, LeftoversError, type TestLatchwork } from "../../testing/index.ts";
import { watch } from "../support/sdk/watched.ts";

let test: TestLatchwork;
beforeEach(() => {
  test = createTestLatchwork();
});
afterEach(async () => {
  vi.useRealTimers();
  await test.dispose();
});

describe("what befalls programs in production, in a test kit:", () => {
  it("[LE1] [LE4] who falls silent knows that its lease is lost before another has it", async () => {
    const ours = test.connect({ client: "ours", sessionTtlMs: 10_000 });
    const theirs = test.connect({ client: "theirs" });
    const lease = await ours.lock("a").acquire();
    await test.network.silence("ours");
    const next = watch(theirs.lock("a").acquire());
    let lostAtMs = 0;
    lease.signal.addEventListener("abort", () => (lostAtMs = test.clock.nowMs));
    await test.clock.advance(20_000);
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(next.fate).toBe("resolved");
    const { holders } = await test.inspect("lock", "a");
    expect(lostAtMs).toBeLessThan(holders[0]?.since ?? 0);
  });

  it("[W1] who is cut off and comes back has its lease, and its place in line", async () => {
    const ours = test.connect({ client: "ours" });
    const theirs = test.connect({ client: "theirs" });
    const last = test.connect({ client: "last" });
    const lease = await ours.lock("a").acquire();
    const waiting = watch(theirs.lock("a").acquire());
    await test.clock.settle();
    const behind = watch(last.lock("a").acquire());
    await test.network.cut("ours");
    await test.network.cut("theirs");
    await test.clock.advance(5_000);
    await test.network.restore("ours");
    await test.network.restore("theirs");
    await test.clock.advance(5_000);
    expect(lease.signal.aborted).toBe(false);
    await lease.release();
    await test.clock.settle();
    expect([waiting.fate, behind.fate]).toEqual(["resolved", "pending"]);
  });

  it("[LE2] a server that starts anew, or wakes, finds holders and waiters as they were", async () => {
    const lease = await test.connect({ client: "ours" }).lock("a").acquire();
    const waiting = watch(test.connect({ client: "theirs" }).lock("a").acquire());
    await test.clock.settle();
    await test.server.restart();
    await test.clock.advance(5_000);
    await test.server.hibernate();
    expect(await test.inspect("lock", "a")).toMatchObject({
      holders: [{ client: "ours", token: lease.token }],
      waiters: [{ client: "theirs", position: 1 }],
    });
    await lease.release();
    await test.clock.settle();
    expect((waiting.value as { token: number }).token).toBeGreaterThan(lease.token);
  });

  it("[LE1] an operator takes a lease away, and its owner is told why", async () => {
    const lease = await test.connect().lock("a").acquire();
    expect(await test.revoke("lock", "a", lease.token)).toBe(true);
    expect(await test.revoke("lock", "a", lease.token)).toBe(false);
    expect(lease.signal.reason).toMatchObject({ code: "lease-lost", reason: "revoked" });
  });

  it("[LE3] who was paused for longer than its TTL believes that it holds, and only the token tells", async () => {
    const lease = await test.connect({ client: "ours" }).lock("a").acquire();
    await test.pause("ours");
    const next = test.connect({ client: "theirs" }).lock("a").acquire();
    await test.clock.advance(20_000);
    expect(lease.signal.aborted).toBe(false);
    expect((await next).token).toBeGreaterThan(lease.token);
    await test.resume("ours");
    await test.clock.settle();
    expect(lease.signal.aborted).toBe(true);
  });

  it("a thousand wait for a lock, and each has it in its turn", async () => {
    const lock = test.connect().lock("a");
    let served = 0;
    const all = Array.from({ length: 1_000 }, () => lock.run(() => (served += 1)));
    await Promise.all(all);
    expect([served, await test.leftovers()]).toEqual([1_000, []]);
  });

  it("goes on under fake timers", async () => {
    vi.useFakeTimers();
    const lock = test.connect().lock("a");
    const lease = await lock.acquire();
    const waiting = watch(lock.acquire({ timeoutMs: 1_000 }));
    await test.clock.advance(1_000);
    expect(waiting.fate).toBe("timeout");
    await lease.release();
  });

  it("what nobody gave back is found at the end, where that is asked for", async () => {
    const strict = createTestLatchwork({ failOnLeftovers: true });
    await strict.connect({ client: "ours" }).lock("a").acquire();
    await expect(strict.dispose()).rejects.toThrow(LeftoversError);
  });
});
