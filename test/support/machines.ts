import { Applied } from "../../objects/core/applied.ts";
import type { Session } from "../../objects/core/claim.ts";
import type {
  ClientRequest,
  Command,
  Effect,
  Machine,
  Recovered,
} from "../../objects/core/machine.ts";
import type { Config, ErrorCode, Reply, Result } from "../../sdk/protocol.ts";
import { Rows } from "./rows.ts";

export type CreateMachine = (recovered: Recovered) => Machine;

export const START_MS = 1_700_000_000_000;

/** A machine, the clients that use it, and the rows that it would find again after a crash. */
export class Rig {
  nowMs = START_MS;
  /** Tokens that an operator took away, as their owners were told. */
  readonly revoked: number[] = [];
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
      if (effect.type !== "reply") continue;
      this.#calls.get(callKey(effect.session, effect.reply.re))?.replies.push(effect.reply);
    }
    return this.effects;
  }
}

/** One session's side of the rig. */
export class Client {
  readonly #rig: Rig;
  readonly #config: Config | undefined;
  session: Session;
  #lastId = 0;

  constructor(rig: Rig, session: Session, config: Config | undefined) {
    this.#rig = rig;
    this.session = session;
    this.#config = config;
  }

  acquire({ permits = 1, timeoutMs }: { permits?: number; timeoutMs?: number } = {}): Call {
    const request = { id: this.#nextId(), op: "acquire", permits, ...this.#stated() } as const;
    return this.#ask(timeoutMs === undefined ? request : { ...request, timeoutMs });
  }

  tryAcquire(permits = 1): Call {
    return this.acquire({ permits, timeoutMs: 0 });
  }

  release({ token }: { token: number }): Call {
    return this.#ask({ id: this.#nextId(), op: "release", token });
  }

  cancel({ request }: Call): Call {
    return this.#ask({ id: this.#nextId(), op: "cancel", target: request.id });
  }

  deposit(permits: number): Call {
    return this.#ask({ id: this.#nextId(), op: "deposit", permits, ...this.#stated() });
  }

  statistics(): Result | undefined {
    return this.#ask({ id: this.#nextId(), op: "statistics", ...this.#stated() }).result;
  }

  /** Asks again with the same request id, as after a disconnection. */
  repeat({ request }: Call): Call {
    return this.#ask(request);
  }

  /** The session ends: its client said so, or was silent for too long. */
  end(): void {
    this.#rig.apply({ type: "end-session", session: this.session });
  }

  #ask(request: ClientRequest): Call {
    return this.#rig.ask(this.session, request);
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #stated(): { config?: Config } {
    return this.#config === undefined ? {} : { config: this.#config };
  }
}

/** A request, and what its client has heard of it. */
export class Call {
  readonly request: ClientRequest;
  readonly replies: Reply[] = [];

  constructor(request: ClientRequest) {
    this.request = request;
  }

  get fate(): "unanswered" | "granted" | "done" | ErrorCode {
    const reply = this.replies.at(-1);
    if (reply === undefined) return "unanswered";
    if ("error" in reply) return reply.error.code;
    return "token" in reply.ok ? "granted" : "done";
  }

  get result(): Result | undefined {
    const reply = this.replies.at(-1);
    return reply !== undefined && "ok" in reply ? reply.ok : undefined;
  }

  get token(): number {
    if (this.result === undefined || !("token" in this.result)) {
      throw new Error(`Not granted: ${this.fate}.`);
    }
    return this.result.token;
  }
}

function callKey(session: Session, id: number): string {
  return `${session.id}/${id}`;
}
