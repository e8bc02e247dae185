import { describe, expect, it } from "vitest";
import { createTestLatchwork } from "../../testing/index.ts";
import { EventLoop } from "../../testing/event_loop.ts";

describe("the event loop of a test kit", () => {
  it("runs one task after the other, each when no microtask is left of the one before", async () => {
    const loop = new EventLoop();
    const seen: string[] = [];
    for (const name of ["a", "b"]) {
      loop.push(() => {
        seen.push(name);
        let left = Promise.resolve();
        for (let count = 0; count < 1_000; count += 1) left = left.then(() => {});
        void left.then(() => seen.push(`the end of ${name}`));
      });
    }
    await loop.settled();
    expect(seen).toEqual(["a", "the end of a", "b", "the end of b"]);
  });

  it("settles when what the tasks pushed has run too", async () => {
    const loop = new EventLoop();
    let count = 0;
    const push = (): void => {
      count += 1;
      if (count < 100) loop.push(push);
    };
    loop.push(push);
    await loop.settled();
    expect(count).toBe(100);
  });

  it("does not run what was called off", async () => {
    const loop = new EventLoop();
    const seen: number[] = [];
    loop.push(() => void seen.push(1));
    const callOff = loop.push(() => void seen.push(2));
    loop.push(() => void seen.push(3));
    callOff();
    await loop.settled();
    callOff();
    expect(seen).toEqual([1, 3]);
  });

  it("says that a program spins, and does not keep its runtime from anything meanwhile", async () => {
    const loop = new EventLoop(1_000);
    let isStopped = false;
    const spin = (): void => void (isStopped || loop.push(spin));
    spin();
    await expect(loop.settled()).rejects.toThrow("spins: 1000 messages");
    await new Promise((resolve) => setImmediate(resolve));
    isStopped = true;
    await loop.settled();
  });

  it("lets a worker without a pause be stopped by its test", async () => {
    await using test = createTestLatchwork();
    const lock = test.connect().lock("a");
    let rounds = 0;
    const worker = async (): Promise<void> => {
      for (;;) {
        await lock.run(() => void (rounds += 1));
        if (rounds === 500) return;
      }
    };
    const working = worker();
    await test.clock.advance(1_000);
    await working;
    expect(rounds).toBe(500);
  });
});
