import { LIMITS, type AcquireRequest, type Fault } from "../../sdk/protocol.ts";
import type { Claim, HeldClaim, Session, WaitingClaim } from "./claim.ts";
import { Deadlines } from "./deadlines.ts";
import { invariant } from "./invariant.ts";
import { replyError, replyOk, type Effect, type Inspection, type Recovered } from "./machine.ts";
import { Tokens } from "./tokens.ts";
import { WaitQueue } from "./wait_queue.ts";

/**
 * Those who hold and those who wait for what they hold, over a number of permits.
 * Between two steps nobody waits for what is free (W2): every step that frees something ends in a hand-over.
 */
export class Line {
  readonly #tokens: Tokens;
  readonly #held = new Map<number, HeldClaim>();
  readonly #waiting = new WaitQueue<WaitingClaim>();
  readonly #deadlines = new Deadlines<WaitingClaim>();
  readonly #bySession = new Map<string, Map<number, Claim>>();
  #total: number;
  #heldPermits = 0;
  #lastTicket = 0;

  constructor(recovered: Pick<Recovered, "claims" | "lastToken">, total: number) {
    this.#tokens = new Tokens(recovered.lastToken);
    this.#total = total;
    const held = recovered.claims.filter((claim) => claim.state === "held");
    const waiting = recovered.claims.filter((claim) => claim.state === "waiting");
    for (const claim of held.toSorted((a, b) => a.token - b.token)) this.#hold(claim);
    for (const claim of waiting.toSorted((a, b) => a.ticket - b.ticket)) this.#wait(claim);
  }

  get total(): number {
    return this.#total;
  }

  /** What is free: negative where the total was lowered below what is held. */
  get free(): number {
    return this.#total - this.#heldPermits;
  }

  get tasksWaiting(): number {
    return this.#waiting.size;
  }

  get nextDeadlineMs(): number | null {
    return this.#deadlines.earliestMs;
  }

  get isEmpty(): boolean {
    return this.#bySession.size === 0;
  }

  holders(): Iterable<HeldClaim> {
    return this.#held.values();
  }

  involves(session: Session): boolean {
    return this.#bySession.has(session.id);
  }

  heldTokens(session: Session): number[] {
    return this.#claims(session).flatMap((claim) => (claim.state === "held" ? [claim.token] : []));
  }

  inspect({ waitersMax }: { waitersMax: number }): Inspection {
    const holders = Array.from(this.#held.values(), (claim) => ({
      client: claim.session.client,
      token: claim.token,
      permits: claim.permits,
      since: claim.grantedAtMs,
    }));
    const waiters = [];
    for (const claim of this.#waiting) {
      if (waiters.length === waitersMax) break;
      waiters.push({
        client: claim.session.client,
        permits: claim.permits,
        since: claim.requestedAtMs,
        position: waiters.length + 1,
      });
    }
    return { holders, waiters };
  }

  /** Grants, or joins the line; `timeoutMs` 0 does not wait, and nobody barges past those who do (W2, W6). */
  acquire(session: Session, request: AcquireRequest, nowMs: number): Effect[] {
    const known = this.#bySession.get(session.id)?.get(request.id);
    if (known?.state === "held") return [replyOk(session, request.id, { token: known.token })];
    if (known?.state === "waiting") return [];
    const fits = this.#waiting.size === 0 && request.permits <= this.free;
    const fault = this.#noRoom(session, fits);
    if (fault !== null) return [replyError(session, request.id, fault)];
    const base = { session, requestId: request.id, permits: request.permits, requestedAtMs: nowMs };
    if (fits) return this.#grant({ ...base, state: "waiting", ticket: 0, deadlineMs: null }, nowMs);
    if (request.timeoutMs === 0) return [replyError(session, request.id, TIMEOUT)];
    const claim: WaitingClaim = {
      ...base,
      state: "waiting",
      ticket: this.#lastTicket + 1,
      deadlineMs: request.timeoutMs === undefined ? null : nowMs + request.timeoutMs,
    };
    this.#wait(claim);
    return [{ type: "put-claim", claim }];
  }

  /** Ends what the token names, if the session owns it (LE3), and hands it over in the same step. */
  release(session: Session, token: number, nowMs: number): Effect[] | null {
    const claim = this.#held.get(token);
    if (claim === undefined || claim.session.id !== session.id) return null;
    return [this.#end(claim), ...this.handOver(nowMs)];
  }

  /** Withdraws an acquire, granted or not (W3). Nothing to withdraw is no error: it may have ended by itself. */
  cancel(session: Session, target: number, nowMs: number): Effect[] {
    const claim = this.#bySession.get(session.id)?.get(target);
    return claim === undefined ? [] : [this.#end(claim), ...this.handOver(nowMs)];
  }

  /** Ends all that the session has. Its waiters go before anything is handed over, so none of it comes back. */
  endSession(session: Session, nowMs: number): Effect[] {
    return [...this.#endAll(session), ...this.handOver(nowMs)];
  }

  /** An operator takes a held claim away; its owner is told. */
  revoke(token: number, nowMs: number): Effect[] {
    const claim = this.#held.get(token);
    if (claim === undefined) return [];
    const told: Effect = { type: "revoked", session: claim.session, token };
    return [this.#end(claim), told, ...this.handOver(nowMs)];
  }

  /** Lets the waiters go whose time is up (W4), and these sessions; only then is anything handed over (W3). */
  expire(sessions: readonly Session[], nowMs: number): Effect[] {
    const effects: Effect[] = [];
    for (;;) {
      const claim = this.#deadlines.takeDue(nowMs);
      if (claim === null) break;
      effects.push(this.#end(claim), replyError(claim.session, claim.requestId, TIMEOUT));
    }
    for (const session of sessions) effects.push(...this.#endAll(session));
    return effects.length === 0 ? effects : [...effects, ...this.handOver(nowMs)];
  }

  /** Changes how many permits there are, and admits those who now fit. */
  setTotal(total: number, nowMs: number): Effect[] {
    this.#total = total;
    return this.handOver(nowMs);
  }

  /** Grants from the front for as long as the first fits; a large request is never overtaken (W6). */
  handOver(nowMs: number): Effect[] {
    const effects: Effect[] = [];
    for (;;) {
      const first = this.#waiting.first();
      if (first === null || first.permits > this.free) return effects;
      this.#forget(first);
      effects.push(...this.#grant(first, nowMs));
    }
  }

  #endAll(session: Session): Effect[] {
    return this.#claims(session).map((claim) => this.#end(claim));
  }

  #claims(session: Session): readonly Claim[] {
    return [...(this.#bySession.get(session.id)?.values() ?? [])];
  }

  #noRoom(session: Session, fits: boolean): Fault | null {
    const own = this.#bySession.get(session.id)?.size ?? 0;
    if (own >= LIMITS.claimsPerSessionMax) {
      return limitExceeded("claimsPerSessionMax", "This session holds and waits for too much");
    }
    if (fits || this.#waiting.size < LIMITS.waitersMax) return null;
    return limitExceeded("waitersMax", "Too many wait in this line");
  }

  #grant(claim: WaitingClaim, nowMs: number): Effect[] {
    const { session, requestId, permits, requestedAtMs } = claim;
    const token = this.#tokens.next(nowMs);
    const held: HeldClaim = {
      state: "held",
      session,
      requestId,
      permits,
      requestedAtMs,
      token,
      grantedAtMs: nowMs,
    };
    invariant(permits <= this.free, "only what is free is granted");
    this.#hold(held);
    return [{ type: "put-claim", claim: held }, replyOk(session, requestId, { token })];
  }

  #hold(claim: HeldClaim): void {
    invariant(!this.#held.has(claim.token), "a token names one grant");
    this.#held.set(claim.token, claim);
    this.#heldPermits += claim.permits;
    this.#remember(claim);
  }

  #wait(claim: WaitingClaim): void {
    this.#lastTicket = Math.max(this.#lastTicket, claim.ticket);
    this.#waiting.join(claim);
    if (claim.deadlineMs !== null) this.#deadlines.set(claim, claim.deadlineMs);
    this.#remember(claim);
  }

  #end(claim: Claim): Effect {
    this.#forget(claim);
    return { type: "drop-claim", claim };
  }

  #remember(claim: Claim): void {
    const own = this.#bySession.get(claim.session.id);
    if (own === undefined) {
      this.#bySession.set(claim.session.id, new Map([[claim.requestId, claim]]));
      return;
    }
    invariant(!own.has(claim.requestId), "a request makes one claim");
    own.set(claim.requestId, claim);
  }

  #forget(claim: Claim): void {
    if (claim.state === "held") {
      this.#held.delete(claim.token);
      this.#heldPermits -= claim.permits;
    } else {
      this.#waiting.leave(claim);
      this.#deadlines.delete(claim);
    }
    const own = this.#bySession.get(claim.session.id);
    own?.delete(claim.requestId);
    if (own?.size === 0) this.#bySession.delete(claim.session.id);
  }
}

const TIMEOUT: Fault = {
  code: "timeout",
  message: "It was not to be had within the wait's time limit.",
};

function limitExceeded(limit: "claimsPerSessionMax" | "waitersMax", what: string): Fault {
  const max = LIMITS[limit];
  return { code: "limit-exceeded", message: `${what}: at most ${max}.`, limit, max };
}
