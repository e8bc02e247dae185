import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClientRequest } from "../../objects/core/machine.ts";
import type { StreamStatistics } from "../../sdk/protocol.ts";
import { NaiveStream } from "../support/core/naive_stream.ts";
import { newStreamRig } from "../support/core/streams.ts";
import { anyTale, pick, picture, Tale, type Hand, type Said } from "../support/core/tale.ts";
import type { Rig } from "../support/machines.ts";

/** `which` picks one of the session's own ends; now and then one of all, or none. */
type Plan =
  | { op: "open"; side: "send" | "receive"; from: number | null }
  | { op: "send"; which: number; timeoutMs: number | null }
  | { op: "receive"; which: number; max: number; timeoutMs: number | null }
  | { op: "confirm"; which: number; count: number }
  | { op: "release"; which: number }
  | { op: "reset" };

const which = fc.nat(9);
const NO_END = 8;
const timeoutMs = fc.option(fc.nat(40), { freq: 2 });
const side = fc.constantFrom("send", "receive");

const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("open"),
      side,
      from: fc.option(which, { freq: 1 }),
    }),
  },
  { weight: 7, arbitrary: fc.record({ op: fc.constant("send"), which, timeoutMs }) },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant("receive"),
      which,
      max: fc.integer({ min: 1, max: 3 }),
      timeoutMs,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant("confirm"), which: fc.nat(4), count: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("release"), which }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("reset") }) },
) as fc.Arbitrary<Plan>;

/** A stream's tale: the machine beside the model, and every item's text by the number it was delivered under. */
class StreamTale {
  readonly rig: Rig = newStreamRig();
  readonly model: NaiveStream;
  readonly tale: Tale<Plan>;
  readonly #config: { maxBufferSize: number };
  readonly #texts = new Map<number, string>();
  #itemsCount = 0;
  /** How many items were ever taken in, and how many were confirmed, or dropped by a reset. */
  readonly fates = { accepted: 0, gone: 0 };
  /** Those that were taken in by the last step. */
  readonly takenIn = new Set<number>();

  constructor(maxBufferSize: number) {
    this.#config = { maxBufferSize };
    this.rig.client("first", this.#config).statistics();
    this.model = new NaiveStream(maxBufferSize, (seq) => this.#texts.get(seq) ?? "");
    const toRequest = (plan: Plan, hand: Hand): ClientRequest => this.#toRequest(plan, hand);
    this.tale = new Tale({ rig: this.rig, model: this.model, toRequest });
  }

  take(step: Parameters<Tale<Plan>["take"]>[0]): void {
    this.tale.take(step);
    this.takenIn.clear();
    for (const effect of this.rig.effects) {
      if (effect.type === "drop-item") this.fates.gone += 1;
      if (effect.type !== "put-item") continue;
      const { seq, text } = effect.item;
      if (this.#texts.get(seq) === text) continue;
      this.#texts.set(seq, text);
      this.takenIn.add(seq);
      this.fates.accepted += 1;
    }
  }

  #toRequest(plan: Plan, { id, own, all, given }: Hand): ClientRequest {
    const endOf = (which: number): number => pick(which > 5 ? all : own, which) ?? 1;
    const onEnd = (which: number): { end?: number } =>
      which >= NO_END ? {} : { end: endOf(which) };
    switch (plan.op) {
      case "open": {
        const from = plan.from === null ? {} : { from: endOf(plan.from) };
        return { id, op: "open", side: plan.side, ...from, config: this.#config };
      }
      case "send": {
        this.#itemsCount += 1;
        const sent = { ...onEnd(plan.which), item: `${this.#itemsCount}` };
        return { id, op: "send", ...sent, ...timeLimit(plan) };
      }
      case "receive":
        return { id, op: "receive", ...onEnd(plan.which), max: plan.max, ...timeLimit(plan) };
      case "confirm": {
        const items = Array.from({ length: plan.count }, (_, n) => pick(given, plan.which + n));
        if (plan.count === 0) return { id, op: "confirm" };
        return { id, op: "confirm", items: items.filter((seq) => seq !== undefined) };
      }
      case "release":
        return { id, op: "release", token: endOf(plan.which) };
      case "reset":
        return { id, op: "reset", config: this.#config };
    }
  }
}

function timeLimit({ timeoutMs }: { timeoutMs: number | null }): { timeoutMs?: number } {
  return timeoutMs === null ? {} : { timeoutMs };
}

describe.each([0, 1, 3])("Stream with a buffer of %d, after any steps,", (maxBufferSize) => {
  /** Lets `check` look at the tale after each of any steps. */
  function expectAfterAnyStep(check: (told: StreamTale) => void): void {
    fc.assert(
      fc.property(anyTale(anyPlan), (steps) => {
        const told = new StreamTale(maxBufferSize);
        for (const step of steps) {
          told.take(step);
          check(told);
        }
      }),
      { numRuns: 100 },
    );
  }

  it("[ST1] [ST2] [ST5] [ST6] [ST8] [ST9] [ST10] [LE5] [W4] says what the model says", () => {
    expectAfterAnyStep(({ tale, model }) => {
      const { actual, expected } = tale.said;
      const meant = actual.map((said) => JSON.stringify(model.meant(JSON.parse(said) as Said)));
      expect(meant.toSorted()).toEqual(expected.toSorted());
    });
  });

  it("[ST3] [ST4] [ST7] [W1] has the model's items, ends and blocked calls, in the model's order", () => {
    expectAfterAnyStep(({ rig, model }) => {
      const items = rig.rows.items.map(({ text, delivery, redelivered }) => {
        return [text, delivery?.session.client ?? null, redelivered];
      });
      expect(items).toEqual(
        model.items.map(({ text, given, redelivered }) => {
          return [text, given?.session ?? null, redelivered];
        }),
      );
      expect(rig.holders).toEqual(model.ends.map(({ session }) => session));
      const blocked = [...model.blocked("send"), ...model.blocked("receive")];
      expect(rig.line).toEqual(blocked.map(({ session }) => session));
      const openOf = (side: string): number => model.ends.filter((end) => end.side === side).length;
      expect(rig.machine.statistics()).toEqual({
        currentBufferUsed: model.buffer.length,
        maxBufferSize,
        openSendStreams: openOf("send"),
        openReceiveStreams: openOf("receive"),
        tasksWaitingSend: model.blocked("send").length,
        tasksWaitingReceive: model.blocked("receive").length,
        undelivered: model.isGone("receive") ? model.buffer.length : 0,
      });
    });
  });

  it("[W2] [W5] [ST10] lets nobody wait for what is there: an item, or room", () => {
    expectAfterAnyStep(({ rig }) => {
      const at = rig.machine.statistics() as StreamStatistics;
      expect(at.tasksWaitingReceive === 0 || at.currentBufferUsed === 0).toBe(true);
      expect(at.tasksWaitingSend === 0 || at.currentBufferUsed >= maxBufferSize).toBe(true);
      expect(Math.min(at.tasksWaitingReceive, at.tasksWaitingSend)).toBe(0);
    });
  });

  it("[ST1] grows above its buffer's size only by what comes back", () => {
    expectAfterAnyStep(({ rig, takenIn }) => {
      const { currentBufferUsed } = rig.machine.statistics() as StreamStatistics;
      const isBuffered = rig.rows.items.some(({ seq, delivery }) => {
        return delivery === null && takenIn.has(seq);
      });
      expect(!isBuffered || currentBufferUsed <= maxBufferSize).toBe(true);
    });
  });

  it("[ST2] [ST3] loses no item: accepted is buffered, unconfirmed, confirmed, or dropped by a reset", () => {
    expectAfterAnyStep(({ rig, fates }) => {
      expect(fates.accepted).toBe(rig.rows.itemsCount + fates.gone);
    });
  });

  it("[ST3] [ST8] every item that is given is given on an open end, or none, of a session that lives", () => {
    expectAfterAnyStep(({ rig, tale }) => {
      const open = tale.clients.flatMap(({ session }) => {
        return rig.machine.heldTokens(session).map((token) => `${session.id} ${token}`);
      });
      const given = rig.rows.items.flatMap(({ delivery }) => delivery ?? []);
      const onNone = tale.clients.map(({ session }) => `${session.id} 0`);
      for (const { session, end } of given) {
        expect([...open, ...onNone]).toContain(`${session.id} ${end}`);
      }
    });
  });

  it("[ST3] [LE2] [LE5] would be the same after a crash", () => {
    expectAfterAnyStep(({ rig, tale }) => {
      expect(picture(rig.rebuilt(), tale.clients)).toEqual(picture(rig.machine, tale.clients));
    });
  });
});
