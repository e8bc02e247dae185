import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ForbiddenError } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { silent, unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TRUSTED_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

describe("a client", () => {
  it("opens nothing by connecting, nor by making a handle", async () => {
    world.lw.lock("a");
    world.lw.semaphore("a", { permits: 1 });
    await world.clock.advance(60_000);
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([0, 0]);
  });

  it("opens one socket for a name, whichever handle asks", async () => {
    watch(world.lw.lock("a").acquire());
    watch(world.lw.lock("a").acquire());
    await settle();
    watch(world.lw.lock("a").acquire());
    await settle();
    expect(world.server.sockets.map(({ url }) => url)).toEqual([
      "wss://locks.example/v1/tests/lock/a",
    ]);
    expect(world.server.socket.requests).toHaveLength(3);
  });

  it("opens a socket of its own for every name and kind", async () => {
    watch(world.lw.lock("a").acquire());
    watch(world.lw.lock("b/ c").acquire());
    watch(world.lw.semaphore("a").acquire());
    await settle();
    expect(world.server.sockets.map(({ url }) => new URL(url).pathname)).toEqual([
      "/v1/tests/lock/a",
      "/v1/tests/lock/b%2F%20c",
      "/v1/tests/semaphore/a",
    ]);
    expect(new Set(world.server.sockets.map(({ hello }) => hello.session)).size).toBe(3);
  });

  it("says in its first breath who it is", async () => {
    watch(world.lw.lock("a").acquire());
    const { hello } = await world.socket();
    expect(hello).toMatchObject({ client: "ann", ttlMs: 10_000, attempt: 1, resume: false });
    expect(hello.secret).not.toBe(hello.session);
  });

  it("sends its first request before it was welcomed: opening costs no round trip", async () => {
    world.server.manner = (socket) => socket.open();
    watch(world.lw.lock("a").acquire());
    const socket = await world.socket();
    expect(socket.requests).toEqual([{ id: 1, op: "acquire", permits: 1 }]);
  });

  it("gives up on a server that does not answer the upgrade, and dials again", async () => {
    world.server.manner = silent;
    watch(world.client({ ttlMs: 60_000 }).lock("a").acquire());
    await world.clock.advance(9_999);
    expect(world.server.socket.state).toBe("connecting");
    await world.clock.advance(1 + 25);
    const states = world.server.sockets.map(({ state }) => state);
    expect(states).toEqual(["closed by client", "connecting"]);
  });
});

describe("a token", () => {
  it("is shown, and never stands in the address", async () => {
    world.token = () => "s3cret";
    watch(world.lw.lock("a").acquire());
    const { url, token } = await world.socket();
    expect(token).toBe("s3cret");
    expect(url).not.toContain("s3cret");
  });

  it("is not shown where there is none", async () => {
    watch(world.lw.lock("a").acquire());
    expect((await world.socket()).token).toBeNull();
  });

  it("is asked for anew for every connection", async () => {
    const tokens = ["first", "second"];
    world.token = () => Promise.resolve(tokens.shift());
    watch(world.lw.lock("a").acquire());
    (await world.socket()).drop();
    await world.clock.advance(1_000);
    expect(world.server.sockets.map(({ token }) => token)).toEqual(["first", "second"]);
  });

  it("that cannot be had fails the call, with the reason", async () => {
    const reason = new Error("The vault is closed.");
    world.token = () => Promise.reject(reason);
    const acquiring = watch(world.lw.lock("a").acquire());
    await settle();
    expect(acquiring.error).toBe(reason);
    await world.clock.advance(60_000);
    expect([world.server.sockets.length, world.clock.timersCount]).toEqual([0, 0]);
  });

  it("whose function throws at once fails the call, too", async () => {
    world.token = () => {
      throw new ForbiddenError("Not you.");
    };
    const lock = world.lw.lock("a");
    const calls = [lock.isLocked(), lock.acquire(), lock.tryAcquire()].map((call) =>
      watch<unknown>(call),
    );
    await settle();
    expect(calls.map(({ fate }) => fate)).toEqual(["forbidden", "forbidden", "forbidden"]);
    expect(world.clock.timersCount).toBe(0);
  });

  it("that could not be had is asked for again by the next call", async () => {
    world.token = () => Promise.reject(new Error("The vault is closed."));
    await expect(world.lw.lock("a").acquire()).rejects.toThrow("vault");
    world.token = () => "good";
    watch(world.lw.lock("a").acquire());
    expect((await world.socket()).token).toBe("good");
  });

  it("that is never had does not make a call hang", async () => {
    world.token = () => new Promise(() => {});
    const acquiring = watch(world.lw.lock("a").acquire());
    await world.clock.advance(TRUSTED_MS);
    expect(acquiring.fate).toBe("connection-lost");
  });

  it("that came too late opens nothing", async () => {
    const given = Promise.withResolvers<string>();
    world.token = () => given.promise;
    const acquiring = watch(world.lw.lock("a").acquire());
    await world.clock.advance(TRUSTED_MS);
    given.resolve("late");
    await settle();
    expect([acquiring.fate, world.server.sockets.length]).toEqual(["connection-lost", 0]);
  });

  it("that failed too late fails nobody", async () => {
    const given = Promise.withResolvers<string>();
    world.token = () => given.promise;
    watch(world.lw.lock("a").acquire());
    await world.clock.advance(TRUSTED_MS);
    world.token = () => "good";
    const acquiring = watch(world.lw.lock("a").acquire());
    given.reject(new Error("The vault is closed."));
    await settle();
    expect([acquiring.fate, world.server.socket.requests.length]).toEqual(["pending", 1]);
  });
});

describe("a call that nobody waits for any more", () => {
  it("brings about no further connection", async () => {
    world.server.manner = unreachable;
    const acquiring = watch(world.lw.lock("a").acquire({ timeoutMs: 10 }));
    await world.clock.advance(10);
    const dialled = world.server.sockets.length;
    expect([acquiring.fate, world.clock.timersCount]).toEqual(["connection-lost", 0]);
    await world.clock.advance(60_000);
    expect(world.server.sockets).toHaveLength(dialled);
  });
});
