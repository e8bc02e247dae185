import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InvalidArgumentError, LIMITS, type SemaphoreOptions } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const NOT_COUNTS = [-1, 1.5, Number.NaN, Infinity, LIMITS.permitsMax + 1, "1", null] as number[];

describe("a semaphore's configuration", () => {
  it.each<SemaphoreOptions>([
    {},
    { permits: 0 },
    { permits: 2 },
    { permits: 2, maxPermits: 2 },
    { permits: 0, maxPermits: 0 },
    { permits: LIMITS.permitsMax, maxPermits: LIMITS.permitsMax },
  ])("[SE4] may be %j", (options) => {
    expect(() => world.lw.semaphore("gpu", options)).not.toThrow();
  });

  it.each([
    ...NOT_COUNTS.map((permits) => ({ permits })),
    ...NOT_COUNTS.map((maxPermits) => ({ permits: 1, maxPermits })),
    { permits: 2, maxPermits: 1 },
    { maxPermits: 1 },
  ])("[SE4] may not be %j: nothing is sent", (options) => {
    expect(() => world.lw.semaphore("gpu", options)).toThrow(InvalidArgumentError);
    expect(world.server.sockets).toEqual([]);
  });

  it("goes with every request that could be the first, where it was stated", async () => {
    const semaphore = world.lw.semaphore("gpu", { permits: 2, maxPermits: 4 });
    watch(semaphore.acquire());
    watch(semaphore.release());
    watch(semaphore.value());
    const config = { permits: 2, maxPermits: 4 };
    expect((await world.socket()).requests).toEqual([
      { id: 1, op: "acquire", permits: 1, config },
      { id: 2, op: "deposit", permits: 1, config },
      { id: 3, op: "statistics", config },
    ]);
  });

  it("is left out where it was left out", async () => {
    const semaphore = world.lw.semaphore("gpu");
    watch(semaphore.acquire({ permits: 3 }));
    watch(semaphore.release(2));
    watch(semaphore.statistics());
    expect((await world.socket()).requests).toEqual([
      { id: 1, op: "acquire", permits: 3 },
      { id: 2, op: "deposit", permits: 2 },
      { id: 3, op: "statistics" },
    ]);
  });

  it("rejects the call where it is another", async () => {
    const acquiring = watch(world.lw.semaphore("gpu", { permits: 2 }).acquire());
    const socket = await world.socket();
    const [stated, actual] = [{ permits: 2 }, { permits: 3 }];
    const fault = { code: "config-mismatch", message: "It is another.", stated, actual } as const;
    socket.reject(socket.asked("acquire"), fault);
    await settle();
    expect(acquiring.error).toMatchObject({ code: "config-mismatch", stated, actual });
  });
});

describe("a number of permits", () => {
  it.each([0, ...NOT_COUNTS])("[SE5] may not be %s: nothing is sent", async (permits) => {
    const semaphore = world.lw.semaphore("gpu");
    const calls = [
      semaphore.acquire({ permits }),
      semaphore.tryAcquire({ permits }),
      semaphore.run(() => {}, { permits }),
      semaphore.release(permits),
    ].map((call) => watch<unknown>(call));
    await settle();
    expect(calls.map(({ fate }) => fate)).toEqual(calls.map(() => "invalid-argument"));
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([0, 0]);
  });
});

describe("a semaphore", () => {
  it("[W2] tries for several permits, all or nothing", async () => {
    const trying = world.lw.semaphore("gpu").tryAcquire({ permits: 2 });
    const socket = await world.socket();
    expect(socket.requests).toEqual([{ id: 1, op: "acquire", permits: 2, timeoutMs: 0 }]);
    socket.reject(socket.asked("acquire"), { code: "timeout", message: "No." });
    expect(await trying).toBeNull();
  });

  it("runs with the permits, then gives them back", async () => {
    const running = watch(world.lw.semaphore("gpu").run(({ token }) => token, { permits: 2 }));
    const socket = await world.socket();
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    socket.answer(socket.asked("release"));
    await settle();
    expect([running.value, socket.asked("release").token]).toEqual([TOKEN, TOKEN]);
  });

  it("[SE2] deposits, or says why not", async () => {
    const semaphore = world.lw.semaphore("gpu");
    const [first, second] = [watch(semaphore.release()), watch(semaphore.release(5))];
    const socket = await world.socket();
    socket.say(
      { re: 1, ok: {} },
      { re: 2, error: { code: "over-release", message: "There would be more than 4." } },
    );
    await settle();
    expect([first.fate, second.fate]).toEqual(["resolved", "over-release"]);
  });

  it("tells how many permits are free", async () => {
    const reading = world.lw.semaphore("gpu").value();
    const socket = await world.socket();
    const statistics = { value: 3, maxPermits: null, tasksWaiting: 0 };
    socket.answer(socket.asked("statistics"), statistics);
    expect(await reading).toBe(3);
  });
});

describe("an acquire with a bad time limit", () => {
  it.each([Number.NaN, -1, LIMITS.timeoutMsMax + 1])(
    "of %d is refused before anything is sent",
    async (timeoutMs) => {
      const calls = [world.lw.lock("a"), world.lw.semaphore("a")].flatMap((handle) => [
        watch<unknown>(handle.acquire({ timeoutMs })),
        watch<unknown>(handle.run(() => {}, { timeoutMs })),
      ]);
      await settle();
      expect(calls.map(({ fate }) => fate)).toEqual(calls.map(() => "invalid-argument"));
      expect([world.server.sockets.length, world.clock.timersCount]).toEqual([0, 0]);
    },
  );
});
