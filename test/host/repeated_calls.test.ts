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

/** A `send` on an end that waits for a receiver when the object dies. */
function sendCutOff() {
  world = new HostWorld((recovered) => new StreamMachine(recovered));
  callers = new Callers(world);
  const config = { maxBufferSize: 0 };
  const end = callers.begin({ op: "open", side: "send", config });
  world.endTurn();
  const send = end.withLease({ op: "send", item: "1", config }, KEY);
  expect(callers.answersOf(send)).toEqual(["waits"]);
  world.restart({ sockets: "lost" });
  const receive = { op: "receive", max: 9, config, timeoutMs: 0 };
  return { end, send, receiving: () => callers.begin(receive) };
}

describe("a repeated call, known by its key,", () => {
  it("[LE5] is answered alike, also when its lease was released meanwhile", () => {
    const first = callers.acquire(KEY);
    world.endTurn();
    first.withLease({ op: "release" });
    world.endTurn();
    const second = first.again();
    world.endTurn();
    expect(second.answers).toEqual([{ ...first.answers[0], replayed: true }]);
    expect(world.host.inspect()).toMatchObject({ locked: false });
  });

  it("[LE5] is answered alike by another instance", () => {
    const first = callers.acquire(KEY);
    world.endTurn();
    world.restart({ sockets: "lost" });
    const second = first.again();
    world.endTurn();
    expect(second.token).toBe(first.token);
  });

  it("[LE5] within one turn too", () => {
    const first = callers.acquire(KEY);
    const second = first.again();
    world.endTurn();
    expect([second.token, second.answers[0]?.replayed]).toEqual([first.token, true]);
  });

  it("[W1] while the first still waits has its place, and the first is told", () => {
    const socket = callers.holderOnSocket();
    const first = callers.acquire(KEY);
    const other = callers.acquire();
    world.endTurn();
    const second = first.again();
    expect(callers.answersOf(first, second, other)).toEqual(["closed", "waits", "waits"]);
    // The first is not there any more to give anything up.
    first.hangUp();
    socket.ask({ id: 2, op: "release", token: socket.token(1) });
    expect(callers.answersOf(second, other)).toEqual([
      { token: expect.any(Number) as number },
      "waits",
    ]);
  });

  it("[W1] [LE5] whose first was lost with the instance, finds its place", () => {
    const socket = callers.holderOnSocket();
    const first = callers.acquire(KEY);
    const other = callers.acquire();
    world.endTurn();
    world.restart({ sockets: "kept" });
    const second = first.again();
    const third = other.again();
    expect(callers.answersOf(second, third)).toEqual(["waits", "waits"]);
    socket.ask({ id: 3, op: "release", token: socket.token(1) });
    expect(callers.answersOf(second, third)).toEqual([
      { token: expect.any(Number) as number },
      "waits",
    ]);
  });

  it("[LE5] [ST2] on an end, whose first was lost with the instance, sends once", () => {
    const { send, receiving } = sendCutOff();
    const second = send.again();
    expect(callers.answersOf(second)).toEqual(["waits"]);
    expect(callers.answersOf(second, receiving(), receiving())).toMatchObject([
      {},
      { items: [{ item: "1" }] },
      "timeout",
    ]);
  });

  it("[LE5] [ST2] on an end, and was done when nobody was there to hear it, is not done again", () => {
    const { end, send, receiving } = sendCutOff();
    const receiver = receiving();
    world.endTurn();
    const second = send.again();
    expect(callers.answersOf(receiver, second, receiving())).toMatchObject([
      { items: [{ item: "1" }] },
      {},
      "timeout",
    ]);
    expect(second.answers[0]?.lease?.token).toBe(end.token);
  });

  it("[CO2] that waits for a condition, and whose first was lost with the instance, waits on", () => {
    world = new HostWorld((recovered) => new ConditionMachine(recovered));
    callers = new Callers(world);
    const caller = callers.acquire();
    world.endTurn();
    const first = caller.withLease({ op: "wait" }, KEY);
    world.endTurn();
    world.restart({ sockets: "lost" });
    const second = first.again();
    expect(callers.answersOf(second)).toEqual(["waits"]);
    const other = callers.acquire();
    world.endTurn();
    other.withLease({ op: "notify" });
    other.withLease({ op: "release" });
    expect(callers.answersOf(second)).toMatchObject([{ woken: "notified" }]);
    expect(second.token).toBeGreaterThan(other.token);
  });

  it("is refused where it is another call", () => {
    const first = callers.acquire(KEY);
    world.endTurn();
    const idempotency = { key: "a-key", fingerprint: "of another" };
    expect(callers.answersOf(first.again({ idempotency }))).toEqual(["invalid-argument"]);
  });

  it("[LE5] gives a refusal again", () => {
    callers.holderOnSocket();
    const first = callers.acquire({ ...KEY, timeoutMs: 0 });
    expect(callers.answersOf(first)).toEqual(["timeout"]);
    expect(callers.answersOf(first.again())).toEqual(["timeout"]);
  });

  it("is judged anew where nothing was decided", () => {
    const first = callers.begin({ op: "acquire", timeoutMs: -1 }, KEY);
    expect(callers.answersOf(first)).toEqual(["protocol"]);
    const mended = first.again({ body: { op: "acquire" } });
    expect(callers.answersOf(mended)).toEqual([{ token: expect.any(Number) as number }]);
  });

  it("is forgotten after a day, though it is all that anybody ever asked of the name", () => {
    expect(callers.answersOf(callers.begin({ op: "release", token: 1 }, KEY))).toEqual([
      "not-owner",
    ]);
    expect(world.store.isUsed).toBe(true);
    for (let rings = 0; world.armedAtMs !== null && rings < 10; rings += 1) world.ring();
    expect([world.store.isUsed, world.armedAtMs]).toEqual([false, null]);
  });

  it("is forgotten after a day, and no later, though the name was used before", () => {
    expect(callers.answersOf(callers.begin({ op: "release", token: 1 }, KEY))).toEqual([
      "not-owner",
    ]);
    world.nowMs += 3_600_000;
    const idempotency = { key: "another-key", fingerprint: "of another call" };
    expect(callers.answersOf(callers.begin({ op: "release", token: 1 }, { idempotency }))).toEqual([
      "not-owner",
    ]);
    for (let rings = 0; world.armedAtMs !== null && rings < 10; rings += 1) world.ring();
    expect(world.store.isUsed).toBe(false);
    expect(world.nowMs).toBe(START_MS + 3_600_000 + 86_400_000);
  });

  it("is judged anew after a day, while others use the name", () => {
    const holding = callers.acquire({ ttlMs: 86_400_000 });
    const first = callers.acquire({ ...KEY, timeoutMs: 0 });
    expect(callers.answersOf(first)).toEqual(["timeout"]);
    world.nowMs += 80_000_000;
    holding.withLease({ op: "renew" });
    expect(callers.answersOf(first.again())).toEqual(["timeout"]);
    world.nowMs += 6_400_000;
    holding.withLease({ op: "release" });
    expect(callers.answersOf(first.again())).toEqual([{ token: expect.any(Number) as number }]);
  });

  it("is known for a day after a refusal too, though the name was idle for long before", () => {
    const held = callers.acquire();
    world.endTurn();
    held.withLease({ op: "release" });
    world.endTurn();
    world.nowMs += 80_000_000;
    const holding = callers.begin({ op: "release", token: 1 }, KEY);
    expect(callers.answersOf(holding)).toEqual(["not-owner"]);
    world.ring();
    expect([world.store.isUsed, callers.answersOf(holding.again())]).toEqual([true, ["not-owner"]]);
    expect(holding.again().answers).toEqual([]);
  });

  it("is known for a day, though nobody uses the name, and then forgotten", () => {
    const first = callers.acquire(KEY);
    world.endTurn();
    first.withLease({ op: "release" });
    world.endTurn();
    world.nowMs = START_MS + 86_399_999;
    expect(callers.answersOf(first.again())).toEqual([first.answer]);
    for (let rings = 0; world.armedAtMs !== null && rings < 10; rings += 1) world.ring();
    expect([world.store.isUsed, world.armedAtMs]).toEqual([false, null]);
  });
});
