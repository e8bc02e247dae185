import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseLostError, LIMITS } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { silent, unreachable } from "../support/sdk/scripted_server.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, TRUSTED_MS, TTL_MS, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

describe("a lease whose server falls silent", () => {
  it("[LE4] is lost at nine tenths of the TTL, and no millisecond earlier", async () => {
    const { lease, socket } = await world.hold();
    socket.answersPings = false;
    world.server.manner = silent;
    await world.clock.advance(TRUSTED_MS - 1);
    expect(lease.signal.aborted).toBe(false);
    await world.clock.advance(1);
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(lease.signal.reason).toMatchObject({ reason: "expired" });
  });

  it.for([LIMITS.sessionTtlMsMin, 101, 15_000, LIMITS.sessionTtlMsMax])(
    "[LE4] is lost before the server can grant to another: both clocks off by 5 %%, TTL %d",
    async (ttlMs) => {
      const lw = world.client({ ttlMs });
      const acquiring = lw.lock("a").acquire();
      const socket = await world.socket();
      socket.answer(socket.asked("acquire"), { token: TOKEN });
      const { signal } = await acquiring;
      const grantedAtMs = world.clock.nowMs;
      let lostAfterMs = Infinity;
      signal.addEventListener("abort", () => (lostAfterMs = world.clock.nowMs - grantedAtMs));
      socket.answersPings = false;
      world.server.manner = silent;
      await world.clock.advance(ttlMs);
      // The client's clock is slow and the server's is fast; and no more is given away than half a percent.
      expect(lostAfterMs * 1.05).toBeLessThan(ttlMs * 0.95);
      expect(lostAfterMs * 1.05).toBeGreaterThan(ttlMs * 0.945 - 1.1);
    },
  );

  it("[LE4] counts from the moment the last answered ping was sent, however late its pong", async () => {
    const { lease, socket } = await world.hold();
    socket.answersPings = false;
    await world.clock.advance(2_500);
    expect(socket.pingsCount).toBe(1);
    await world.clock.advance(2_499);
    socket.pong();
    world.server.manner = silent;
    await world.clock.advance(2_500 + TRUSTED_MS - 4_999 - 1);
    expect(lease.signal.aborted).toBe(false);
    await world.clock.advance(1);
    expect(lease.signal.aborted).toBe(true);
  });

  it("[LE4] counts from the moment the resumed connection was dialled, not from its welcome", async () => {
    const { lease, socket } = await world.hold();
    world.server.manner = silent;
    socket.drop();
    await world.clock.advance(25);
    const dialledAtMs = world.clock.nowMs;
    const second = world.server.socket;
    await world.clock.advance(4_000);
    second.answersPings = false;
    second.welcome([TOKEN]);
    await world.clock.advance(dialledAtMs + TRUSTED_MS - world.clock.nowMs - 1);
    expect(lease.signal.aborted).toBe(false);
    await world.clock.advance(1);
    expect(lease.signal.aborted).toBe(true);
  });

  it("[LE4] is not kept by pongs on a connection where the server has not said it knows it", async () => {
    const { lease, socket } = await world.hold();
    world.server.manner = (each) => each.open();
    socket.drop();
    await world.clock.advance(TRUSTED_MS);
    expect(world.server.socket.pingsCount).toBeGreaterThan(1);
    expect(lease.signal.aborted).toBe(true);
  });

  it("[LE4] is not kept by a pong that answers no ping", async () => {
    const { lease, socket } = await world.hold();
    socket.answersPings = false;
    world.server.manner = silent;
    await world.clock.advance(2_000);
    socket.pong();
    await world.clock.advance(TRUSTED_MS - 2_000);
    expect(lease.signal.aborted).toBe(true);
  });
});

describe("a lease", () => {
  it("[LE1] lives for as long as pings are answered", async () => {
    const { lease } = await world.hold();
    await world.clock.advance(86_400_000);
    expect([lease.signal.aborted, world.server.sockets.length]).toEqual([false, 1]);
  });

  it("[LE1] survives disconnections, each shorter than its trusted time", async () => {
    const { lease } = await world.hold();
    for (let count = 0; count < 5; count += 1) {
      world.server.manner = unreachable;
      world.server.socket.drop();
      await world.clock.advance(TRUSTED_MS - 2_500 - 2_000);
      world.server.manner = world.server.welcoming;
      await world.clock.advance(5_000);
    }
    expect(lease.signal.aborted).toBe(false);
  });
});

describe("a program that was frozen for longer than a TTL", () => {
  it("[LE4] takes no grant that lay in the socket meanwhile", async () => {
    const acquiring = watch(world.lw.lock("a").acquire());
    const socket = await world.socket();
    world.clock.freeze(TTL_MS);
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    expect(acquiring.fate).toBe("connection-lost");
  });

  it("[LE4] learns of its lost leases from whatever comes first", async () => {
    const { lease, socket } = await world.hold();
    world.clock.freeze(TTL_MS);
    socket.say({ re: 99, ok: {} });
    expect(lease.signal.aborted).toBe(true);
  });
});
