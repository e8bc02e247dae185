import * as fc from "fast-check";
import type { ClientRequest } from "../../objects/core/machine.ts";
import type { Config } from "../../sdk/protocol.ts";
import type { Client, Rig } from "./machines.ts";
import type { NaiveLine } from "./naive_line.ts";

const ACTORS_COUNT = 4;

/** `which` picks, among all there have been, a token or a request: a live one, one of the past, another's. */
type Act =
  | { do: "acquire"; who: number; permits: number; timeoutMs: number | null }
  | { do: "release" | "cancel" | "repeat"; who: number; which: number }
  | { do: "deposit"; who: number; permits: number }
  | { do: "statistics" | "end"; who: number };
type Event = { do: "revoke"; which: number } | { do: "wait"; ms: number } | { do: "restart" };
export type Step = Act | Event;

const who = fc.nat(ACTORS_COUNT - 1);
const which = fc.nat(30);
const permits = fc.integer({ min: 1, max: 4 });
const timeoutMs = fc.option(fc.nat(40), { freq: 2 });

const moves = {
  acquire: fc.record({ do: fc.constant("acquire"), who, permits, timeoutMs }),
  refer: fc.record({ do: fc.constantFrom("release", "cancel", "repeat"), who, which }),
  deposit: fc.record({ do: fc.constant("deposit"), who, permits }),
  speak: fc.record({ do: fc.constantFrom("statistics", "end"), who }),
  revoke: fc.record({ do: fc.constant("revoke"), which }),
  /** Clocks go back, too. */
  wait: fc.record({ do: fc.constant("wait"), ms: fc.integer({ min: -20, max: 40 }) }),
  restart: fc.record({ do: fc.constant("restart") }),
} as const;

const anyMove: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: moves.acquire },
  { weight: 8, arbitrary: moves.refer },
  { weight: 2, arbitrary: moves.deposit },
  { weight: 2, arbitrary: moves.speak },
  { weight: 1, arbitrary: moves.revoke },
  { weight: 3, arbitrary: moves.wait },
  { weight: 1, arbitrary: moves.restart },
);

export const anySteps: fc.Arbitrary<Step[]> = fc.array(anyMove, { maxLength: 80, size: "max" });

type LineRequest = Extract<
  ClientRequest,
  { op: "acquire" | "release" | "cancel" | "deposit" | "statistics" }
>;

interface Actor {
  readonly client: Client;
  readonly requests: LineRequest[];
  /** The greatest id that it had used before the last restart, and the greatest that it has used since. */
  lastIdBefore: number;
  lastIdSince: number;
  /** Requests that it did not repeat when it came back. */
  readonly answered: Set<number>;
}

/** Tells one story to a machine and to a model, step by step. Each session has a client name of its own. */
export class Story {
  readonly rig: Rig;
  readonly model: NaiveLine;
  /** All tokens that were ever granted, in order. */
  readonly tokens: number[] = [];
  readonly #config: Config | undefined;
  readonly #actors: Actor[] = [];
  #sessionsCount = 0;

  constructor({ rig, model, config }: { rig: Rig; model: NaiveLine; config?: Config | undefined }) {
    this.rig = rig;
    this.model = model;
    this.#config = config;
    for (let index = 0; index < ACTORS_COUNT; index += 1) this.#actors.push(this.#newActor());
    this.take({ do: "statistics", who: 0 });
  }

  /** The sessions that are open. */
  get clients(): Client[] {
    return this.#actors.map(({ client }) => client);
  }

  take(step: Step): void {
    this.rig.effects = [];
    this.model.said = [];
    if ("who" in step) this.#act(step, this.#actor(step.who));
    else this.#happen(step);
    for (const effect of this.rig.effects) {
      if (effect.type !== "put-claim" || effect.claim.state !== "held") continue;
      this.tokens.push(effect.claim.token);
    }
  }

  #happen(event: Event): void {
    const { rig, model } = this;
    switch (event.do) {
      case "revoke": {
        const token = pick(this.tokens, event.which) ?? 1;
        rig.apply({ type: "revoke", token });
        return model.revoke(token, rig.nowMs);
      }
      case "wait":
        rig.advance(event.ms);
        return model.expire(rig.nowMs);
      case "restart":
        for (const actor of this.#actors) {
          actor.lastIdBefore = actor.requests.length;
          actor.lastIdSince = 0;
        }
        return rig.restart();
    }
  }

  #act(act: Act, actor: Actor): void {
    const id = actor.requests.length + 1;
    const config = this.#config === undefined ? {} : { config: this.#config };
    switch (act.do) {
      case "acquire": {
        const timeout = act.timeoutMs === null ? {} : { timeoutMs: act.timeoutMs };
        const { permits } = act;
        return this.#ask(actor, { id, op: "acquire", permits, ...timeout, ...config });
      }
      case "release": {
        const token = pick(this.tokens, act.which) ?? 1;
        return this.#ask(actor, { id, op: "release", token });
      }
      case "cancel":
        return this.#ask(actor, { id, op: "cancel", target: act.which });
      case "deposit":
        return this.#ask(actor, { id, op: "deposit", permits: act.permits, ...config });
      case "statistics":
        return this.#ask(actor, { id, op: "statistics", ...config });
      case "repeat": {
        const request = pick(actor.requests, act.which);
        if (request !== undefined && !isLost(request, actor)) this.#ask(actor, request);
        return;
      }
      case "end":
        this.rig.apply({ type: "end-session", session: actor.client.session });
        this.model.end(actor.client.session.client, this.rig.nowMs);
        this.#actors[act.who] = this.#newActor();
    }
  }

  #ask(actor: Actor, request: LineRequest): void {
    const { model } = this;
    const { client, requests } = actor;
    const { nowMs } = this.rig;
    const from = client.session.client;
    if (request.id > requests.length) requests.push(request);
    // What it passes over it has an answer to, and will not ask again on any later connection either.
    for (let id = actor.lastIdSince + 1; id < request.id; id += 1) actor.answered.add(id);
    actor.lastIdSince = Math.max(actor.lastIdSince, request.id);
    this.rig.ask(client.session, request);
    switch (request.op) {
      case "acquire": {
        const { id, permits, timeoutMs = Infinity } = request;
        return model.acquire({ session: from, id, permits, timeoutMs }, nowMs);
      }
      case "release":
        return model.release(from, request.id, request.token, nowMs);
      case "cancel":
        return model.cancel(from, request.id, request.target, nowMs);
      case "deposit":
        return model.deposit(from, request.id, request.permits, nowMs);
      case "statistics":
        return model.statistics(from, request.id);
    }
  }

  #actor(index: number): Actor {
    const actor = this.#actors[index];
    if (actor === undefined) throw new Error(`There is no actor ${index}.`);
    return actor;
  }

  #newActor(): Actor {
    this.#sessionsCount += 1;
    const client = this.rig.client(`client ${this.#sessionsCount}`);
    return { client, requests: [], lastIdBefore: 0, lastIdSince: 0, answered: new Set() };
  }
}

/**
 * After a restart a client has another connection, and ids only grow on a connection: it repeats an old deposit
 * before it asks for anything else, or never.
 */
function isLost(request: ClientRequest, { lastIdBefore, lastIdSince, answered }: Actor): boolean {
  if (request.op !== "deposit") return false;
  return answered.has(request.id) || (request.id <= lastIdBefore && request.id <= lastIdSince);
}

function pick<Item>(items: readonly Item[], which: number): Item | undefined {
  return items.at(-1 - (which % Math.max(items.length, 1)));
}
