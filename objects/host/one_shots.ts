import { LIMITS, readRequest, type Fault, type Reply, type Request } from "../../sdk/protocol.ts";
import type { ClientRequest, Command, Machine } from "../core/machine.ts";
import type { Asked, HeldLease, OneShotAnswer } from "./asked.ts";
import { newSession, type HostSession } from "./sessions.ts";
import type { Turn } from "./turn.ts";

/** The host's part in it. */
export interface Engine {
  readonly machine: Machine;
  readonly turn: Turn;
  readonly sessions: Map<string, HostSession>;
  /** The time of this event, once everything that was due by then has happened. */
  now(): number;
  /** Why there can be no session more; `null` while there can. */
  noRoom(): Fault | null;
  apply(command: Command, nowMs: number): void;
  watch(session: HostSession): void;
  forget(session: HostSession, nowMs: number): void;
}

/** The request that a call about a lease has made, and that waits. */
interface Begun {
  readonly id: number;
  /** What the lease stood for. */
  readonly held: object;
}

/** The request that begins a session; always this one, so that its repeat finds what it made. */
const FIRST_ID = 1;
/** For how long a repeat of a call is known. */
const ANSWERS_MS = 86_400_000;
/** They say that nothing was decided: a repeat may fare better. */
const UNDECIDED: ReadonlySet<Fault["code"]> = new Set(["limit-exceeded", "overloaded", "protocol"]);
/** What a lease stands for, by the operations that have to name it. */
const NAMED = { release: "token", notify: "token", wait: "token", send: "end", receive: "end" };

/**
 * Calls without a socket, in the same line as everybody else. Each has a session of its own, which lives while the
 * call waits; then it is the lease, and ends with what it holds, or when its time is up.
 */
export class OneShots {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The answer is given when it is durable, and never before this has returned. */
  ask(asked: Asked): void {
    const { turn, sessions } = this.#engine;
    const nowMs = this.#engine.now();
    const { oneShot, key } = asked;
    const before = key === null ? null : turn.answer(key);
    let begun: Begun | null = null;
    if (before !== null && before.expiresAtMs > nowMs) {
      if (before.fingerprint !== oneShot.idempotency?.fingerprint)
        return this.#refuse(asked, REUSED);
      const known = JSON.parse(before.text) as Pick<OneShotAnswer, "reply" | "lease"> | Begun;
      if ("reply" in known) {
        turn.afterwards(() => asked.answer({ ...known, replayed: true, waited: false }));
        return;
      }
      begun = known;
    }
    const session = sessions.get(oneShot.session);
    if (session !== undefined && session.secretHash !== oneShot.secretHash) {
      return this.#refuse(asked, NO_LEASE);
    }
    if (session !== undefined && this.#takeOver(asked, session)) return;
    if (!begins(asked)) this.#askFor(asked, session, { begun, nowMs });
    else this.#begin(asked, session, nowMs);
  }

  /** The caller is gone, and has the answer or not. What it waited for, or was granted unheard, goes to the next (W3). */
  hangUp(asked: Asked): void {
    const { at, key } = asked;
    if (at === null) return;
    const { session, id } = at;
    const nowMs = this.#engine.now();
    // The Worker asks once more where an answer was lost, and so what it was granted is the repeat's.
    if (begins(asked) && session.begunBy !== asked) return;
    const waits = session.calls.get(id) === asked;
    const mayBeUnheard = key === null && (begins(asked) || asked.waited);
    if (!waits && !mayBeUnheard) return;
    session.calls.delete(id);
    if (this.#engine.sessions.get(session.core.id) !== session) return;
    if (begins(asked)) return this.#end(session, nowMs);
    const cancel = { id: this.#nextId(session), op: "cancel", target: id } as const;
    this.#engine.apply({ type: "request", session: session.core, request: cancel }, nowMs);
    if (waits) this.#keep(session, nowMs);
  }

  /** The machine has answered. Called when its step is done. */
  settle(session: HostSession, id: number, reply: Reply, nowMs: number): void {
    const asked = session.calls.get(id);
    if (asked === undefined) return;
    session.calls.delete(id);
    if (asked.oneShot.confirms && "ok" in reply && "items" in reply.ok) {
      const confirm = { id: this.#nextId(session), op: "confirm" } as const;
      this.#engine.apply({ type: "request", session: session.core, request: confirm }, nowMs);
    }
    const holds = this.#engine.machine.holds(session.core);
    const lease = holds ? this.#keep(session, nowMs) : null;
    this.#answered(asked, "error" in reply ? { error: reply.error } : { ok: reply.ok }, {
      lease,
      nowMs,
    });
    // Last, for what is written decides whether the name has to be wiped some day.
    if (!holds && session.calls.size === 0) this.#end(session, nowMs);
  }

  /**
   * A repeat of a call that still waits has its place: whoever asked first is gone, or asks twice. Two calls that would
   * begin one session are one call, also without a key.
   */
  #takeOver(asked: Asked, session: HostSession): boolean {
    for (const [id, call] of session.calls) {
      const isRepeat = begins(call) ? begins(asked) : call.key !== null && call.key === asked.key;
      if (!isRepeat) continue;
      if (call.oneShot.idempotency?.fingerprint !== asked.oneShot.idempotency?.fingerprint) {
        this.#refuse(asked, REUSED);
        return true;
      }
      session.calls.set(id, asked);
      asked.at = { session, id };
      if (begins(asked)) session.begunBy = asked;
      this.#refuse(call, TAKEN_OVER);
      return true;
    }
    return false;
  }

  /** A session that is known already was begun by the same call, before its answer was lost: it finds its claim (LE5). */
  #begin(asked: Asked, known: HostSession | undefined, nowMs: number): void {
    const { session: id, secretHash, client, ttlMs } = asked.oneShot;
    const noRoom = known === undefined ? this.#engine.noRoom() : null;
    if (noRoom !== null) return this.#refuse(asked, noRoom);
    const opening = { session: id, client: client ?? "", ttlMs: ttlMs ?? 0 };
    const session = known ?? newSession(opening, secretHash);
    this.#engine.sessions.set(id, session);
    session.begunBy = asked;
    session.lastCallId = Math.max(session.lastCallId, FIRST_ID);
    this.#request(asked, session, { id: FIRST_ID, nowMs, held: {} });
  }

  /** Something about what the lease stands for. */
  #askFor(
    asked: Asked,
    session: HostSession | undefined,
    { begun, nowMs }: { begun: Begun | null; nowMs: number },
  ): void {
    const { machine } = this.#engine;
    if (session === undefined) return this.#refuse(asked, NO_LEASE);
    if (begun !== null) return this.#request(asked, session, { ...begun, nowMs });
    const { op } = asked.oneShot.body;
    // Who waits with a condition's lease holds nothing meanwhile, and may give it back all the same.
    const isWaiting = op === "release" && machine.involves(session.core);
    if (!isWaiting && !machine.holds(session.core)) {
      return this.#refuse(asked, session.calls.size > 0 ? GIVEN_UP : NO_LEASE);
    }
    session.ttlMs = asked.oneShot.ttlMs ?? session.ttlMs;
    const id = this.#nextId(session);
    if (op === "renew") {
      session.calls.set(id, asked);
      return this.settle(session, id, { re: id, ok: {} }, nowMs);
    }
    const [token] = machine.heldTokens(session.core);
    if (token === undefined && op === "release") {
      this.#engine.apply({ type: "end-session", session: session.core }, nowMs);
      const waiting = [...session.calls.keys()];
      session.calls.set(id, asked);
      for (const re of waiting) this.settle(session, re, { re, error: NO_LEASE }, nowMs);
      return this.settle(session, id, { re: id, ok: {} }, nowMs);
    }
    const name = Object.hasOwn(NAMED, op) ? NAMED[op as keyof typeof NAMED] : null;
    if (name !== null && token === undefined) return this.#refuse(asked, NO_LEASE);
    this.#request(asked, session, { id, nowMs, held: name === null ? {} : { [name]: token } });
  }

  #request(
    asked: Asked,
    session: HostSession,
    { id, nowMs, held }: { id: number; nowMs: number; held: object },
  ): void {
    const { body } = asked.oneShot;
    // Its answer is kept: one item, the largest that there can be, has room in a row.
    const bound = asked.key !== null && body.op === "receive" ? { max: 1 } : {};
    const request = readRequest({ ...body, ...held, ...bound, id });
    const isGood = request !== null && !("bad" in request) && isForMachine(request);
    asked.at = { session, id };
    session.calls.set(id, asked);
    if (isGood) this.#engine.apply({ type: "request", session: session.core, request }, nowMs);
    else {
      const error = request !== null && "bad" in request ? request.bad : NO_REQUEST;
      this.settle(session, id, { re: id, error }, nowMs);
    }
    if (session.calls.get(id) !== asked) return;
    asked.waited = true;
    this.#engine.turn.putSession(session);
    // The repeat of what begins a session finds it by its id; that of another call must be told which it was (LE5).
    if (!begins(asked)) this.#remember(asked, { id, held }, nowMs);
    this.#engine.watch(session);
  }

  #nextId(session: HostSession): number {
    session.lastCallId = Math.max(session.lastCallId, session.core.applied.through) + 1;
    return session.lastCallId;
  }

  /** Whoever has asked was there just now, so its time to live begins anew (LE1). */
  #keep(session: HostSession, nowMs: number): HeldLease {
    const { turn, machine } = this.#engine;
    const expiresAtMs = nowMs + session.ttlMs;
    session.link = { state: "detached", expiresAtMs };
    turn.putSession(session);
    this.#engine.watch(session);
    const [token = null] = machine.heldTokens(session.core);
    return { token, ttlMs: session.ttlMs, expiresAtMs };
  }

  #end(session: HostSession, nowMs: number): void {
    if (this.#engine.machine.involves(session.core)) {
      this.#engine.apply({ type: "end-session", session: session.core }, nowMs);
    }
    this.#engine.forget(session, nowMs);
  }

  #answered(
    asked: Asked,
    reply: OneShotAnswer["reply"],
    { lease, nowMs }: { lease: HeldLease | null; nowMs: number },
  ): void {
    const isDecided = !("error" in reply && UNDECIDED.has(reply.error.code));
    if (isDecided) this.#remember(asked, { reply, lease }, nowMs);
    const { waited } = asked;
    this.#engine.turn.afterwards(() => asked.answer({ reply, lease, replayed: false, waited }));
  }

  /** What a repeat of a call with a key is to know: its answer, or, while there is none, its request. */
  #remember(
    { oneShot }: Asked,
    known: Pick<OneShotAnswer, "reply" | "lease"> | Begun,
    nowMs: number,
  ): void {
    if (oneShot.idempotency === null) return;
    const { key, fingerprint } = oneShot.idempotency;
    const text = JSON.stringify(known);
    this.#engine.turn.putAnswer(key, { fingerprint, text, expiresAtMs: nowMs + ANSWERS_MS });
  }

  #refuse(asked: Asked, error: Fault): void {
    const { waited } = asked;
    const answer = { reply: { error }, lease: null, replayed: false, waited };
    this.#engine.turn.afterwards(() => asked.answer(answer));
  }
}

/** False where a lease names the session. */
function begins({ oneShot }: Asked): boolean {
  return oneShot.client !== null;
}

function isForMachine(request: Request): request is ClientRequest {
  return request.op !== "end";
}

const NO_LEASE: Fault = {
  code: "not-owner",
  message: "This lease is no more: it was released, has expired, was revoked, or never was.",
};
const GIVEN_UP: Fault = {
  code: "not-owner",
  message:
    "What this lease stood for is given up while a call of it waits: it can only be released.",
};
const REUSED: Fault = {
  code: "invalid-argument",
  message: "This idempotency key was used for another call: each call has a key of its own.",
};
const TAKEN_OVER: Fault = {
  code: "closed",
  message: "The same call came again, and waits in this one's place.",
};
const NO_REQUEST: Fault = {
  code: "protocol",
  message: `An operation is called by its name, with an object of at most ${LIMITS.frameCharactersMax} characters.`,
};
