import { beforeEach, describe, expect, it } from "vitest";
import { ConditionMachine } from "../../objects/core/condition.ts";
import { StreamMachine } from "../../objects/core/stream.ts";
import { HostWorld, START_MS } from "../support/host_world.ts";
import { Callers, KEY } from "../support/one_shots.ts";

let world: HostWorld;
let callers: Callers;
beforeEach(() => {
  world = new HostWorld();
  callers = new Callers(world);
});

describe("a call without a socket", () => {
  it("[W1] [W2] stands in one line with those who have sockets", () => {
    const socket = callers.holderOnSocket();
    const first = callers.acquire();
    const between = world.connect();
    between.acquire(1);
    const last = callers.acquire();
    expect(callers.answersOf(first, last)).toEqual(["waits", "waits"]);
    socket.ask({ id: 2, op: "release", token: socket.token(1) });
    expect(callers.answersOf(first, last)).toEqual([
      { token: expect.any(Number) as number },
      "waits",
    ]);
    first.withLease({ op: "release" });
    world.endTurn();
    expect(between.token(1)).toBeGreaterThan(first.token);
    between.ask({ id: 2, op: "release", token: between.token(1) });
    world.endTurn();
    expect(last.token).toBeGreaterThan(between.token(1));
  });

  it("is answered only when what it was granted is on disk", () => {
    const caller = callers.acquire();
    expect(caller.answer).toBe("waits");
    world.endTurn();
    expect(world.log.slice(-2)).toEqual(["commit", "arm"]);
    expect([...world.store.claims.values()]).toMatchObject([
      { state: "held", token: caller.token },
    ]);
  });

  it("[LE1] has what it was granted for its own time to live, and no longer", () => {
    const caller = callers.acquire({ ttlMs: 5_000 });
    const next = callers.acquire();
    world.endTurn();
    expect(caller.answers[0]?.lease).toMatchObject({ ttlMs: 5_000, expiresAtMs: START_MS + 5_000 });
    world.nowMs += 4_999;
    world.host.inspect();
    expect(next.answer).toBe("waits");
    world.ring();
    expect(next.token).toBeGreaterThan(caller.token);
    expect(world.nowMs).toBe(START_MS + 5_000);
  });

  it("[LE1] has it for longer when it renews, also for another time to live", () => {
    const caller = callers.acquire({ ttlMs: 5_000 });
    world.endTurn();
    world.nowMs += 4_000;
    const renewed = caller.withLease({ op: "renew" });
    world.endTurn();
    expect(renewed.answers[0]?.lease).toEqual({
      token: caller.token,
      ttlMs: 5_000,
      expiresAtMs: START_MS + 9_000,
    });
    const longer = caller.withLease({ op: "renew" }, { ttlMs: 3_600_000 });
    world.endTurn();
    expect(longer.answers[0]?.lease?.expiresAtMs).toBe(START_MS + 4_000 + 3_600_000);
    const next = callers.acquire({ timeoutMs: 300_000 });
    world.nowMs += 200_000;
    expect(callers.answersOf(next)).toEqual(["waits"]);
  });

  it("[W4] waits no longer than it said", () => {
    callers.holderOnSocket();
    const caller = callers.acquire({ timeoutMs: 1_000 });
    world.endTurn();
    world.ring();
    expect([caller.answer, world.nowMs]).toEqual(["timeout", START_MS + 1_000]);
    expect(world.store.sessions.size).toBe(1);
  });

  it("[LE1] is there while it waits, however short the time to live is", () => {
    const socket = callers.holderOnSocket();
    const caller = callers.acquire({ ttlMs: 100 });
    world.endTurn();
    world.nowMs += 20_000;
    socket.ask({ id: 2, op: "release", token: socket.token(1) });
    expect(callers.answersOf(caller)).toEqual([{ token: expect.any(Number) as number }]);
    expect(caller.answers[0]?.lease?.expiresAtMs).toBe(world.nowMs + 100);
  });

  it("leaves no trace of a name that nobody uses when it gets nothing", () => {
    const caller = callers.begin({ op: "release", token: 1 });
    expect(callers.answersOf(caller)).toEqual(["not-owner"]);
    expect([world.store.isUsed, world.armedAtMs]).toEqual([false, null]);
  });

  it("is told what is wrong with what it asks", () => {
    const caller = callers.begin({ op: "acquire", timeoutMs: -1 });
    const end = callers.begin({ op: "end" });
    expect(callers.answersOf(caller, end)).toEqual(["protocol", "protocol"]);
    expect(world.store.isUsed).toBe(false);
  });
});

describe("a lease", () => {
  it("[LE3] is of no use without its secret", () => {
    const caller = callers.acquire();
    world.endTurn();
    const thief = caller.withLease({ op: "release" }, { secretHash: "another" });
    const unknown = caller.withLease({ op: "renew" }, { session: "one-shot-of-nobody" });
    expect(callers.answersOf(thief, unknown)).toEqual(["not-owner", "not-owner"]);
    expect(world.host.inspect()).toMatchObject({ locked: true });
  });

  it("[LE3] is no more when it was released, and says so", () => {
    const caller = callers.acquire();
    world.endTurn();
    expect(callers.answersOf(caller.withLease({ op: "release" }))).toEqual([{}]);
    expect(world.store.sessions.size).toBe(0);
    expect(
      callers.answersOf(caller.withLease({ op: "release" }), caller.withLease({ op: "renew" })),
    ).toEqual(["not-owner", "not-owner"]);
  });

  it("[LE3] can be released while a call of it waits, which is told", () => {
    world = new HostWorld((recovered) => new ConditionMachine(recovered));
    callers = new Callers(world);
    const caller = callers.acquire();
    world.endTurn();
    const waiting = caller.withLease({ op: "wait" });
    expect(callers.answersOf(waiting)).toEqual(["waits"]);
    expect(callers.answersOf(caller.withLease({ op: "release" }), waiting)).toEqual([
      {},
      "not-owner",
    ]);
    expect([world.store.sessions.size, world.store.claims.size]).toEqual([0, 0]);
  });

  it("[LE3] is not said to be no more while a call of it waits, when another can do nothing with it", () => {
    world = new HostWorld((recovered) => new ConditionMachine(recovered));
    callers = new Callers(world);
    const caller = callers.acquire();
    world.endTurn();
    const waiting = caller.withLease({ op: "wait" });
    world.endTurn();
    const others = [caller.withLease({ op: "renew" }), caller.withLease({ op: "notify" })];
    expect(callers.answersOf(waiting, ...others)).toEqual(["waits", "not-owner", "not-owner"]);
    for (const { answers } of others) {
      const message = expect.stringContaining("while a call of it waits") as string;
      expect(answers).toMatchObject([{ reply: { error: { message } } }]);
    }
  });

  it("[LE3] is no more when an operator has taken it", () => {
    const caller = callers.acquire();
    world.endTurn();
    expect(world.host.revoke(caller.token)).toBe(true);
    expect(callers.answersOf(caller.withLease({ op: "renew" }))).toEqual(["not-owner"]);
  });

  it("[LE1] [LE2] outlives the instance, with what is left of its time", () => {
    const caller = callers.acquire({ ttlMs: 5_000 });
    world.endTurn();
    world.nowMs += 3_000;
    world.restart({ sockets: "lost" });
    const next = callers.acquire();
    expect(callers.answersOf(next)).toEqual(["waits"]);
    expect(world.armedAtMs).toBe(START_MS + 5_000);
    world.ring();
    expect(next.token).toBeGreaterThan(caller.token);
  });
});

describe("what a call was given of a stream, on no end,", () => {
  it("[ST3] [W4] goes to the next when its lease's time is over, by the alarm alone", () => {
    world = new HostWorld((recovered) => new StreamMachine(recovered));
    callers = new Callers(world);
    const config = { maxBufferSize: 1 };
    callers.begin({ op: "send", item: '"a"', config });
    const receive = { op: "receive", config, timeoutMs: 60_000 };
    const first = callers.begin(receive, { ttlMs: 5_000 });
    const second = callers.begin(receive);
    expect(callers.answersOf(first, second)).toMatchObject([{ items: [{ item: '"a"' }] }, "waits"]);
    expect(world.armedAtMs).toBe(START_MS + 5_000);
    world.ring();
    expect(callers.answersOf(second)).toMatchObject([{ items: [{ redelivered: true }] }]);
  });

  it("[ST3] [W3] goes to the next when its caller hung up before it could hear of it", () => {
    world = new HostWorld((recovered) => new StreamMachine(recovered));
    callers = new Callers(world);
    const config = { maxBufferSize: 1 };
    const receive = { op: "receive", config, timeoutMs: 60_000 };
    const [first, second] = [callers.begin(receive), callers.begin(receive)];
    world.endTurn();
    callers.begin({ op: "send", item: '"a"', config });
    expect(callers.answersOf(first, second)).toMatchObject([{ items: [{ item: '"a"' }] }, "waits"]);
    first.hangUp();
    expect(callers.answersOf(second)).toMatchObject([{ items: [{ redelivered: true }] }]);
  });
});

describe("a caller that hangs up", () => {
  it("[W3] [LK3] leaves the line at once", () => {
    const socket = callers.holderOnSocket();
    const gone = callers.acquire();
    const next = callers.acquire();
    world.endTurn();
    gone.hangUp();
    socket.ask({ id: 2, op: "release", token: socket.token(1) });
    expect(callers.answersOf(gone, next)).toEqual([
      "waits",
      { token: expect.any(Number) as number },
    ]);
    expect(world.store.sessions.size).toBe(2);
  });

  it("[W3] gives back what it was granted and did not hear of", () => {
    const gone = callers.acquire();
    const next = callers.acquire();
    world.endTurn();
    expect(gone.answers).toHaveLength(1);
    gone.hangUp();
    world.endTurn();
    expect(next.token).toBeGreaterThan(gone.token);
  });

  it("[W3] in the very turn in which it was granted, gives it back too", () => {
    const gone = callers.acquire();
    gone.hangUp();
    const next = callers.acquire();
    world.endTurn();
    expect(next.token).toBeGreaterThan(gone.token);
    expect(world.store.lastEndedAtMs).toBe(START_MS);
  });

  it("[LE5] keeps what it was granted if it can ask again by its key", () => {
    const gone = callers.acquire(KEY);
    world.endTurn();
    gone.hangUp();
    const back = gone.again();
    world.endTurn();
    expect(back.answers).toEqual([{ ...gone.answers[0], replayed: true }]);
    expect(world.host.inspect()).toMatchObject({ locked: true, owner: { token: back.token } });
  });

  it("[CO5] in a condition's wait has the lock again, for its time to live and no longer", () => {
    world = new HostWorld((recovered) => new ConditionMachine(recovered));
    callers = new Callers(world);
    const caller = callers.acquire({ ttlMs: 5_000 });
    world.endTurn();
    const waiting = caller.withLease({ op: "wait", timeoutMs: 300_000 });
    world.endTurn();
    world.nowMs += 20_000;
    waiting.hangUp();
    world.endTurn();
    expect(world.host.inspect()).toMatchObject({ tasksWaiting: 0, lock: { locked: true } });
    const next = callers.acquire();
    world.endTurn();
    // The alarm of the first time to live goes off in vain.
    world.ring();
    expect([next.answer, world.armedAtMs]).toEqual(["waits", START_MS + 25_000]);
    world.ring();
    expect([next.token > caller.token, world.nowMs]).toEqual([true, START_MS + 25_000]);
  });

  it("[CO4] and did not hear that it was notified passes that on, and has the lock still", () => {
    world = new HostWorld((recovered) => new ConditionMachine(recovered));
    callers = new Callers(world);
    const [first, second] = [callers.acquire(), callers.acquire()];
    world.endTurn();
    const gone = first.withLease({ op: "wait" });
    world.endTurn();
    const next = second.withLease({ op: "wait" });
    const other = callers.acquire();
    world.endTurn();
    other.withLease({ op: "notify", count: 1 });
    other.withLease({ op: "release" });
    expect(callers.answersOf(gone, next)).toMatchObject([{ woken: "notified" }, "waits"]);
    gone.hangUp();
    expect(callers.answersOf(next)).toEqual(["waits"]);
    first.withLease({ op: "release" });
    expect(callers.answersOf(next)).toMatchObject([{ woken: "notified" }]);
  });

  it("[W1] late takes no place from the repeat of its call, which the Worker sent when the first was lost", () => {
    const socket = callers.holderOnSocket();
    const first = callers.acquire();
    world.endTurn();
    const second = first.again();
    expect(callers.answersOf(first, second)).toEqual(["closed", "waits"]);
    first.hangUp();
    socket.ask({ id: 2, op: "release", token: socket.token(1) });
    expect(callers.answersOf(second)).toEqual([{ token: expect.any(Number) as number }]);
    expect(world.host.inspect()).toMatchObject({ owner: { token: second.token } });
  });

  it("[LE1] [LE5] late takes nothing from the repeat of its call, which was granted the same", () => {
    const first = callers.acquire();
    world.endTurn();
    const second = first.again();
    world.endTurn();
    expect(second.token).toBe(first.token);
    first.hangUp();
    world.endTurn();
    expect(world.host.inspect()).toMatchObject({ owner: { token: second.token } });
    second.hangUp();
    world.endTurn();
    expect(world.host.inspect()).toMatchObject({ locked: false });
  });

  it("takes nothing from a lease that it only asked about", () => {
    const caller = callers.acquire();
    world.endTurn();
    const renewed = caller.withLease({ op: "renew" });
    world.endTurn();
    renewed.hangUp();
    world.endTurn();
    expect(world.host.inspect()).toMatchObject({ locked: true });
  });

  it("twice is gone once", () => {
    const gone = callers.acquire();
    world.endTurn();
    gone.hangUp();
    gone.hangUp();
    world.endTurn();
    expect(world.host.inspect()).toMatchObject({ locked: false });
  });
});
