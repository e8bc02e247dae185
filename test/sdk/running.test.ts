import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseLostError, type Lease } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { watch, type Watched } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

describe("run", () => {
  /** A run that has its lease. */
  async function run<Value>(
    work: (lease: Lease) => Value | PromiseLike<Value>,
  ): Promise<Watched<Value>> {
    const running = watch(world.lw.lock("a").run(work));
    const socket = await world.socket();
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    return running;
  }

  async function released(): Promise<void> {
    const { socket } = world.server;
    socket.answer(socket.asked("release"));
    await settle();
  }

  it("asks for nothing where the work is no function", async () => {
    const running = watch(world.lw.lock("a").run(undefined as never));
    await settle();
    expect([running.fate, world.server.sockets.length]).toEqual(["invalid-argument", 0]);
  });

  it("does not begin before the lock is held", async () => {
    let begun = false;
    const running = watch(world.lw.lock("a").run(() => void (begun = true)));
    const socket = await world.socket();
    expect(begun).toBe(false);
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    expect([begun, running.fate]).toEqual([true, "pending"]);
  });

  it("releases when the work is done, then passes its value on", async () => {
    const running = await run(({ token }) => Promise.resolve(token + 1));
    expect(running.fate).toBe("pending");
    await released();
    expect(running.value).toBe(TOKEN + 1);
  });

  it("releases when the work throws, then passes the error on", async () => {
    const reason = new Error("The work failed.");
    const running = await run(() => Promise.reject(reason));
    expect(running.fate).toBe("pending");
    await released();
    expect(running.error).toBe(reason);
  });

  it("releases when the work throws before it has begun to wait", async () => {
    const reason = new Error("The work failed.");
    const running = await run(() => {
      throw reason;
    });
    await released();
    expect(running.error).toBe(reason);
  });

  it("releases once where the work has released already", async () => {
    const running = await run((lease) => lease.release());
    await released();
    expect(running.fate).toBe("resolved");
    expect(world.server.socket.requests).toHaveLength(2);
  });

  it("rejects as soon as the lease is lost, while the work goes on", async () => {
    const running = await run(() => new Promise(() => {}));
    world.server.socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    await settle();
    expect(running.error).toBeInstanceOf(LeaseLostError);
    expect(world.server.socket.requests).toHaveLength(1);
  });

  it("rejects with the loss where the work threw because of it", async () => {
    const running = await run(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("Stopped.")));
        }),
    );
    world.server.socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    await settle();
    expect(running.error).toBeInstanceOf(LeaseLostError);
  });

  it("does not begin where the lease was lost on the way", async () => {
    let begun = false;
    const running = watch(world.lw.lock("a").run(() => void (begun = true)));
    const socket = await world.socket();
    socket.say(
      { re: 1, ok: { token: TOKEN } },
      { notice: "lost", token: TOKEN, reason: "revoked" },
    );
    await settle();
    expect([begun, running.fate]).toEqual([false, "lease-lost"]);
  });

  it("rejects with the loss where the work itself brought it about, and ended", async () => {
    const running = await run(() => {
      watch(world.lw.close());
      return "done, but not released";
    });
    expect(running.error).toBeInstanceOf(LeaseLostError);
  });

  it("rejects with the loss where the work ended after it", async () => {
    const work = Promise.withResolvers<string>();
    const running = await run(() => work.promise);
    world.server.socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    work.resolve("done, but for whom?");
    await settle();
    expect(running.error).toBeInstanceOf(LeaseLostError);
  });

  it("does not begin when the wait is given up", async () => {
    let begun = false;
    const signal = AbortSignal.abort(new Error("Never mind."));
    const running = watch(world.lw.lock("a").run(() => void (begun = true), { signal }));
    await settle();
    expect([begun, running.fate]).toEqual([false, "rejected"]);
  });

  it("leaves no listener on the lease's signal", async () => {
    const leases: Lease[] = [];
    await run((lease) => void leases.push(lease));
    await released();
    expect(leases.map(({ signal }) => getEventListeners(signal, "abort").length)).toEqual([0]);
  });
});
