import type { Fault, Kind, Statistics } from "../../sdk/protocol.ts";
import type { Claim, HeldClaim, Session, WaitingClaim } from "./claim.ts";
import type { Claims } from "./claims.ts";
import { noSuchOperation, notOwner, TIMEOUT } from "./faults.ts";
import {
  replyError,
  replyOk,
  type ClientRequest,
  type Command,
  type Effect,
  type HolderReport,
  type Inspection,
  type Machine,
  type WaiterReport,
} from "./machine.ts";
import { isDone, leavesNoClaim, marked } from "./marks.ts";

/** How a claim can end. */
export type Ending =
  | "released"
  | "cancelled"
  | "timed-out"
  | "revoked"
  | "session-ended"
  | "session-expired";

/** What every primitive has in common: claims that are made, found again, and ended in all the ways there are. */
export abstract class PrimitiveMachine<Detail> implements Machine {
  protected readonly claims: Claims<Detail>;

  constructor(claims: Claims<Detail>) {
    this.claims = claims;
  }

  abstract readonly kind: Kind;
  abstract readonly disposable: boolean;
  abstract readonly notConfigured: Fault | null;
  abstract statistics(): Statistics;

  /** Effects of what a request's configuration fixes for the first time, or the fault in it. */
  protected abstract configure(request: ClientRequest): Effect[] | Fault;
  /** Carries out a request of the primitive's own; `null` for an operation that it does not have. */
  protected abstract serve(
    session: Session,
    request: ClientRequest,
    nowMs: number,
  ): Effect[] | null;
  /** Ends the claim and what hangs on it. What that frees is handed over afterwards, by `flow`. */
  protected abstract drop(claim: Claim<Detail>, how: Ending): Effect[];
  /** Gives what is free to those who wait for it (W2). Every step that frees something ends with it. */
  protected abstract flow(nowMs: number): Effect[];
  /** Those who wait, in the order in which they will be served. */
  protected abstract waiters(): Iterable<WaitingClaim<Detail>>;

  get nextDeadlineMs(): number | null {
    return this.claims.nextDeadlineMs;
  }

  involves(session: Session): boolean {
    return this.claims.involves(session);
  }

  heldTokens(session: Session): number[] {
    return this.claims.heldTokens(session);
  }

  holds(session: Session): boolean {
    return this.heldTokens(session).length > 0;
  }

  inspect({ waitersMax }: { waitersMax: number }): Inspection {
    const waiters: WaiterReport[] = [];
    for (const claim of this.waiters()) {
      if (waiters.length >= waitersMax) break;
      waiters.push({ ...this.reportWaiter(claim), position: waiters.length + 1 });
    }
    return {
      holders: Array.from(this.claims.held(), (claim) => this.reportHolder(claim)),
      waiters,
    };
  }

  apply(command: Command, nowMs: number): Effect[] {
    switch (command.type) {
      case "request":
        return this.#request(command.session, command.request, nowMs);
      case "end-session":
        return [...this.endAll(command.session, "session-ended"), ...this.flow(nowMs)];
      case "revoke": {
        const claim = this.claims.byToken(command.token);
        return claim === null ? [] : [...this.revoke(claim), ...this.flow(nowMs)];
      }
      case "expire":
        return this.#expire(command.sessions ?? [], nowMs);
    }
  }

  protected reportHolder({
    session,
    token,
    permits,
    grantedAtMs,
  }: HeldClaim<Detail>): HolderReport {
    return { client: session.client, token, permits, since: grantedAtMs };
  }

  protected reportWaiter(claim: WaitingClaim<Detail>): Omit<WaiterReport, "position"> {
    const { session, permits, requestedAtMs } = claim;
    return { client: session.client, permits, since: requestedAtMs };
  }

  /** Takes a held claim from its owner, who is told. */
  protected revoke(claim: HeldClaim<Detail>): Effect[] {
    const { session, token } = claim;
    return [...this.drop(claim, "revoked"), { type: "revoked", session, token }];
  }

  /** The wait's time is up (W4). */
  protected timeOut(claim: WaitingClaim<Detail>): Effect[] {
    const { session, requestId } = claim;
    return [...this.drop(claim, "timed-out"), replyError(session, requestId, TIMEOUT)];
  }

  /** Withdraws what a request made, granted or not (W3). Nothing to withdraw is no error: it may have ended. */
  protected cancel(session: Session, target: number): Effect[] {
    const claim = this.claims.find(session, target);
    return claim === null ? [] : this.withdraw(claim);
  }

  protected withdraw(claim: Claim<Detail>): Effect[] {
    return this.drop(claim, "cancelled");
  }

  /** What a cancel is answered with, as things are before it. */
  protected cancelAnswer(_session: Session, _target: number): object {
    return {};
  }

  /** A configuration where there is nothing to configure. */
  protected refuseConfig(request: ClientRequest): Effect[] | Fault {
    if (request.config === undefined) return [];
    return { code: "invalid-argument", message: `A ${this.kind} takes no configuration.` };
  }

  /** The session is over. Its waiting claims go first, so that nothing it held comes back to it. */
  protected endAll(session: Session, how: Ending): Effect[] {
    const claims = this.claims.of(session);
    const waiting = claims.filter(({ state }) => state === "waiting");
    const held = claims.filter(({ state }) => state === "held");
    return [...waiting, ...held].flatMap((claim) => this.drop(claim, how));
  }

  #request(session: Session, request: ClientRequest, nowMs: number): Effect[] {
    if (!leavesNoClaim(request)) return this.#judge(session, request, nowMs);
    const isLive = this.claims.find(session, request.id) !== null;
    if (!isLive && isDone(session, request)) return [replyOk(session, request.id)];
    return marked(session, request, this.#judge(session, request, nowMs));
  }

  #judge(session: Session, request: ClientRequest, nowMs: number): Effect[] {
    const configured = this.configure(request);
    if (!Array.isArray(configured)) return [replyError(session, request.id, configured)];
    return [...configured, ...this.#carryOut(session, request, nowMs)];
  }

  #carryOut(session: Session, request: ClientRequest, nowMs: number): Effect[] {
    if (request.op === "release") {
      const claim = this.claims.owned(session, request.token);
      if (claim === null) return [replyError(session, request.id, notOwner(request.token))];
      const released = [...this.drop(claim, "released"), ...this.flow(nowMs)];
      return [...released, replyOk(session, request.id)];
    }
    if (request.op === "cancel") {
      const answer = this.cancelAnswer(session, request.target);
      const cancelled = this.cancel(session, request.target);
      return [...cancelled, ...this.flow(nowMs), replyOk(session, request.id, answer)];
    }
    if (request.op === "statistics") return [replyOk(session, request.id, this.statistics())];
    const served = this.serve(session, request, nowMs);
    const fault = noSuchOperation(this.kind, request.op);
    return served ?? [replyError(session, request.id, fault)];
  }

  #expire(sessions: readonly Session[], nowMs: number): Effect[] {
    const effects = this.claims.takeDue(nowMs).flatMap((claim) => this.timeOut(claim));
    for (const session of sessions) effects.push(...this.endAll(session, "session-expired"));
    return effects.length === 0 ? effects : [...effects, ...this.flow(nowMs)];
  }
}
