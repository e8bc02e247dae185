import type {
  AcquireRequest,
  DepositRequest,
  Fault,
  Kind,
  Statistics,
} from "../../sdk/protocol.ts";
import type { Session } from "./claim.ts";
import type { Line } from "./line.ts";
import {
  replyError,
  replyOk,
  type ClientRequest,
  type Command,
  type Effect,
  type Inspection,
  type Machine,
} from "./machine.ts";

/** What every primitive with one line has in common; a subclass says what an acquire may ask for. */
export abstract class LineMachine implements Machine {
  protected readonly line: Line;

  constructor(line: Line) {
    this.line = line;
  }

  abstract readonly kind: Kind;
  abstract readonly disposable: boolean;
  abstract readonly notConfigured: Fault | null;
  abstract statistics(): Statistics;
  /** Effects of what a request's configuration fixes for the first time, or the fault in it. */
  protected abstract configure(request: ClientRequest): Effect[] | Fault;
  protected abstract acquire(session: Session, request: AcquireRequest, nowMs: number): Effect[];

  get nextDeadlineMs(): number | null {
    return this.line.nextDeadlineMs;
  }

  involves(session: Session): boolean {
    return this.line.involves(session);
  }

  heldTokens(session: Session): number[] {
    return this.line.heldTokens(session);
  }

  inspect(options: { waitersMax: number }): Inspection {
    return this.line.inspect(options);
  }

  apply(command: Command, nowMs: number): Effect[] {
    switch (command.type) {
      case "request":
        return this.#request(command.session, command.request, nowMs);
      case "end-session":
        return this.line.endSession(command.session, nowMs);
      case "revoke":
        return this.line.revoke(command.token, nowMs);
      case "expire":
        return this.line.expire(command.sessions ?? [], nowMs);
    }
  }

  #request(session: Session, request: ClientRequest, nowMs: number): Effect[] {
    if (request.op !== "deposit") return this.#judge(session, request, nowMs);
    if (session.applied.has(request.id)) return [replyOk(session, request.id)];
    const effects = this.#judge(session, request, nowMs);
    if (effects.some((effect) => isRefusal(effect, session, request))) {
      session.applied.refused(request.id);
      return effects;
    }
    session.applied.took(request.id);
    return [...effects, { type: "put-session", session }];
  }

  #judge(session: Session, request: ClientRequest, nowMs: number): Effect[] {
    const configured = this.configure(request);
    if (!Array.isArray(configured)) return [replyError(session, request.id, configured)];
    return [...configured, ...this.#serve(session, request, nowMs)];
  }

  #serve(session: Session, request: ClientRequest, nowMs: number): Effect[] {
    switch (request.op) {
      case "acquire":
        return this.acquire(session, request, nowMs);
      case "release": {
        const released = this.line.release(session, request.token, nowMs);
        if (released === null) return [replyError(session, request.id, notOwner(request.token))];
        return [...released, replyOk(session, request.id)];
      }
      case "cancel": {
        const cancelled = this.line.cancel(session, request.target, nowMs);
        return [...cancelled, replyOk(session, request.id)];
      }
      case "deposit":
        return this.deposit(session, request, nowMs);
      case "statistics":
        return [replyOk(session, request.id, this.statistics())];
    }
  }

  /** Only a semaphore takes permits that nobody held. */
  protected deposit(session: Session, request: DepositRequest, _nowMs: number): Effect[] {
    const message = `A ${this.kind} has no operation "${request.op}".`;
    return [replyError(session, request.id, { code: "protocol", message })];
  }
}

function isRefusal(effect: Effect, { id }: Session, request: ClientRequest): boolean {
  if (effect.type !== "reply" || effect.session.id !== id) return false;
  return effect.reply.re === request.id && "error" in effect.reply;
}

function notOwner(token: number): Fault {
  return {
    code: "not-owner",
    message: `This session does not hold the lease with token ${token}: it was released, lost, or is another's.`,
  };
}
