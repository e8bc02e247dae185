import * as fc from "fast-check";
import type { Session } from "../../../objects/core/claim.ts";
import type { ClientRequest, Effect, Machine } from "../../../objects/core/machine.ts";
import type { Result } from "../../../sdk/protocol.ts";
import type { Client, Rig } from "../machines.ts";

/** An answer (to the request `re`), or a notice; `is` is plain data, or a fault's code. */
export interface Said {
  readonly to: string;
  readonly re: number | "revoked" | "returned";
  readonly is: unknown;
}

/** What a machine ought to do. Sessions go by their names. */
export interface Model {
  /** What was said; whoever reads it empties it. */
  said: Said[];
  ask(session: string, request: ClientRequest, nowMs: number): void;
  end(session: string, nowMs: number): void;
  revoke(token: number, nowMs: number): void;
  /** Time has passed; these sessions have been silent for too long. */
  expire(silent: readonly string[], nowMs: number): void;
}

/** What a request is made from: `id` is its own, the tokens are those that its session, or anybody, was ever granted. */
export interface Hand {
  readonly id: number;
  readonly own: readonly number[];
  readonly all: readonly number[];
  /** Numbers of items that the session was given, the last ones last. */
  readonly given: readonly number[];
}

/** `which` picks among all there have been: a live one, or one of the past. */
export type Step<Plan> =
  | { do: "ask"; who: number; plan: Plan }
  | { do: "cancel" | "repeat"; who: number; which: number }
  | { do: "end"; who: number }
  | { do: "silence"; whos: readonly number[] }
  | { do: "revoke"; which: number }
  | { do: "wait"; ms: number }
  | { do: "restart" };

const ACTORS_COUNT = 4;
const who = fc.nat(ACTORS_COUNT - 1);
/** Numbers past the last actor stand for whoever holds something: most of what matters is asked by those. */
const whoAsks = fc.nat(2 * ACTORS_COUNT - 1);
const which = fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(12) });

export function anyTale<Plan>(plan: fc.Arbitrary<Plan>): fc.Arbitrary<Step<Plan>[]> {
  const step = fc.oneof(
    { weight: 16, arbitrary: fc.record({ do: fc.constant("ask"), who: whoAsks, plan }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("cancel", "repeat"), who, which }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("end"), who }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("silence"),
        whos: fc.uniqueArray(who, { maxLength: 2 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("revoke"), which }) },
    // Clocks go back, too.
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.integer({ min: -9, max: 30 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("restart") }) },
  );
  return fc.array(step, { maxLength: 60, size: "max" }) as fc.Arbitrary<Step<Plan>[]>;
}

interface Actor {
  readonly client: Client;
  readonly requests: ClientRequest[];
  readonly tokens: number[];
  readonly given: number[];
  /** The greatest id that it had used before the last restart, and the greatest that it has used since. */
  lastIdBefore: number;
  lastIdSince: number;
  /** What it will not repeat: since a restart it has asked for something later. */
  readonly settled: Set<number>;
}

/** Tells one tale to a machine and to a model, step by step. Each session has a client name of its own. */
export class Tale<Plan> {
  readonly rig: Rig;
  readonly model: Model;
  readonly #toRequest: (plan: Plan, hand: Hand) => ClientRequest;
  readonly #actors: Actor[] = [];
  readonly #tokens: number[] = [];
  #sessionsCount = 0;

  constructor(options: {
    rig: Rig;
    model: Model;
    toRequest: (plan: Plan, hand: Hand) => ClientRequest;
  }) {
    this.rig = options.rig;
    this.model = options.model;
    this.#toRequest = options.toRequest;
    for (let index = 0; index < ACTORS_COUNT; index += 1) this.#actors.push(this.#newActor());
  }

  /** The sessions that are open. */
  get clients(): Client[] {
    return this.#actors.map(({ client }) => client);
  }

  /** What the machine said in the last step, and what it ought to have said; what is said in one step has no order. */
  get said(): { actual: string[]; expected: string[] } {
    return {
      actual: inOrder(this.rig.effects.flatMap(saidBy)),
      expected: inOrder(this.model.said),
    };
  }

  take(step: Step<Plan>): void {
    this.rig.effects = [];
    this.model.said = [];
    this.#carryOut(step);
    for (const effect of this.rig.effects) this.#note(effect);
  }

  #note(effect: Effect): void {
    if (effect.type === "put-claim" && effect.claim.state === "held") {
      const { session, token } = effect.claim;
      this.#actorOf(session)?.tokens.push(token);
      this.#tokens.push(token);
    }
    if (effect.type === "put-item" && effect.item.delivery !== null) {
      this.#actorOf(effect.item.delivery.session)?.given.push(effect.item.seq);
    }
  }

  #actorOf({ id }: Session): Actor | undefined {
    return this.#actors.find(({ client }) => client.session.id === id);
  }

  #carryOut(step: Step<Plan>): void {
    const { rig, model } = this;
    switch (step.do) {
      case "ask": {
        const actor = this.#actor(step.who);
        const id = actor.requests.length + 1;
        const hand = { id, own: actor.tokens, all: this.#tokens, given: actor.given };
        return this.#ask(actor, this.#toRequest(step.plan, hand));
      }
      case "cancel": {
        const actor = this.#actor(step.who);
        const id = actor.requests.length + 1;
        const target = pick(actor.requests, step.which)?.id ?? 0;
        if (target <= actor.lastIdBefore) return;
        return this.#ask(actor, { id, op: "cancel", target });
      }
      case "repeat": {
        const actor = this.#actor(step.who);
        const request = pick(actor.requests, step.which);
        if (request === undefined || isLost(request, actor)) return;
        return this.#ask(actor, request);
      }
      case "end":
        rig.apply({ type: "end-session", session: this.#actor(step.who).client.session });
        model.end(this.#replace(step.who), rig.nowMs);
        return;
      case "silence":
        rig.silence(...step.whos.map((each) => this.#actor(each).client));
        return model.expire(
          step.whos.map((each) => this.#replace(each)),
          rig.nowMs,
        );
      case "revoke": {
        const token = pick(this.#tokens, step.which) ?? 1;
        rig.apply({ type: "revoke", token });
        return model.revoke(token, rig.nowMs);
      }
      case "wait":
        rig.advance(step.ms);
        return model.expire([], rig.nowMs);
      case "restart":
        for (const actor of this.#actors) {
          for (const request of actor.requests) {
            if (isLost(request, actor)) actor.settled.add(request.id);
          }
          actor.lastIdBefore = actor.requests.length;
          actor.lastIdSince = 0;
        }
        return rig.restart();
    }
  }

  #ask(actor: Actor, request: ClientRequest): void {
    const { client, requests } = actor;
    if (request.id > requests.length) requests.push(request);
    actor.lastIdSince = Math.max(actor.lastIdSince, request.id);
    this.rig.ask(client.session, request);
    this.model.ask(client.session.client, request, this.rig.nowMs);
  }

  #actor(index: number): Actor {
    const [holder] = index < ACTORS_COUNT ? [] : this.rig.holders;
    const isHolder = ({ client }: Actor): boolean => client.session.client === holder;
    const actor = this.#actors.find(isHolder) ?? this.#actors[index % ACTORS_COUNT];
    if (actor === undefined) throw new Error(`There is no actor ${index}.`);
    return actor;
  }

  /** A new session takes the place of one that is over, whose name this returns. */
  #replace(index: number): string {
    const { client } = this.#actor(index);
    this.#actors[index] = this.#newActor();
    return client.session.client;
  }

  #newActor(): Actor {
    this.#sessionsCount += 1;
    const client = this.rig.client(`client ${this.#sessionsCount}`);
    return {
      client,
      requests: [],
      tokens: [],
      given: [],
      lastIdBefore: 0,
      lastIdSince: 0,
      settled: new Set(),
    };
  }
}

/** All that can be seen of a machine. */
export function picture(machine: Machine, clients: readonly Client[]): unknown {
  return {
    ...machine.inspect({ waitersMax: Infinity }),
    statistics: machine.statistics(),
    nextDeadlineMs: machine.nextDeadlineMs,
    disposable: machine.disposable,
    notConfigured: machine.notConfigured,
    sessions: clients.map(({ session }) => ({
      involved: machine.involves(session),
      tokens: machine.heldTokens(session),
    })),
  };
}

/** The last but `which`, going round. */
export function pick<Item>(items: readonly Item[], which: number): Item | undefined {
  return items.at(-1 - (which % Math.max(items.length, 1)));
}

/**
 * After a restart a client has another connection, and ids only grow on a connection: it repeats an old request before
 * it asks for anything else, or never.
 */
function isLost({ id }: ClientRequest, { lastIdBefore, lastIdSince, settled }: Actor): boolean {
  return settled.has(id) || (id <= lastIdBefore && id <= lastIdSince);
}

function saidBy(effect: Effect): Said[] {
  switch (effect.type) {
    case "reply": {
      const { reply, session } = effect;
      const is = "ok" in reply ? plain(reply.ok) : reply.error.code;
      return [{ to: session.client, re: reply.re, is }];
    }
    case "revoked":
    case "returned":
      return [{ to: effect.session.client, re: effect.type, is: effect.token }];
    case "put-claim":
    case "drop-claim":
    case "put-session":
    case "put-state":
    case "put-item":
    case "drop-item":
      return [];
  }
}

/** A delivery without its numbers, which nobody could foretell; an item that comes again has a mark. */
function plain(ok: Result): unknown {
  if (!("items" in ok)) return ok;
  return { delivered: ok.items.map((each) => (each.redelivered ? `${each.item}!` : each.item)) };
}

function inOrder(said: readonly Said[]): string[] {
  return said.map((each) => JSON.stringify(each)).toSorted();
}
