import { describe, expect, it } from "vitest";
import { HostWorld, START_MS, TTL_MS } from "../support/host_world.ts";

const DAY_MS = 86_400_000;

/** A world with a lock's holder. */
function held(): { world: HostWorld; holder: ReturnType<HostWorld["connect"]> } {
  const world = new HostWorld();
  const holder = world.connect();
  holder.acquire(1);
  world.endTurn();
  return { world, holder };
}

describe("the alarm", () => {
  it("is not armed while nothing can be due", () => {
    const world = new HostWorld();
    world.connect().ask({ id: 1, op: "statistics" });
    world.endTurn();
    expect(world.armedAtMs).toBeNull();
  });

  it("[LE1] is armed for the end of the holder's TTL", () => {
    expect(held().world.armedAtMs).toBe(START_MS + TTL_MS);
  });

  it("[W4] is armed for the earliest time-out in line", () => {
    const { world } = held();
    for (const timeoutMs of [500, 300, 400]) world.connect().acquire(1, timeoutMs);
    world.endTurn();
    expect(world.armedAtMs).toBe(START_MS + 300);
  });

  it("moves only to what is earlier: a release leaves it armed", () => {
    const { world, holder } = held();
    world.log.length = 0;
    world.nowMs += 1_000;
    holder.ask({ id: 2, op: "release", token: holder.token(1) });
    holder.acquire(3);
    world.endTurn();
    expect(world.log).toEqual(["commit", "send"]);
    expect(world.armedAtMs).toBe(START_MS + TTL_MS);
  });

  it("that finds nothing due is armed for what comes next", () => {
    const { world, holder } = held();
    world.nowMs += TTL_MS - 1;
    holder.ping();
    world.ring();
    expect(world.armedAtMs).toBe(START_MS + 2 * TTL_MS - 1);
  });

  it("that finds nothing due, ever, is not armed again", () => {
    const { world, holder } = held();
    holder.ask({ id: 2, op: "release", token: holder.token(1) });
    world.endTurn();
    world.log.length = 0;
    world.ring();
    expect([world.armedAtMs, world.log]).toEqual([null, []]);
  });

  it("that comes twice does no more than once", () => {
    const { world } = held();
    const waiter = world.connect();
    waiter.acquire(1, 500);
    world.endTurn();
    world.ring();
    const { length } = world.log;
    world.host.alarm();
    world.endTurn();
    expect(world.log.slice(length)).toEqual(["arm"]);
    expect(waiter.told).toMatchObject([
      { notice: "welcome" },
      { re: 1, error: { code: "timeout" } },
    ]);
  });

  it("that comes too early lets nothing go, and is armed again", () => {
    const { world, holder } = held();
    world.nowMs += TTL_MS - 1;
    world.host.alarm();
    expect(world.armedAtMs).toBe(START_MS + TTL_MS);
    expect(holder.closedWith).toBeNull();
  });

  it("[LE1] that is missing is armed by whichever instance starts next", () => {
    const { world } = held();
    world.armedAtMs = null;
    world.restart({ sockets: "kept" });
    world.endTurn();
    // What was heard since the attachment was written is unknown, so a little is added.
    expect(world.armedAtMs).toBe(START_MS + TTL_MS + 250);
  });

  it.each(["kept", "lost"] as const)(
    "[W4] that is missing is armed for the earliest time-out in line, too (sockets %s)",
    (sockets) => {
      const { world } = held();
      for (const timeoutMs of [500, 300]) world.connect().acquire(1, timeoutMs);
      world.endTurn();
      world.armedAtMs = null;
      world.restart({ sockets });
      world.endTurn();
      expect(world.armedAtMs).toBe(START_MS + 300);
      world.ring();
      expect([...world.store.claims.values()]).toMatchObject([
        { state: "held" },
        { deadlineMs: START_MS + 500 },
      ]);
    },
  );

  it("that wakes an instance for what is due by then is not armed for it once more", () => {
    const { world } = held();
    world.connect().acquire(1, 500);
    world.endTurn();
    world.nowMs = START_MS + 500;
    world.armedAtMs = null;
    world.restart({ sockets: "kept" });
    world.log.length = 0;
    world.host.alarm();
    world.endTurn();
    expect(world.log).toEqual(["commit", "send", "arm"]);
    expect(world.armedAtMs).toBe(START_MS + TTL_MS + 250);
  });
});

describe("a name that nobody uses", () => {
  it("is wiped after a day, and by nothing but the alarm", () => {
    const { world, holder } = held();
    holder.ask({ id: 2, op: "end" });
    world.endTurn();
    world.ring();
    expect([world.store.isUsed, world.armedAtMs]).toEqual([true, START_MS + DAY_MS]);
    world.ring();
    expect([world.store.isUsed, world.armedAtMs]).toEqual([false, null]);
  });

  it("[LE2] is not wiped before its greatest token is a day old, however long its last session lasted", () => {
    const { world, holder } = held();
    world.nowMs += 10 * DAY_MS;
    holder.ping();
    holder.ask({ id: 2, op: "release", token: holder.token(1) });
    holder.ask({ id: 3, op: "end" });
    world.endTurn();
    world.ring();
    expect(world.store.isUsed).toBe(true);
    world.ring();
    expect([world.store.isUsed, world.nowMs]).toEqual([false, START_MS + 11 * DAY_MS]);
  });

  it("[W5] is watched again by the same instance when somebody uses it after the wipe", () => {
    const world = new HostWorld();
    world.connect().drop();
    world.endTurn();
    world.ring();
    expect(world.store.isUsed).toBe(false);
    const [holder, waiter] = [world.connect({ ttlMs: DAY_MS }), world.connect({ ttlMs: DAY_MS })];
    world.nowMs += 1;
    holder.acquire(1);
    waiter.acquire(1);
    world.endTurn();
    expect(world.armedAtMs).toBe(world.nowMs + DAY_MS);
  });
});
