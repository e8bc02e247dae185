import * as fc from "fast-check";
import type { Machine, Recovered } from "../../objects/core/machine.ts";
import type { Reply, Request } from "../../sdk/protocol.ts";
import { HostWorld, TTL_MS, type FakeSocket } from "./host_world.ts";

const PLAYERS_COUNT = 4;
const who = fc.nat(PLAYERS_COUNT - 1);

/** What a client asks is its kind's own; what can happen to it is the same for all. */
export type TaleStep<Plan> =
  | { do: "ask"; who: number; plan: Plan }
  | { do: "connect" | "drop"; who: number }
  | { do: "ping" | "end"; who: number }
  | { do: "wait"; ms: number }
  | { do: "end turn" | "round" | "ring" | "hibernate" | "crash" };

export function anyTaleOf<Plan>(plan: fc.Arbitrary<Plan>): fc.Arbitrary<TaleStep<Plan>[]> {
  const step: fc.Arbitrary<TaleStep<Plan>> = fc.oneof(
    { weight: 12, arbitrary: fc.record({ do: fc.constant("ask"), who, plan }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("connect", "connect", "drop"), who }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("ping", "end"), who }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.nat(TTL_MS) }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("end turn", "round", "ring") }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("hibernate", "crash") }) },
  );
  return fc.array(step, { maxLength: 70, size: "max" });
}

/** One session, as its client knows it. */
export interface Player {
  readonly index: number;
  readonly session: string;
  socket: FakeSocket | null;
  attempt: number;
  lastId: number;
  resume: boolean;
  /** What was asked and not answered yet: asked again on the next socket. */
  readonly owing: Map<number, Request>;
  heardAtMs: number;
}

/** How a kind is played: what a plan asks, if it can be asked now, and what its answer means. */
export interface Part<Plan> {
  readonly create: (recovered: Recovered) => Machine;
  /** A session of this player begins: it knows of nothing. */
  begins(player: Player): void;
  toRequest(plan: Plan, player: Player, id: number): Request | null;
  answered(player: Player, request: Request, reply: Reply): void;
}

/** Clients that use a host as they should, while the world does what it may. */
export class HostTale<Plan> {
  readonly world: HostWorld;
  readonly #part: Part<Plan>;
  readonly #players: Player[] = [];
  readonly #bySession = new Map<string, Player>();

  constructor(part: Part<Plan>) {
    this.#part = part;
    this.world = new HostWorld(part.create);
    for (let index = 0; index < PLAYERS_COUNT; index += 1) this.#begin(index);
  }

  take(step: TaleStep<Plan>): void {
    const { world } = this;
    if ("who" in step) this.#act(step, this.#player(step.who));
    else if (step.do === "wait") world.nowMs += step.ms;
    else if (step.do === "end turn") world.endTurn();
    else if (step.do === "round") world.round();
    else if (step.do === "ring") this.#ringIfDue();
    else this.#restart(step.do);
    this.#listen();
  }

  /** Everybody is there, has asked again what was not answered, and was answered. */
  heal(): void {
    for (const player of this.#players) this.#connect(player);
    this.take({ do: "end turn" });
    // A session that had ended meanwhile has another one in its place.
    for (const player of this.#players) if (player.socket === null) this.#connect(player);
    this.take({ do: "end turn" });
  }

  /** When the session was last heard; of one that is no player's nobody knows. */
  heardAtMs(session: string): number {
    const player = this.#bySession.get(session);
    if (player === undefined) return Infinity;
    return Math.max(player.heardAtMs, player.socket?.pingedAtMs ?? 0);
  }

  #act(step: Extract<TaleStep<Plan>, { who: number }>, player: Player): void {
    const { socket } = player;
    if (step.do === "connect") return this.#connect(player);
    if (socket === null) return;
    if (step.do === "drop") {
      socket.drop();
      player.socket = null;
    } else if (step.do === "ping") socket.ping();
    else if (step.do === "end") this.#ask(player, { id: player.lastId + 1, op: "end" });
    else if (step.do === "ask") {
      this.#ask(player, this.#part.toRequest(step.plan, player, player.lastId + 1));
    }
  }

  #ask(player: Player, request: Request | null): void {
    if (request === null) return;
    player.lastId = request.id;
    player.owing.set(request.id, request);
    this.#send(player, [request]);
  }

  #connect(player: Player): void {
    player.attempt += 1;
    const { session, attempt, resume } = player;
    player.socket = this.world.connect({ session, attempt, resume });
    this.#send(player, [...player.owing.values()]);
  }

  #send(player: Player, requests: Request[]): void {
    player.heardAtMs = this.world.nowMs;
    player.socket?.ask(...requests);
  }

  #ringIfDue(): void {
    if ((this.world.armedAtMs ?? Infinity) <= this.world.nowMs) this.world.ring();
  }

  #restart(how: "hibernate" | "crash"): void {
    if (how === "hibernate") {
      this.world.endTurn();
      this.world.restart({ sockets: "kept" });
      return;
    }
    for (const player of this.#players) player.socket = null;
    this.world.restart({ sockets: "lost" });
  }

  /** The clients read what has come for them. */
  #listen(): void {
    for (const player of this.#players) {
      const { socket } = player;
      for (const message of socket?.frames.splice(0).flat() ?? []) {
        if ("re" in message) this.#answered(player, message);
        else if (message.notice === "welcome") player.resume = true;
      }
      if (socket?.closedWith === 4410 || socket?.closedWith === 1000) this.#begin(player.index);
      else if (socket?.closedWith === 4409) player.socket = null;
    }
  }

  #answered(player: Player, reply: Reply): void {
    const request = player.owing.get(reply.re);
    if (request === undefined) throw new Error(`Request ${reply.re} was answered twice.`);
    player.owing.delete(reply.re);
    this.#part.answered(player, request, reply);
  }

  #player(index: number): Player {
    const player = this.#players[index];
    if (player === undefined) throw new Error(`There is no player ${index}.`);
    return player;
  }

  #begin(index: number): void {
    const player: Player = {
      index,
      session: `session-of-player-${this.#bySession.size}`,
      socket: null,
      attempt: 0,
      lastId: 0,
      resume: false,
      owing: new Map<number, Request>(),
      heardAtMs: 0,
    };
    this.#players[index] = player;
    this.#bySession.set(player.session, player);
    this.#part.begins(player);
  }
}
