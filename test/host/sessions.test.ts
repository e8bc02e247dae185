import { describe, expect, it } from "vitest";
import { SemaphoreMachine } from "../../objects/core/semaphore.ts";
import { LIMITS } from "../../sdk/protocol.ts";
import { HostWorld, START_MS, TTL_MS, type FakeSocket } from "../support/host_world.ts";

/** A holder and those who wait behind it, in order. */
function line(waitersCount: number): {
  world: HostWorld;
  holder: FakeSocket;
  waiters: FakeSocket[];
} {
  const world = new HostWorld();
  const holder = world.connect();
  const waiters = Array.from({ length: waitersCount }, () => world.connect());
  for (const socket of [holder, ...waiters]) socket.acquire(1);
  world.endTurn();
  return { world, holder, waiters };
}

function wasGranted(socket: FakeSocket): boolean {
  return socket.told.some((message) => "ok" in message);
}

describe("sessions that fall silent at one moment", () => {
  it("[W3, LK3] end before anything is handed over: none of them is granted what another gives up", () => {
    const { world, waiters } = line(3);
    world.nowMs += TTL_MS;
    waiters[2]?.ping();
    world.ring();
    expect(waiters.map(wasGranted)).toEqual([false, false, true]);
    expect(waiters.map(({ closedWith }) => closedWith)).toEqual([4410, 4410, null]);
  });

  it("[W3, W6] are not granted what a large request leaves that times out at that moment", () => {
    const world = new HostWorld((recovered) => new SemaphoreMachine(recovered));
    const sockets = Array.from({ length: 4 }, () => world.connect());
    const [holder, large, silent, live] = sockets;
    const config = { permits: 2 };
    holder?.ask({ id: 1, op: "acquire", permits: 1, config });
    large?.ask({ id: 1, op: "acquire", permits: 2, timeoutMs: TTL_MS });
    for (const socket of [silent, live]) socket?.acquire(1);
    world.endTurn();
    world.nowMs += TTL_MS;
    for (const socket of [holder, large, live]) socket?.ping();
    world.ring();
    expect(large?.told.at(-1)).toMatchObject({ error: { code: "timeout" } });
    expect([silent, live].map((socket) => socket && wasGranted(socket))).toEqual([false, true]);
  });
});

describe("a session that has ended", () => {
  it("[W5] by its silence, is not heard when it speaks a moment later", () => {
    const { world, holder } = line(0);
    world.nowMs += TTL_MS;
    holder.acquire(2);
    world.endTurn();
    expect(holder.told.slice(2)).toEqual([{ notice: "session-ended", reason: "expired" }]);
    expect([world.store.sessions.size, world.store.claims.size]).toEqual([0, 0]);
    expect(world.host.inspect()).toMatchObject({ locked: false });
  });

  it("[W5, LE6] by its own word, is not heard when it says more in the same turn", () => {
    const { world, holder } = line(0);
    holder.ask({ id: 2, op: "end" }, { id: 3, op: "acquire", permits: 1 });
    holder.acquire(4);
    world.endTurn();
    expect(holder.told.slice(2)).toEqual([{ re: 2, ok: {} }]);
    expect([holder.closedWith, world.store.claims.size]).toEqual([1000, 0]);
    expect(world.host.inspect()).toMatchObject({ locked: false });
  });

  it("leaves nothing on disk when its socket closes after it", () => {
    const { world, holder } = line(0);
    holder.ask({ id: 2, op: "end" });
    world.endTurn();
    expect(world.store.sessions.size).toBe(0);
  });
});

describe("[LE1] a session with a socket", () => {
  it("ends no earlier than its TTL after its last request", () => {
    const { world, holder } = line(0);
    world.nowMs += 1_000;
    holder.ask({ id: 2, op: "statistics" });
    world.endTurn();
    world.nowMs = START_MS + 1_000 + TTL_MS - 1;
    world.host.alarm();
    expect(holder.closedWith).toBeNull();
    world.ring();
    expect(world.nowMs).toBe(START_MS + 1_000 + TTL_MS);
    expect(holder.closedWith).toBe(4410);
  });

  it.each([1, 249, 250, 251])(
    "and a hibernation, no earlier than its TTL after a request that came %i ms after its hello",
    (ms) => {
      const { world, holder } = line(0);
      world.nowMs += ms;
      holder.ask({ id: 2, op: "statistics" });
      world.endTurn();
      world.restart({ sockets: "kept" });
      world.nowMs = START_MS + ms + TTL_MS - 1;
      world.host.alarm();
      expect(world.host.inspect()).toMatchObject({ locked: true });
      world.nowMs += 251;
      world.host.alarm();
      expect(world.host.inspect()).toMatchObject({ locked: false });
    },
  );

  it("is not made to live longer by hibernating again and again", () => {
    const { world } = line(0);
    for (let times = 0; times < 100; times += 1) {
      world.restart({ sockets: "kept" });
      world.endTurn();
    }
    world.nowMs += TTL_MS + 250;
    expect(world.host.inspect()).toMatchObject({ locked: false });
  });

  it("and nothing in line may be silent for an hour, and costs no alarm; then it ends when something happens", () => {
    const HOUR_MS = 3_600_000;
    const world = new HostWorld();
    const idle = world.connect();
    world.endTurn();
    world.nowMs += HOUR_MS - 1;
    world.host.inspect();
    expect([world.armedAtMs, idle.closedWith]).toEqual([null, null]);
    idle.ask({ id: 1, op: "statistics" });
    world.endTurn();
    world.nowMs += HOUR_MS;
    expect(idle.closedWith).toBeNull();
    world.host.inspect();
    world.endTurn();
    expect([idle.closedWith, world.store.sessions.size]).toEqual([4410, 0]);
  });
});

describe("[LE1] a session whose socket a crash took", () => {
  it("has its TTL from the restart, however long the object was down", () => {
    const { world, waiters } = line(1);
    world.nowMs += 10 * TTL_MS;
    world.restart({ sockets: "lost" });
    world.nowMs += TTL_MS - 1;
    const back = world.connect({ ...waiters[0]?.hello, attempt: 2, resume: true });
    expect(world.host.inspect()).toMatchObject({ locked: true, tasksWaiting: 1 });
    expect(back.told).toMatchObject([{ notice: "welcome", resumed: true }]);
  });

  it("ends by the alarm, however often the object crashes on the way", () => {
    const { world } = line(1);
    world.restart({ sockets: "lost" });
    world.endTurn();
    for (let times = 0; times < 3; times += 1) {
      world.nowMs += TTL_MS / 4;
      world.restart({ sockets: "lost" });
      world.endTurn();
    }
    world.ring();
    expect(world.nowMs).toBe(START_MS + TTL_MS);
    expect(world.host.inspect()).toMatchObject({ locked: false, tasksWaiting: 0 });
    expect(world.store.sessions.size).toBe(0);
  });
});

describe("limits", () => {
  it("sessionsMax sessions open, one more is refused, and there is room again when one ends", () => {
    const world = new HostWorld();
    const first = world.connect();
    for (let count = 1; count < LIMITS.sessionsMax; count += 1) world.connect();
    const refused = world.connect();
    world.endTurn();
    expect(world.store.sessions.size).toBe(LIMITS.sessionsMax);
    const error = { code: "limit-exceeded", limit: "sessionsMax", max: LIMITS.sessionsMax };
    expect(refused.told).toMatchObject([{ notice: "refused", error }]);
    expect(refused.closedWith).toBe(4400);
    const resumed = world.connect({ ...first.hello, attempt: 2, resume: true });
    resumed.ask({ id: 1, op: "end" });
    const next = world.connect();
    world.endTurn();
    expect(resumed.told).toMatchObject([{ notice: "welcome" }, { re: 1 }]);
    expect(next.told).toMatchObject([{ notice: "welcome", resumed: false }]);
  });

  it("claimsPerSessionMax claims are had by one session, one more is refused, and others are not", () => {
    const {
      world,
      waiters: [greedy, other],
    } = line(2);
    for (let id = 2; id <= LIMITS.claimsPerSessionMax + 1; id += 1) greedy?.acquire(id);
    other?.acquire(2);
    world.endTurn();
    const limit = "claimsPerSessionMax";
    expect(greedy?.told.slice(1)).toMatchObject([
      { re: LIMITS.claimsPerSessionMax + 1, error: { code: "limit-exceeded", limit } },
    ]);
    expect(other?.told.slice(1)).toEqual([]);
    expect(world.host.inspect()).toMatchObject({ tasksWaiting: LIMITS.claimsPerSessionMax + 2 });
  });
});

describe("a request that is answered before its repeat arrives", () => {
  const resumed = (
    end: (world: HostWorld, waiter: FakeSocket) => void,
  ): { world: HostWorld; waiter: FakeSocket } => {
    const { world, waiters } = line(1);
    const [before] = waiters;
    if (before === undefined) throw new Error("Nobody waits.");
    world.drop(before);
    const waiter = world.connect({ ...before.hello, attempt: 2, resume: true });
    world.endTurn();
    end(world, waiter);
    world.endTurn();
    return { world, waiter };
  };

  it("[LE5] [W5] is not carried out again, though what it was granted has been taken away meanwhile", () => {
    const { world, waiter } = resumed((world) => {
      const [holder] = world.sockets;
      holder?.ask({ id: 2, op: "release", token: holder.token(1) });
    });
    expect(world.host.revoke(waiter.token(1))).toBe(true);
    waiter.acquire(1);
    world.endTurn();
    expect(world.host.inspect()).toMatchObject({ locked: false });
    expect(waiter.told.filter((message) => "re" in message)).toHaveLength(1);
  });

  it("[LE5] is carried out again on the next connection, where nobody has answered it", () => {
    const { world, waiter } = resumed((world) => {
      const [holder] = world.sockets;
      holder?.ask({ id: 2, op: "release", token: holder.token(1) });
    });
    world.drop(waiter);
    const again = world.connect({ ...waiter.hello, attempt: 3, resume: true });
    again.acquire(1);
    world.endTurn();
    expect(again.token(1)).toBe(waiter.token(1));
  });
});

it("[LE1] a session is not given up early, however often the object hibernates between two messages", () => {
  const { world, holder } = line(0);
  // Each time a little is heard, and not enough to be written down again.
  for (const heardAfterMs of [240, 240]) {
    world.restart({ sockets: "kept" });
    world.nowMs += heardAfterMs;
    holder.ask({ id: holder.told.length + 10, op: "statistics" });
    world.endTurn();
  }
  const heardAtMs = world.nowMs;
  world.restart({ sockets: "kept" });
  world.nowMs = heardAtMs + TTL_MS - 1;
  expect(world.host.inspect()).toMatchObject({ locked: true });
});
