import { describe, expect, it } from "vitest";
import { SemaphoreMachine } from "../../objects/core/semaphore.ts";
import { LIMITS, type SemaphoreConfig } from "../../sdk/protocol.ts";
import { TIMEOUT_MS, WAYS } from "../support/lock_like.ts";
import { Rig, type Call, type Client } from "../support/machines.ts";

const NAMES = ["ann", "bob", "cat", "dan"] as const;
const rigOf = (): Rig => new Rig((recovered) => new SemaphoreMachine(recovered));

/** A semaphore that is configured, and four clients of it. */
function semaphore(config: SemaphoreConfig): Record<(typeof NAMES)[number], Client> & { rig: Rig } {
  const rig = rigOf();
  const clients = rig.clients(NAMES, config);
  clients.ann.statistics();
  return { rig, ...clients };
}

const value = (client: Client): unknown => (client.statistics() as { value?: unknown }).value;

/** How a holder can lose what it has without giving it back. */
const DEATHS: readonly {
  death: string;
  die: (rig: Rig, client: Client, held: readonly Call[]) => void;
}[] = [
  { death: "ended cleanly", die: (_rig, client) => client.end() },
  { death: "was silent until its TTL was over", die: (rig, client) => rig.silence(client) },
  {
    death: "lost them to an operator",
    die: (rig, _client, held) => {
      for (const call of held) rig.revoke(call);
    },
  },
];

describe("permits", () => {
  it("[SE1] as many are held as there are, and the next waits", () => {
    const { rig, ann, bob, cat } = semaphore({ permits: 3 });
    expect([ann.acquire({ permits: 2 }).fate, bob.acquire().fate]).toEqual(["granted", "granted"]);
    expect(cat.acquire().fate).toBe("unanswered");
    expect([value(ann), rig.line]).toEqual([0, ["cat"]]);
  });

  it("[SE1] a release gives back all of its permits, to as many as then fit", () => {
    const { rig, ann, bob, cat, dan } = semaphore({ permits: 3 });
    const first = ann.acquire({ permits: 3 });
    for (const client of [bob, cat]) client.acquire();
    dan.acquire({ permits: 2 });
    ann.release(first);
    expect([rig.holders, rig.line, value(ann)]).toEqual([["bob", "cat"], ["dan"], 1]);
  });

  it.each(DEATHS)("[SE1] permits return exactly once when their holder $death", ({ die }) => {
    const { rig, ann, bob } = semaphore({ permits: 3 });
    const held = [ann.acquire({ permits: 2 }), ann.acquire()];
    for (let times = 0; times < 2; times += 1) die(rig, ann, held);
    for (const call of held) {
      expect(ann.release(call).fate).toBe("not-owner");
      ann.cancel(call);
    }
    expect(value(bob)).toBe(3);
    rig.restart();
    expect(value(bob)).toBe(3);
  });

  it.each(DEATHS)("[SE1] [W2] they go to the next in line when their holder $death", ({ die }) => {
    const { rig, ann, bob, cat } = semaphore({ permits: 3 });
    const held = [ann.acquire({ permits: 3 })];
    const waiting = [bob.acquire({ permits: 2 }), cat.acquire()];
    die(rig, ann, held);
    expect(waiting.map(({ fate }) => fate)).toEqual(["granted", "granted"]);
    expect([rig.holders, value(ann)]).toEqual([["bob", "cat"], 0]);
  });

  it("[SE1] all permits of a claim are still held after a restart, and return together", () => {
    const { rig, ann, bob, cat } = semaphore({ permits: 4 });
    const held = ann.acquire({ permits: 3 });
    rig.restart();
    expect([value(bob), bob.tryAcquire(2).fate]).toEqual([1, "timeout"]);
    const waiting = cat.acquire({ permits: 4 });
    rig.restart();
    ann.release(held);
    expect([waiting.fate, value(bob)]).toEqual(["granted", 0]);
  });
});

describe("large and small requests", () => {
  it("[W6] a large request is not overtaken by small ones that would fit", () => {
    const { rig, ann, bob, cat } = semaphore({ permits: 3 });
    const small = ann.acquire();
    const large = bob.acquire({ permits: 3 });
    expect(cat.acquire().fate).toBe("unanswered");
    ann.release(small);
    expect([large.fate, rig.line]).toEqual(["granted", ["cat"]]);
  });

  it("[W6] what is freed bit by bit gathers for the large request", () => {
    const { rig, ann, bob, cat } = semaphore({ permits: 2 });
    const pieces = [ann.acquire(), ann.acquire()];
    const large = bob.acquire({ permits: 2 });
    cat.acquire();
    for (const piece of pieces) {
      expect(rig.line).toEqual(["bob", "cat"]);
      ann.release(piece);
    }
    expect([large.fate, rig.line]).toEqual(["granted", ["cat"]]);
  });

  it("[W2] try does not barge past a waiter, though it would fit", () => {
    const { ann, bob, cat } = semaphore({ permits: 2 });
    ann.acquire();
    bob.acquire({ permits: 2 });
    expect(cat.tryAcquire().fate).toBe("timeout");
    expect(value(cat)).toBe(1);
  });

  it.each(WAYS)("[W3] [W5] when the large waiter is $way, those behind it are admitted", (each) => {
    const { rig, ann, bob, cat, dan } = semaphore({ permits: 3 });
    ann.acquire();
    const large = bob.acquire({ permits: 3, timeoutMs: TIMEOUT_MS });
    const small = [cat.acquire(), dan.acquire()];
    each.cancel(rig, bob, large);
    expect([large.fate, ...small.map(({ fate }) => fate)]).toEqual([
      each.fate,
      "granted",
      "granted",
    ]);
  });
});

describe("deposits", () => {
  it("[SE3] without a waiter a deposit raises the value", () => {
    const { ann } = semaphore({ permits: 0 });
    expect(ann.deposit(2).fate).toBe("done");
    expect(value(ann)).toBe(2);
  });

  it("[SE3] with a waiter in line it goes to the waiter, and the value stays as it was", () => {
    const { ann, bob } = semaphore({ permits: 0 });
    const waiting = bob.acquire();
    ann.deposit(1);
    expect([waiting.fate, value(ann)]).toEqual(["granted", 0]);
  });

  it("[SE3] the waiters have theirs, and what is left adds to the value", () => {
    const { rig, ann, bob, cat } = semaphore({ permits: 0 });
    bob.acquire();
    cat.acquire({ permits: 2 });
    ann.deposit(4);
    expect([rig.holders, value(ann)]).toEqual([["bob", "cat"], 1]);
  });

  it("[SE2] up to maxPermits, held and free together, and not one more", () => {
    const { rig, ann, bob } = semaphore({ permits: 1, maxPermits: 3 });
    ann.acquire();
    expect(ann.deposit(2).fate).toBe("done");
    rig.restart();
    const refused = bob.deposit(1);
    expect(refused.replies).toMatchObject([{ error: { code: "over-release", max: 3 } }]);
    expect(value(bob)).toBe(2);
  });

  it("[SE2] a refused deposit admits nobody and writes nothing", () => {
    const { rig, ann, bob } = semaphore({ permits: 1, maxPermits: 2 });
    ann.acquire();
    bob.acquire({ permits: 2 });
    ann.deposit(2);
    expect([rig.written, rig.line]).toEqual([[], ["bob"]]);
  });

  it("[SE2] [LE5] that was refused is refused again, though a hibernation forgot it, and a later one was taken", () => {
    const { rig, ann } = semaphore({ permits: 1, maxPermits: 3 });
    const refused = ann.deposit(9);
    rig.restart();
    expect(ann.deposit(1).fate).toBe("done");
    expect(ann.repeat(refused).fate).toBe("over-release");
  });

  it("[LE5] a repeated deposit counts once, after a restart too", () => {
    const { rig, ann, bob } = semaphore({ permits: 0, maxPermits: 1 });
    const deposit = ann.deposit(1);
    ann.repeat(deposit);
    rig.restart();
    ann.repeat(deposit);
    expect(deposit.replies.map((reply) => "ok" in reply)).toEqual([true, true, true]);
    expect(value(bob)).toBe(1);
  });

  it("[LE5] [SE2] a refused deposit that is repeated after a later one was taken is still refused", () => {
    const { rig, ann, bob } = semaphore({ permits: 0, maxPermits: 2 });
    const refused = ann.deposit(3);
    ann.deposit(1);
    rig.restart();
    expect(ann.repeat(refused).fate).toBe("over-release");
    expect(value(bob)).toBe(1);
  });

  it("[LE5] the same number in another session is another deposit", () => {
    const { ann, bob } = semaphore({ permits: 0 });
    bob.statistics();
    expect(ann.deposit(1).request.id).toBe(bob.deposit(1).request.id);
    expect(value(ann)).toBe(2);
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity])("[SE2] of %d permits is no deposit", (permits) => {
    const { ann } = semaphore({ permits: 1 });
    expect(ann.deposit(permits).fate).toBe("invalid-argument");
    expect(value(ann)).toBe(1);
  });

  it("[SE2] a deposit outlives its session", () => {
    const { rig, ann, bob } = semaphore({ permits: 0 });
    ann.deposit(1);
    ann.end();
    rig.restart();
    expect(value(bob)).toBe(1);
  });
});

describe("what can be asked for", () => {
  it("[SE5] maxPermits can be waited for, and one more is refused at once", () => {
    const { ann } = semaphore({ permits: 0, maxPermits: 3 });
    expect(ann.acquire({ permits: 3 }).fate).toBe("unanswered");
    expect(ann.acquire({ permits: 4 }).fate).toBe("invalid-argument");
  });

  it("[SE5] permitsMax: without maxPermits that many can be waited for, and not one more", () => {
    const { ann } = semaphore({ permits: 1 });
    expect(ann.acquire({ permits: LIMITS.permitsMax }).fate).toBe("unanswered");
    expect(ann.acquire({ permits: LIMITS.permitsMax + 1 }).fate).toBe("invalid-argument");
  });

  it("permitsMax: deposits reach it, and pass it by not one", () => {
    const { ann } = semaphore({ permits: LIMITS.permitsMax - 1 });
    expect(ann.deposit(1).fate).toBe("done");
    expect(ann.deposit(1).replies).toMatchObject([
      { error: { code: "limit-exceeded", limit: "permitsMax", max: LIMITS.permitsMax } },
    ]);
    expect(value(ann)).toBe(LIMITS.permitsMax);
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity])("[SE5] %d permits cannot be acquired", (permits) => {
    const { rig, ann } = semaphore({ permits: 2 });
    expect(ann.acquire({ permits }).fate).toBe("invalid-argument");
    expect(rig.rows.claimsCount).toBe(0);
  });
});
