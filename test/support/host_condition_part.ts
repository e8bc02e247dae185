import * as fc from "fast-check";
import { ConditionMachine } from "../../objects/core/condition.ts";
import type { Reply, Request } from "../../sdk/protocol.ts";
import type { Part, Player } from "./host_tale.ts";

export type ConditionPlan =
  | { op: "acquire" | "release" | "cancel" }
  | { op: "wait"; timeoutMs: number | null }
  | { op: "notify"; count: number | null };

export const anyConditionPlan: fc.Arbitrary<ConditionPlan> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ op: fc.constantFrom("acquire", "acquire", "release", "cancel") }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("wait"),
      timeoutMs: fc.option(fc.nat(100_000), { freq: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant("notify"), count: fc.option(fc.nat(2), { freq: 2 }) }),
  },
) as fc.Arbitrary<ConditionPlan>;

/** Clients that use a condition as they should: whoever has the lock waits, notifies, or gives it up. */
export class ConditionPart implements Part<ConditionPlan> {
  readonly create = (
    recovered: ConstructorParameters<typeof ConditionMachine>[0],
  ): ConditionMachine => new ConditionMachine(recovered);
  /** Every token that a client was told, in the order of telling. */
  readonly told: number[] = [];
  /** How each wait ended, by session and request. */
  readonly woken: string[] = [];
  readonly #tokens = new Map<Player, number>();

  begins(player: Player): void {
    this.#tokens.delete(player);
  }

  toRequest(plan: ConditionPlan, player: Player, id: number): Request | null {
    const token = this.#tokens.get(player);
    if (plan.op === "acquire") return { id, op: "acquire", permits: 1 };
    if (plan.op === "cancel") {
      const waiting = [...player.owing.values()].find(({ op }) => op === "wait");
      return waiting === undefined ? null : { id, op: "cancel", target: waiting.id };
    }
    if (token === undefined) return null;
    switch (plan.op) {
      case "release":
        this.#tokens.delete(player);
        return { id, op: "release", token };
      case "wait": {
        this.#tokens.delete(player);
        const wait = { id, op: "wait", token } as const;
        return plan.timeoutMs === null ? wait : { ...wait, timeoutMs: plan.timeoutMs };
      }
      case "notify": {
        const notify = { id, op: "notify", token } as const;
        return plan.count === null ? notify : { ...notify, count: plan.count };
      }
    }
  }

  answered(player: Player, request: Request, reply: Reply): void {
    if ("error" in reply || !("token" in reply.ok)) return;
    this.#tokens.set(player, reply.ok.token);
    this.told.push(reply.ok.token);
    if (request.op === "wait") this.woken.push(reply.ok.woken ?? "never");
  }
}
