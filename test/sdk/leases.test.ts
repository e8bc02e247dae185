import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseLostError, NotOwnerError, type LeaseLossReason } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const TIMEOUT = { code: "timeout", message: "It was not to be had." } as const;
const NOT_OWNER = { code: "not-owner", message: "It is another's." } as const;

describe("an acquire", () => {
  it("[LE2] gives a lease that bears the server's token", async () => {
    const { lease } = await world.hold();
    expect([lease.token, lease.signal.aborted]).toEqual([TOKEN, false]);
  });

  it("is pending for as long as the server has not granted it", async () => {
    const acquiring = watch(world.lw.lock("a").acquire());
    await world.clock.advance(3_600_000);
    expect(acquiring.fate).toBe("pending");
  });

  it("rejects with what the server says", async () => {
    const acquiring = watch(world.lw.lock("a").acquire());
    const socket = await world.socket();
    const limit = { limit: "waitersMax", max: 65_536 } as const;
    const message = "Too many wait.";
    socket.reject(socket.asked("acquire"), { code: "limit-exceeded", message, ...limit });
    await settle();
    expect(acquiring.error).toMatchObject({ code: "limit-exceeded", message, ...limit });
  });
});

describe("a try", () => {
  it("[W2] asks for now or not at all", async () => {
    watch(world.lw.lock("a").tryAcquire());
    expect((await world.socket()).asked("acquire").timeoutMs).toBe(0);
  });

  it("[W2] gives null when it is not to be had", async () => {
    const trying = world.lw.lock("a").tryAcquire();
    const socket = await world.socket();
    socket.reject(socket.asked("acquire"), TIMEOUT);
    expect(await trying).toBeNull();
  });

  it("gives a lease when it is to be had", async () => {
    const trying = world.lw.lock("a").tryAcquire();
    const socket = await world.socket();
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    expect((await trying)?.token).toBe(TOKEN);
  });

  it("rejects where the reason is another", async () => {
    const trying = watch(world.lw.lock("a").tryAcquire());
    const socket = await world.socket();
    socket.reject(socket.asked("acquire"), NOT_OWNER);
    await settle();
    expect(trying.fate).toBe("not-owner");
  });
});

describe("a release", () => {
  it("names the token, and settles when the server has answered", async () => {
    const { lease, socket } = await world.hold();
    const releasing = watch(lease.release());
    await settle();
    expect(socket.asked("release")).toEqual({ id: 2, op: "release", token: TOKEN });
    expect(releasing.fate).toBe("pending");
    socket.answer(socket.asked("release"));
    await settle();
    expect(releasing.fate).toBe("resolved");
  });

  it("is said once, however often it is called", async () => {
    const { lease, socket } = await world.hold();
    const releasing = [lease.release(), lease.release()];
    await settle();
    socket.answer(socket.asked("release"));
    await Promise.all([...releasing, lease.release(), lease[Symbol.asyncDispose]()]);
    expect(socket.requests).toHaveLength(2);
  });

  it("leaves nothing that could be lost: the signal stays as it is", async () => {
    const { lease, socket } = await world.hold();
    const releasing = lease.release();
    await settle();
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    socket.answer(socket.asked("release"));
    await releasing;
    socket.drop();
    await world.clock.advance(60_000);
    expect(lease.signal.aborted).toBe(false);
  });

  it("[LE3] of a lost lease is refused without asking, and harms nobody", async () => {
    const { lease, socket } = await world.hold();
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    const error: unknown = await lease.release().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NotOwnerError);
    expect((error as NotOwnerError).cause).toBe(lease.signal.reason);
    await settle();
    expect(socket.requests).toHaveLength(1);
  });

  it("[LE3] that the server refuses is refused", async () => {
    const { lease, socket } = await world.hold();
    const releasing = watch(lease.release());
    await settle();
    socket.reject(socket.asked("release"), NOT_OWNER);
    await settle();
    expect(releasing.fate).toBe("not-owner");
  });

  it("comes at the end of an `await using`", async () => {
    const { lease, socket } = await world.hold();
    const working = watch(
      (async () => {
        await using held = lease;
        return held.token;
      })(),
    );
    await settle();
    expect(working.fate).toBe("pending");
    socket.answer(socket.asked("release"));
    await settle();
    expect(working.value).toBe(TOKEN);
  });
});

describe("a lease", () => {
  it("is lost when the server says so, and no other with it", async () => {
    const { lease } = await world.hold(TOKEN);
    const acquiring = world.lw.lock("a").acquire();
    const socket = await world.socket();
    socket.answer(socket.asked("acquire"), { token: TOKEN + 1 });
    const other = await acquiring;
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    expect([lease.signal.aborted, other.signal.aborted]).toEqual([true, false]);
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(lease.signal.reason).toMatchObject({ code: "lease-lost", reason: "revoked" });
  });

  it.for<Exclude<LeaseLossReason, "revoked">>(["expired", "session-ended"])(
    "[LE1] is lost when its session has ended, and says how: %s",
    async (reason) => {
      const { lease, socket } = await world.hold();
      socket.say({ notice: "session-ended", reason });
      expect(lease.signal.reason).toMatchObject({ code: "lease-lost", reason });
    },
  );
});
