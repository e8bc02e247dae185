import { Applied } from "../../objects/core/applied.ts";
import type { Session } from "../../objects/core/claim.ts";
import type {
  ClientRequest,
  Command,
  Effect,
  Machine,
  Recovered,
} from "../../objects/core/machine.ts";
import type { Config } from "../../sdk/protocol.ts";
import { Call } from "./core/call.ts";
import { Client } from "./core/client.ts";
import { Rows } from "./rows.ts";

export type { Call, Client };

export type CreateMachine = (recovered: Recovered) => Machine;

export const START_MS = 1_700_000_000_000;

/** A machine, the clients that use it, and the rows that it would find again after a crash. */
export class Rig {
  nowMs = START_MS;
  /** Tokens that an operator took away, as their owners were told. */
  readonly revoked: number[] = [];
  /** Tokens that their owners were told they have given back, by the borrower's name. */
  readonly returned: number[] = [];
  /** What the last command had for effects. */
  effects: readonly Effect[] = [];
  readonly rows = new Rows();
  readonly #create: CreateMachine;
  readonly #calls = new Map<string, Call>();
  readonly #clients: Client[] = [];
  #machine: Machine;

  constructor(create: CreateMachine) {
    this.#create = create;
    this.#machine = create(this.rows.recovered(new Map()));
  }

  get machine(): Machine {
    return this.#machine;
  }

  /** What the last command wrote. */
  get written(): Effect["type"][] {
    return this.effects
      .map(({ type }) => type)
      .filter((type) => type.startsWith("put") || type.startsWith("drop"));
  }

  /** Who waits, in the order in which they will be served. */
  get line(): string[] {
    const { waiters } = this.machine.inspect({ waitersMax: Infinity });
    return waiters.map(({ client }) => client);
  }

  get holders(): string[] {
    return this.machine.inspect({ waitersMax: 0 }).holders.map(({ client }) => client);
  }

  /** A client with a new session. `config` is what it states when it asks for something. */
  client(name: string, config?: Config): Client {
    const session = { id: `${name}-${this.#clients.length}`, client: name, applied: new Applied() };
    const client = new Client(this, session, config);
    this.#clients.push(client);
    return client;
  }

  clients<Name extends string>(names: readonly Name[], config?: Config): Record<Name, Client> {
    const entries = names.map((name) => [name, this.client(name, config)]);
    return Object.fromEntries(entries) as Record<Name, Client>;
  }

  ask(session: Session, request: ClientRequest): Call {
    const key = callKey(session, request.id);
    const call = this.#calls.get(key) ?? new Call(request);
    this.#calls.set(key, call);
    this.apply({ type: "request", session, request });
    return call;
  }

  /** The clock moves, and what is due expires, as the host would have it before anything else. */
  advance(ms: number): readonly Effect[] {
    this.nowMs += ms;
    return this.apply({ type: "expire" });
  }

  /** These clients were silent for too long: at one moment, all of them. */
  silence(...clients: readonly Client[]): void {
    this.apply({ type: "expire", sessions: clients.map(({ session }) => session) });
  }

  revoke(call: Call): void {
    this.apply({ type: "revoke", token: call.token });
  }

  /** A crash: what was only in memory is gone. */
  restart(): void {
    for (const client of this.#clients) client.session = this.rows.session(client.session);
    const sessions = this.#clients.map(({ session }) => [session.id, session] as const);
    this.#machine = this.#create(this.rows.recovered(new Map(sessions)));
  }

  /** The machine that a crash would leave, while this one goes on. */
  rebuilt(): Machine {
    const sessions = this.#clients.map(({ session }) => this.rows.session(session));
    const byId = new Map(sessions.map((session) => [session.id, session]));
    return this.#create(this.rows.recovered(byId));
  }

  apply(command: Command): readonly Effect[] {
    this.effects = this.machine.apply(command, this.nowMs);
    this.rows.write(this.effects);
    for (const effect of this.effects) {
      if (effect.type === "revoked") this.revoked.push(effect.token);
      if (effect.type === "returned") this.returned.push(effect.token);
      if (effect.type !== "reply") continue;
      this.#calls.get(callKey(effect.session, effect.reply.re))?.replies.push(effect.reply);
    }
    return this.effects;
  }
}

function callKey(session: Session, id: number): string {
  return `${session.id}/${id}`;
}
