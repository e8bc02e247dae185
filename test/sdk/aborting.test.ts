import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { openReceive } from "../support/sdk/handles.ts";
import { silent } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const REASON = new Error("Never mind.");

describe("a signal that is aborted already", () => {
  it("rejects with its reason, and sends nothing", async () => {
    const signal = AbortSignal.abort(REASON);
    const acquiring = watch(world.lw.lock("a").acquire({ signal, timeoutMs: 500 }));
    await settle();
    expect(acquiring.error).toBe(REASON);
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([0, 0]);
  });
});

describe("what is no way to wait", () => {
  it.each([null, 5, "1 s", { signal: {} }, { signal: 5 }, { signal: { aborted: false } }])(
    "%j is refused by every waiting call, not thrown at it, and nothing is sent",
    async (options) => {
      const { lw } = world;
      const wrong = options as never;
      const calls: (() => Promise<unknown>)[] = [
        () => lw.lock("a").acquire(wrong),
        () => lw.lock("a").run(() => {}, wrong),
        () => lw.semaphore("a").acquire(wrong),
        () => lw.event("a").wait(wrong),
        () => lw.condition("a").acquire(wrong),
        () => lw.limiter("a").acquire(wrong),
        () => lw.limiter("a").run(() => {}, wrong),
      ];
      const watched = calls.map((call) => watch(call()));
      await settle();
      expect(new Set(watched.map(({ fate }) => fate))).toEqual(new Set(["invalid-argument"]));
      expect(world.server.sockets).toEqual([]);
    },
  );
});

describe("what is no way to receive", () => {
  it.each([null, 5, { signal: {} }])(
    "%j is refused, with and without prefetch",
    async (options) => {
      for (const prefetch of [1, 8]) {
        const { receive, socket } = await openReceive(world, { prefetch, token: TOKEN + prefetch });
        const asked = socket.requests.length;
        const receiving = watch(receive.receive(options as never));
        await settle();
        expect([receiving.fate, socket.requests.length]).toEqual(["invalid-argument", asked]);
      }
    },
  );

  it.each([null, 5])("%j opens no end", async (options) => {
    const stream = world.lw.stream("a");
    const calls = [stream.openReceive(options as never), stream.open(options as never)];
    const watched = calls.map((call) => watch<unknown>(call));
    await settle();
    expect(watched.map(({ fate }) => fate)).toEqual(["invalid-argument", "invalid-argument"]);
    expect(world.server.sockets).toEqual([]);
  });
});

describe("what is no configuration", () => {
  it.each([null, 5, "2"])("%j is refused where it is stated", (options) => {
    for (const kind of ["semaphore", "limiter", "stream"] as const) {
      expect(() => world.lw[kind]("a", options as never)).toThrow(InvalidArgumentError);
    }
  });
});

describe("an abort", () => {
  it("[LK3] while waiting withdraws the request, then rejects with the reason", async () => {
    const controller = new AbortController();
    const acquiring = watch(world.lw.lock("a").acquire({ signal: controller.signal }));
    const socket = await world.socket();
    controller.abort(REASON);
    await settle();
    expect(socket.requests.slice(1)).toEqual([{ id: 2, op: "cancel", target: 1 }]);
    expect(acquiring.fate).toBe("pending");
    socket.answer(socket.asked("cancel"));
    await settle();
    expect(acquiring.error).toBe(REASON);
  });

  it("rejects after a second where the server does not answer", async () => {
    const controller = new AbortController();
    const acquiring = watch(world.lw.lock("a").acquire({ signal: controller.signal }));
    await settle();
    controller.abort(REASON);
    await world.clock.advance(1_000);
    expect(acquiring.error).toBe(REASON);
  });

  it("[W3] [LK3] that crossed the grant gives it back, and never resolves", async () => {
    const controller = new AbortController();
    const acquiring = watch(world.lw.lock("a").acquire({ signal: controller.signal }));
    const socket = await world.socket();
    controller.abort(REASON);
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    socket.answer(socket.asked("cancel"));
    await settle();
    expect(acquiring.error).toBe(REASON);
    expect(socket.requests.map(({ op }) => op)).toEqual(["acquire", "cancel"]);
  });

  it("[LK3] in the task of the request sends neither it nor a cancel", async () => {
    watch(world.lw.lock("a").isLocked());
    const socket = await world.socket();
    const controller = new AbortController();
    const acquiring = watch(world.lw.lock("a").acquire({ signal: controller.signal }));
    controller.abort(REASON);
    await settle();
    expect([acquiring.error, socket.requests.length]).toEqual([REASON, 1]);
  });

  it("[LK3] before there is a connection sends nothing when there is one", async () => {
    world.server.manner = silent;
    const controller = new AbortController();
    const acquiring = watch(world.lw.lock("a").acquire({ signal: controller.signal }));
    const socket = await world.socket();
    controller.abort(REASON);
    await settle();
    expect(acquiring.error).toBe(REASON);
    socket.welcome();
    await settle();
    expect(socket.requests).toEqual([]);
  });

  it("[W3] between two connections is told on the next, in place of the request", async () => {
    const controller = new AbortController();
    const acquiring = watch(world.lw.lock("a").acquire({ signal: controller.signal }));
    (await world.socket()).drop();
    controller.abort(REASON);
    await settle();
    expect(acquiring.error).toBe(REASON);
    await world.clock.advance(1_000);
    expect(world.server.socket.requests).toEqual([{ id: 2, op: "cancel", target: 1 }]);
  });

  it("[W3] whose cancel was lost is told again", async () => {
    const controller = new AbortController();
    watch(world.lw.lock("a").acquire({ signal: controller.signal }));
    const socket = await world.socket();
    controller.abort(REASON);
    await settle();
    socket.drop();
    await world.clock.advance(1_000);
    expect(world.server.sockets).toHaveLength(2);
    expect(world.server.socket.requests).toEqual([{ id: 2, op: "cancel", target: 1 }]);
  });

  it("after the grant leaves the lease alone", async () => {
    const controller = new AbortController();
    const acquiring = watch(world.lw.lock("a").acquire({ signal: controller.signal }));
    const socket = await world.socket();
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    controller.abort(REASON);
    await settle();
    expect([acquiring.value.signal.aborted, socket.requests.length]).toEqual([false, 1]);
  });
});

describe("a settled call", () => {
  it("has no timer", async () => {
    await world.hold();
    const { timersCount } = world.clock;
    const controller = new AbortController();
    const options = { signal: controller.signal, timeoutMs: 500 };
    const acquiring = watch(world.lw.lock("a").acquire(options));
    await settle();
    controller.abort(REASON);
    const socket = await world.socket();
    socket.answer(socket.asked("cancel"));
    await settle();
    expect([acquiring.error, world.clock.timersCount]).toEqual([REASON, timersCount]);
  });

  it("has no listener on the signal that it was given", async () => {
    const { signal } = new AbortController();
    const listeners = (): number => getEventListeners(signal, "abort").length;
    const options = { signal, timeoutMs: 500 };
    const granted = watch(world.lw.lock("a").acquire(options));
    const refused = watch(world.lw.lock("a").acquire(options));
    const late = watch(world.lw.lock("a").acquire(options));
    expect(listeners()).toBe(3);
    const socket = await world.socket();
    socket.say(
      { re: 1, ok: { token: TOKEN } },
      { re: 2, error: { code: "timeout", message: "No." } },
    );
    await world.clock.advance(1_500);
    expect([granted.fate, refused.fate, late.fate]).toEqual(["resolved", "timeout", "timeout"]);
    expect(listeners()).toBe(0);
  });
});
