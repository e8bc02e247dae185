import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Latchwork } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { silent, unreachable, UNREACHED } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const EXPIRED = { notice: "session-ended", reason: "expired" } as const;

const CALLS: readonly { call: string; ask: (lw: Latchwork) => Promise<unknown> }[] = [
  { call: "acquire", ask: (lw) => lw.lock("a").acquire() },
  { call: "run", ask: (lw) => lw.lock("a").run(() => {}) },
  { call: "isLocked", ask: (lw) => lw.lock("a").isLocked() },
  { call: "release of permits", ask: (lw) => lw.semaphore("a").release(1) },
  { call: "value", ask: (lw) => lw.semaphore("a").value() },
];

describe.each(CALLS)("$call, with no time limit of its own,", ({ ask }) => {
  it.each(UNREACHED)(
    "ends when the server $way for a session's trusted time",
    async ({ manner }) => {
      world.server.manner = manner;
      const asking = watch(ask(world.lw));
      await world.clock.advance(TRUSTED_MS - 1);
      expect(asking.fate).toBe("pending");
      await world.clock.advance(1);
      expect(asking.fate).toBe("connection-lost");
      expect(String(asking.error)).toContain("No server was reached at wss://locks.example/v1/");
      await world.clock.advance(2_000);
      expect(world.clock.timersCount).toBe(0);
    },
  );

  it("[LE5] ends when the server has seen it, and is then silent for that long", async () => {
    const asking = watch(ask(world.lw));
    const socket = await world.socket();
    world.server.manner = silent;
    socket.drop();
    await world.clock.advance(TRUSTED_MS - 1);
    expect(asking.fate).toBe("pending");
    await world.clock.advance(1);
    expect(asking.fate).toBe("connection-lost");
    expect(String(asking.error)).toContain("was not heard");
  });
});

describe("when the session is over", () => {
  it("[LE5] what the server may have seen is never asked again", async () => {
    const depositing = watch(world.lw.semaphore("a").release(1));
    const first = await world.socket();
    world.server.manner = unreachable;
    first.drop();
    await world.clock.advance(5_000);
    const reading = watch(world.lw.semaphore("a").value());
    await world.clock.advance(TRUSTED_MS - 5_000);
    world.server.manner = world.server.welcoming;
    await world.clock.advance(2_000);
    expect([depositing.fate, reading.fate]).toEqual(["connection-lost", "pending"]);
    expect(world.server.socket.requests).toEqual([{ id: 2, op: "statistics" }]);
  });

  it("what it has not seen goes on in a new session", async () => {
    watch(world.lw.lock("a").acquire());
    const first = await world.socket();
    world.server.manner = unreachable;
    first.drop();
    await world.clock.advance(5_000);
    const waiting = watch(world.lw.lock("a").acquire());
    await world.clock.advance(TRUSTED_MS - 5_000);
    world.server.manner = world.server.welcoming;
    await world.clock.advance(2_000);
    const { hello, requests } = world.server.socket;
    expect(hello).toMatchObject({ resume: false, client: "ann" });
    expect([hello.session, hello.secret]).not.toEqual([first.hello.session, first.hello.secret]);
    expect([waiting.fate, requests]).toEqual(["pending", [{ id: 2, op: "acquire", permits: 1 }]]);
  });

  it("[LE1] every lease is lost", async () => {
    const { lease, socket } = await world.hold();
    socket.say(EXPIRED);
    socket.drop();
    await world.clock.advance(60_000);
    expect([lease.signal.aborted, world.server.sockets.length]).toEqual([true, 1]);
    expect(world.clock.timersCount).toBe(0);
  });

  it("a release that only the server could have known of is a lost connection", async () => {
    const { lease, socket } = await world.hold();
    const releasing = watch(lease.release());
    await settle();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    expect([releasing.fate, lease.signal.aborted]).toEqual(["connection-lost", false]);
  });

  it("a release that no server was told of is a lost connection, and asks no other session", async () => {
    const { lease, socket } = await world.hold();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(5_000);
    const releasing = watch(lease.release());
    await world.clock.advance(TRUSTED_MS - 5_000);
    expect([releasing.fate, world.clock.timersCount]).toEqual(["connection-lost", 0]);
  });

  it("there is nothing left to withdraw, and nothing that keeps a program alive", async () => {
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 5_000 }));
    const socket = await world.socket();
    world.server.manner = unreachable;
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    expect([acquiring.fate, world.clock.timersCount]).toEqual(["timeout", 0]);
  });

  it("nobody goes on resting for a server that asked to be left alone for long", async () => {
    world.server.manner = (socket) =>
      socket.refuse({ code: "overloaded", message: "Later.", retryAfterMs: 3_600_000 });
    const acquiring = watch(world.lw.lock("a").acquire());
    await world.clock.advance(TRUSTED_MS);
    expect([acquiring.fate, world.clock.timersCount]).toEqual(["connection-lost", 0]);
  });

  it("the next call opens a new one", async () => {
    const { socket } = await world.hold();
    socket.say(EXPIRED);
    await settle();
    watch(world.lw.lock("a").acquire());
    await world.clock.advance(100);
    const { hello } = world.server.socket;
    expect(hello).toMatchObject({ attempt: 1, resume: false });
    expect(hello.session).not.toBe(socket.hello.session);
  });

  it("a call after a long rest opens a new one, and does not ask for the old", async () => {
    const trying = watch(world.lw.lock("a").tryAcquire());
    const first = await world.socket();
    first.reject(first.asked("acquire"), { code: "timeout", message: "No." });
    first.drop();
    await world.clock.advance(TRUSTED_MS);
    watch(world.lw.lock("a").acquire());
    const second = await world.socket();
    expect(trying.value).toBeNull();
    expect(second.hello).toMatchObject({ attempt: 1, resume: false });
    expect(second.requests).toEqual([{ id: 2, op: "acquire", permits: 1 }]);
  });
});

describe("a session that the server does not know any more", () => {
  it("[LE5] takes down what was sent in it, and nothing else", async () => {
    const sent = watch(world.lw.lock("a").acquire());
    const first = await world.socket();
    world.server.manner = (socket) => {
      socket.open();
      socket.say(EXPIRED);
      socket.drop();
      world.server.manner = world.server.welcoming;
    };
    first.drop();
    const unsent = watch(world.lw.lock("a").acquire());
    await world.clock.advance(1_000);
    expect([sent.fate, unsent.fate]).toEqual(["connection-lost", "pending"]);
    const { socket } = world.server;
    expect(socket.requests).toEqual([{ id: 2, op: "acquire", permits: 1 }]);
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    expect(unsent.value.token).toBe(TOKEN);
  });
});
