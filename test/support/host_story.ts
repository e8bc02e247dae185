import * as fc from "fast-check";
import type { Request } from "../../sdk/protocol.ts";
import { HostWorld, TTL_MS, type FakeSocket } from "./host_world.ts";

const ACTORS_COUNT = 4;
const who = fc.nat(ACTORS_COUNT - 1);

export type Step =
  | { do: "acquire"; who: number; timeoutMs: number | null }
  | { do: "release" | "cancel" | "end" | "connect" | "drop" | "ping"; who: number }
  | { do: "wait"; ms: number }
  | { do: "end turn" | "ring" | "hibernate" | "crash" | "revoke" };

const timeoutMs = fc.option(fc.nat(TTL_MS), { freq: 2 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("acquire"), who, timeoutMs }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("release", "cancel"), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("connect", "drop", "ping"), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("end"), who }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.integer({ min: 0, max: TTL_MS }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("end turn", "end turn", "ring") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("hibernate", "crash", "revoke") }) },
);

export const anySteps = fc.array(anyStep, { maxLength: 60, size: "max" });

/** One session, as its client knows it. */
interface Actor {
  readonly session: string;
  socket: FakeSocket | null;
  attempt: number;
  lastId: number;
  resume: boolean;
  /** What was asked and not answered yet: asked again on the next socket. */
  readonly owing: Map<number, Request>;
  readonly heldTokens: Set<number>;
  heardAtMs: number;
}

/** Clients that use a lock's host as they should, while the world does what it may. */
export class HostStory {
  readonly world = new HostWorld();
  /** Every token that a client was told, in the order of telling. */
  readonly told: number[] = [];
  /** Sessions that gave up what they held, or had it taken away by an operator. */
  readonly gaveUp = new Set<string>();
  readonly #actors: Actor[] = [];
  readonly #bySession = new Map<string, Actor>();

  constructor() {
    for (let index = 0; index < ACTORS_COUNT; index += 1) this.#renew(index);
  }

  take(step: Step): void {
    const { world } = this;
    this.gaveUp.clear();
    if ("who" in step) this.#act(step);
    else if (step.do === "wait") world.nowMs += step.ms;
    else if (step.do === "end turn") world.endTurn();
    else if (step.do === "ring") this.#ringIfDue();
    else if (step.do === "revoke") this.#revoke();
    else this.#restart(step.do);
    this.#listen();
  }

  /** When the session was last heard, by request or ping. */
  heardAtMs(session: string): number {
    const actor = this.#bySession.get(session);
    return Math.max(actor?.heardAtMs ?? 0, actor?.socket?.pingedAtMs ?? 0);
  }

  #act(step: Extract<Step, { who: number }>): void {
    const actor = this.#actors[step.who];
    if (actor === undefined) throw new Error(`There is no actor ${step.who}.`);
    const { socket } = actor;
    if (step.do === "connect") return this.#connect(actor);
    if (socket === null) return;
    if (step.do === "drop") {
      socket.drop();
      actor.socket = null;
    } else if (step.do === "ping") {
      socket.ping();
      actor.heardAtMs = this.world.nowMs;
    } else this.#ask(actor, step);
  }

  #ask(actor: Actor, step: Extract<Step, { who: number }>): void {
    const id = actor.lastId + 1;
    const request = requestOf(step, id, actor);
    if (request === null) return;
    actor.lastId = id;
    actor.owing.set(id, request);
    if (request.op !== "acquire") this.gaveUp.add(actor.session);
    this.#send(actor, [request]);
  }

  #connect(actor: Actor): void {
    actor.attempt += 1;
    const { session, attempt, resume } = actor;
    actor.socket = this.world.connect({ session, attempt, resume });
    actor.heardAtMs = this.world.nowMs;
    if (actor.owing.size === 0) return;
    // What comes again may be a release that was lost on the way.
    this.gaveUp.add(session);
    this.#send(actor, [...actor.owing.values()]);
  }

  #send(actor: Actor, requests: Request[]): void {
    actor.socket?.ask(...requests);
    actor.heardAtMs = this.world.nowMs;
  }

  #ringIfDue(): void {
    if ((this.world.armedAtMs ?? Infinity) <= this.world.nowMs) this.world.ring();
  }

  #revoke(): void {
    for (const claim of this.world.store.claims.values()) {
      if (claim.state !== "held") continue;
      this.gaveUp.add(claim.session);
      this.world.host.revoke(claim.token);
    }
  }

  #restart(how: "hibernate" | "crash"): void {
    if (how === "hibernate") {
      this.world.endTurn();
      this.world.restart({ sockets: "kept" });
      return;
    }
    for (const actor of this.#actors) actor.socket = null;
    this.world.restart({ sockets: "lost" });
  }

  /** The clients read what has come for them. */
  #listen(): void {
    for (const [index, actor] of this.#actors.entries()) {
      const { socket } = actor;
      for (const message of socket?.frames.splice(0).flat() ?? []) {
        if ("re" in message) this.#answered(actor, message);
        else if (message.notice === "welcome") actor.resume = true;
        else if (message.notice === "lost") actor.heldTokens.delete(message.token);
      }
      if (socket?.closedWith === 4410 || socket?.closedWith === 1000) this.#renew(index);
      else if (socket?.closedWith === 4409) actor.socket = null;
    }
  }

  #answered(actor: Actor, reply: { re: number; ok?: object }): void {
    const request = actor.owing.get(reply.re);
    if (request === undefined) throw new Error(`Request ${reply.re} was answered twice.`);
    actor.owing.delete(reply.re);
    if (request.op === "release") actor.heldTokens.delete(request.token);
    if (reply.ok === undefined || !("token" in reply.ok)) return;
    const token = Number(reply.ok.token);
    actor.heldTokens.add(token);
    this.told.push(token);
  }

  #renew(index: number): void {
    const actor = {
      session: `session-${String(this.#bySession.size).padStart(8, "0")}`,
      socket: null,
      attempt: 0,
      lastId: 0,
      resume: false,
      owing: new Map<number, Request>(),
      heldTokens: new Set<number>(),
      heardAtMs: 0,
    };
    this.#actors[index] = actor;
    this.#bySession.set(actor.session, actor);
  }
}

function requestOf(
  step: Extract<Step, { who: number }>,
  id: number,
  { heldTokens, owing }: Actor,
): Request | null {
  switch (step.do) {
    case "acquire": {
      const request = { id, op: "acquire", permits: 1 } as const;
      return step.timeoutMs === null ? request : { ...request, timeoutMs: step.timeoutMs };
    }
    case "release": {
      const [token] = heldTokens;
      return token === undefined ? null : { id, op: "release", token };
    }
    case "cancel": {
      const [target] = owing.keys();
      return target === undefined ? null : { id, op: "cancel", target };
    }
    case "end":
      return { id, op: "end" };
    case "connect":
    case "drop":
    case "ping":
      return null;
  }
}
