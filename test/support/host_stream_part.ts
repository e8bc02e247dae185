import * as fc from "fast-check";
import { StreamMachine } from "../../objects/core/stream.ts";
import type { DeliveredItem, Reply, Request, Side } from "../../sdk/protocol.ts";
import type { Part, Player } from "./host_tale.ts";
import type { HostWorld } from "./host_world.ts";

const DAY_MS = 86_400_000;

export type StreamPlan =
  | { op: "open"; side: Side }
  | { op: "send"; timeoutMs: number | null }
  | { op: "receive"; max: number; timeoutMs: number | null }
  | { op: "confirm" };

const timeoutMs = fc.option(fc.nat(100_000), { freq: 2 });

export const anyStreamPlan: fc.Arbitrary<StreamPlan> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant("open"), side: fc.constantFrom("send", "receive") }),
  },
  { weight: 5, arbitrary: fc.record({ op: fc.constant("send"), timeoutMs }) },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant("receive"),
      max: fc.integer({ min: 1, max: 3 }),
      timeoutMs,
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("confirm") }) },
) as fc.Arbitrary<StreamPlan>;

/** What one session has: its ends, and the items that it was given and has not confirmed. */
interface Hand {
  readonly ends: Partial<Record<Side, number>>;
  given: number[];
}

/** Clients that send numbered items, and note which they were given. */
export class StreamPart implements Part<StreamPlan> {
  readonly create = (recovered: ConstructorParameters<typeof StreamMachine>[0]): StreamMachine =>
    new StreamMachine(recovered);
  /** The items whose senders were told that they are taken in. */
  readonly accepted = new Set<string>();
  /** Every item that a client was given, in the order of telling. */
  readonly read: DeliveredItem[] = [];
  /** The items that a client has said, or will say again, that it has for good. */
  readonly confirmed = new Set<number>();
  readonly #config: { maxBufferSize: number };
  readonly #hands = new Map<Player, Hand>();
  #itemsCount = 0;

  constructor(maxBufferSize: number) {
    this.#config = { maxBufferSize };
  }

  /** Somebody who holds an end of each side throughout, so that no side is ever closed for good. */
  keepOpen(world: HostWorld): void {
    const keeper = world.connect({ ttlMs: DAY_MS });
    const config = this.#config;
    keeper.ask({ id: 1, op: "open", side: "send", config }, { id: 2, op: "open", side: "receive" });
    world.endTurn();
  }

  begins(player: Player): void {
    this.#hands.set(player, { ends: {}, given: [] });
  }

  toRequest(plan: StreamPlan, player: Player, id: number): Request | null {
    const { ends, given } = this.#hand(player);
    const { send, receive } = ends;
    switch (plan.op) {
      case "open":
        return { id, op: "open", side: plan.side, config: this.#config };
      case "send":
        if (send === undefined) return null;
        this.#itemsCount += 1;
        return { id, op: "send", end: send, item: String(this.#itemsCount), ...limit(plan) };
      case "receive":
        if (receive === undefined) return null;
        return { id, op: "receive", end: receive, max: plan.max, ...limit(plan) };
      case "confirm":
        if (given.length === 0) return null;
        for (const seq of given) this.confirmed.add(seq);
        return { id, op: "confirm", items: given };
    }
  }

  answered(player: Player, request: Request, reply: Reply): void {
    if ("error" in reply) return;
    const hand = this.#hand(player);
    if (request.op === "open" && "token" in reply.ok) hand.ends[request.side] = reply.ok.token;
    if (request.op === "send") this.accepted.add(request.item);
    if (request.op === "confirm")
      hand.given = hand.given.filter((seq) => !request.items?.includes(seq));
    if (request.op !== "receive" || !("items" in reply.ok)) return;
    this.read.push(...reply.ok.items);
    hand.given.push(...reply.ok.items.map(({ seq }) => seq));
  }

  #hand(player: Player): Hand {
    const hand = this.#hands.get(player);
    if (hand === undefined) throw new Error("The player has not begun.");
    return hand;
  }
}

function limit({ timeoutMs }: { timeoutMs: number | null }): { timeoutMs?: number } {
  return timeoutMs === null ? {} : { timeoutMs };
}
