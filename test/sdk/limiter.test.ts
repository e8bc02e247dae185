import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InvalidArgumentError, LIMITS, type Limiter } from "../../sdk/index.ts";
import type { Request } from "../../sdk/protocol.ts";
import { settle } from "../support/sdk/clock.ts";
import { borrow, since } from "../support/sdk/handles.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const REASON = new Error("Never mind.");
const TIMEOUT = { code: "timeout", message: "None is free." } as const;
const NOT_TOTALS = [-1, 1.5, Number.NaN, -Infinity, LIMITS.permitsMax + 1, "1", null] as number[];
const NO_NAMES = ["", "a\nb", "\ud800", 7] as string[];

function borrowerOf(request: Request | undefined): string | undefined {
  return request?.op === "acquire" ? request.borrower : undefined;
}

describe("a limiter's configuration", () => {
  it.each([
    { totalTokens: 0, wire: 0 },
    { totalTokens: 40, wire: 40 },
    { totalTokens: LIMITS.permitsMax, wire: LIMITS.permitsMax },
    { totalTokens: Infinity, wire: null },
  ])("[CL6] of $totalTokens goes with every request that could be the first", async (stated) => {
    const limiter = world.lw.limiter("a", { totalTokens: stated.totalTokens });
    watch(limiter.acquire({ onBehalfOf: "x" }));
    watch(limiter.releaseOnBehalfOf("x"));
    watch(limiter.setTotalTokens(stated.totalTokens));
    watch(limiter.statistics());
    const config = { totalTokens: stated.wire };
    expect((await world.socket()).requests).toEqual([
      { id: 1, op: "acquire", permits: 1, borrower: "x", config },
      { id: 2, op: "return", borrower: "x", config },
      { id: 3, op: "set-total", totalTokens: stated.wire, config },
      { id: 4, op: "statistics", config },
    ]);
  });

  it("is left out where it was left out", async () => {
    const limiter = world.lw.limiter("a");
    watch(limiter.acquire({ onBehalfOf: "x" }));
    watch(limiter.releaseOnBehalfOf("x"));
    watch(limiter.setTotalTokens(2));
    watch(limiter.statistics());
    const { requests, url } = await world.socket();
    expect(requests.some((request) => "config" in request)).toBe(false);
    expect(url).toBe("wss://locks.example/v1/tests/limiter/a");
  });

  it.each(NOT_TOTALS)("[CL6] may not be %s, nor become that: nothing is sent", async (total) => {
    expect(() => world.lw.limiter("a", { totalTokens: total })).toThrow(InvalidArgumentError);
    const setting = watch(world.lw.limiter("a").setTotalTokens(total));
    await settle();
    expect([setting.fate, world.server.sockets.length]).toEqual(["invalid-argument", 0]);
  });
});

describe("a borrower", () => {
  it("[CL1] is the handle, where nothing else is said: the same for all its calls", async () => {
    const [first, second] = [world.lw.limiter("a"), world.lw.limiter("a")];
    for (const limiter of [first, first, second]) watch(limiter.acquire());
    watch(second.tryAcquire());
    const names = (await world.socket()).requests.map(borrowerOf);
    expect(names).toEqual([names[0], names[0], names[2], names[2]]);
    expect(names[0]).not.toBe(names[2]);
    expect(names[0]).toMatch(/^ann\/./);
  });

  it("[CL1] has a name that no other client's handle has", async () => {
    watch(world.lw.limiter("a").acquire());
    const one = borrowerOf((await world.socket()).requests[0]);
    watch(world.client().limiter("a").acquire());
    const other = borrowerOf((await world.socket()).requests[0]);
    expect(other).not.toBe(one);
  });

  it("[CL3] may be anything that has a name", async () => {
    const limiter = world.lw.limiter("a");
    const longest = "n".repeat(LIMITS.nameCharactersMax);
    watch(limiter.acquire({ onBehalfOf: "tenant-9" }));
    watch(limiter.tryAcquire({ onBehalfOf: longest }));
    watch(limiter.run(() => {}, { onBehalfOf: "ü 🙂" }));
    const { requests } = await world.socket();
    expect(requests.map(borrowerOf)).toEqual(["tenant-9", longest, "ü 🙂"]);
  });

  it.for(NO_NAMES)("may not be %j: nothing is sent", async (onBehalfOf) => {
    const limiter = world.lw.limiter("a");
    const calls = [
      limiter.acquire({ onBehalfOf }),
      limiter.tryAcquire({ onBehalfOf }),
      limiter.run(() => {}, { onBehalfOf }),
      limiter.releaseOnBehalfOf(onBehalfOf),
    ].map((call) => watch<unknown>(call));
    await settle();
    expect(calls.map(({ fate }) => fate)).toEqual(calls.map(() => "invalid-argument"));
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([0, 0]);
  });

  it("nameCharactersMax: may not have a longer name", async () => {
    const onBehalfOf = "n".repeat(LIMITS.nameCharactersMax + 1);
    const acquiring = watch(world.lw.limiter("a").acquire({ onBehalfOf }));
    await settle();
    expect([acquiring.fate, world.server.sockets.length]).toEqual(["limit-exceeded", 0]);
  });
});

describe("borrowing", () => {
  it("[CL1] twice is refused as the server says", async () => {
    const limiter = world.lw.limiter("a");
    const calls = [watch(limiter.acquire()), watch<unknown>(limiter.tryAcquire())];
    const socket = await world.socket();
    const error = { code: "already-borrowed", message: "It has one." } as const;
    socket.say({ re: 1, ok: { token: TOKEN } }, { re: 2, error });
    await settle();
    expect(calls.map(({ fate }) => fate)).toEqual(["resolved", "already-borrowed"]);
  });

  it("[W2] is tried, now or not at all", async () => {
    const trying = watch(world.lw.limiter("a").tryAcquire());
    const socket = await world.socket();
    expect(socket.asked("acquire").timeoutMs).toBe(0);
    socket.reject(socket.asked("acquire"), TIMEOUT);
    await settle();
    expect(trying.value).toBeNull();
  });

  it("[W3] is given up", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const acquiring = watch(world.lw.limiter("a").acquire({ onBehalfOf: "x", signal }));
    const socket = await world.socket();
    controller.abort(REASON);
    await settle();
    socket.answer(socket.asked("cancel"));
    await settle();
    expect([acquiring.error, socket.asked("cancel").target]).toEqual([REASON, 1]);
  });

  it("lasts for a piece of work", async () => {
    const running = watch(world.lw.limiter("a").run(({ token }) => token, { onBehalfOf: "x" }));
    const socket = await world.socket();
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    socket.answer(socket.asked("release"));
    await settle();
    expect([running.value, socket.asked("release").token]).toEqual([TOKEN, TOKEN]);
  });
});

describe("a return on behalf of a borrower", () => {
  async function returning(): Promise<{ limiter: Limiter; returned: Promise<void> }> {
    const limiter = world.lw.limiter("a");
    const returned = limiter.releaseOnBehalfOf("x");
    watch(returned);
    await settle();
    return { limiter, returned };
  }

  it("[CL3] of this client releases its lease, without an alarm", async () => {
    const { lease, socket } = await borrow(world, { onBehalfOf: "x" });
    const { returned } = await returning();
    socket.say({ notice: "returned", token: TOKEN }, { re: 2, ok: {} });
    await returned;
    await Promise.all([lease.release(), lease[Symbol.asyncDispose]()]);
    socket.drop();
    await world.clock.advance(60_000);
    expect(lease.signal.aborted).toBe(false);
    expect(since(socket, 2)).toEqual([]);
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([1, 0]);
  });

  it("[CL3] within work that runs with it lets the work end well", async () => {
    const limiter = world.lw.limiter("a");
    const running = watch(
      limiter.run(() => limiter.releaseOnBehalfOf("x").then(() => "done"), { onBehalfOf: "x" }),
    );
    const socket = await world.socket();
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    socket.say({ notice: "returned", token: TOKEN }, { re: 2, ok: {} });
    await settle();
    expect([running.value, since(socket, 2)]).toEqual(["done", []]);
  });

  it("[CL3] by another client costs the lease", async () => {
    const { lease, socket } = await borrow(world, { onBehalfOf: "x" });
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    expect(lease.signal.reason).toMatchObject({ code: "lease-lost", reason: "revoked" });
  });

  it("of what this client does not know changes nothing", async () => {
    const { lease, socket } = await borrow(world, { onBehalfOf: "x" });
    socket.say({ notice: "returned", token: TOKEN + 1 });
    watch(lease.release());
    await settle();
    expect(socket.asked("release").token).toBe(TOKEN);
  });

  it("[CL2] who has nothing is refused", async () => {
    const { returned } = await returning();
    const { socket } = world.server;
    socket.reject(socket.asked("return"), { code: "not-borrowed", message: "It has none." });
    await expect(returned).rejects.toMatchObject({ code: "not-borrowed" });
  });
});

describe("a limiter", () => {
  it.each([
    { wire: { totalTokens: 2, availableTokens: -1 }, is: { totalTokens: 2, availableTokens: -1 } },
    { wire: { totalTokens: 0, availableTokens: 0 }, is: { totalTokens: 0, availableTokens: 0 } },
    {
      wire: { totalTokens: null, availableTokens: null },
      is: { totalTokens: Infinity, availableTokens: Infinity },
    },
  ])("[CL5] tells what it is: $wire", async ({ wire, is }) => {
    const reading = watch(world.lw.limiter("a").statistics());
    const rest = { borrowedTokens: 3, borrowers: ["x", "y", "z"], tasksWaiting: 1 };
    (await world.socket()).say({ re: 1, ok: { ...rest, ...wire } });
    await settle();
    expect(reading.value).toEqual({ ...rest, ...is });
  });

  it("[CL4] has a new total when the server has answered", async () => {
    const setting = watch(world.lw.limiter("a").setTotalTokens(80));
    const socket = await world.socket();
    expect(socket.requests).toEqual([{ id: 1, op: "set-total", totalTokens: 80 }]);
    expect(setting.fate).toBe("pending");
    socket.answer(socket.asked("set-total"));
    await settle();
    expect(setting.value).toBeUndefined();
  });
});
