import { LIMITS, type Fault } from "../../sdk/protocol.ts";
import type { Claim, HeldClaim, Session, WaitingClaim } from "./claim.ts";
import { limitExceeded } from "./faults.ts";
import { invariant } from "./invariant.ts";
import { LeastFirst } from "./least_first.ts";
import type { Effect, Recovered } from "./machine.ts";
import { Tokens } from "./tokens.ts";

/** What a session asks for; it becomes a claim when it waits or is granted. */
export interface Asked<Detail> {
  readonly session: Session;
  readonly requestId: number;
  readonly permits: number;
  readonly detail: Detail;
}

/**
 * Every claim on one object: found by its session and request (LE5), by its token, and by its deadline. Which lines
 * the waiting ones stand in is the machines' affair.
 */
export class Claims<Detail> {
  readonly #tokens: Tokens;
  readonly #held = new Map<number, HeldClaim<Detail>>();
  readonly #deadlines = new LeastFirst<WaitingClaim<Detail>>();
  readonly #bySession = new Map<string, Map<number, Claim<Detail>>>();
  #lastTicket: number;

  /** `lastTicket` is one that no claim may have any more, where the machine remembers such. */
  constructor(recovered: Pick<Recovered, "claims" | "lastToken">, lastTicket = 0) {
    this.#tokens = new Tokens(recovered.lastToken);
    this.#lastTicket = lastTicket;
    for (const claim of inOrder<Detail>(recovered.claims)) this.#add(claim);
  }

  get isEmpty(): boolean {
    return this.#bySession.size === 0;
  }

  get lastTicket(): number {
    return this.#lastTicket;
  }

  get nextDeadlineMs(): number | null {
    return this.#deadlines.leastKey;
  }

  /** In the order in which they were granted. */
  held(): Iterable<HeldClaim<Detail>> {
    return this.#held.values();
  }

  /** In the order in which they came, whatever they wait for. */
  *waiting(): Generator<WaitingClaim<Detail>> {
    const waiting: WaitingClaim<Detail>[] = [];
    for (const own of this.#bySession.values()) {
      for (const claim of own.values()) if (claim.state === "waiting") waiting.push(claim);
    }
    yield* waiting.toSorted((a, b) => a.ticket - b.ticket);
  }

  of(session: Session): readonly Claim<Detail>[] {
    return [...(this.#bySession.get(session.id)?.values() ?? [])];
  }

  involves(session: Session): boolean {
    return this.#bySession.has(session.id);
  }

  heldTokens(session: Session): number[] {
    return this.of(session).flatMap((claim) => (claim.state === "held" ? [claim.token] : []));
  }

  find(session: Session, requestId: number): Claim<Detail> | null {
    return this.#bySession.get(session.id)?.get(requestId) ?? null;
  }

  /** The held claim that the token names, if the session owns it (LE3). */
  owned(session: Session, token: number): HeldClaim<Detail> | null {
    const claim = this.#held.get(token);
    return claim?.session.id === session.id ? claim : null;
  }

  byToken(token: number): HeldClaim<Detail> | null {
    return this.#held.get(token) ?? null;
  }

  /** Why the session can have no more claims; `null` while it can. */
  noRoom(session: Session): Fault | null {
    const own = this.#bySession.get(session.id)?.size ?? 0;
    if (own < LIMITS.claimsPerSessionMax) return null;
    return limitExceeded("claimsPerSessionMax", "This session holds and waits for too much");
  }

  /** A claim that waits, behind every other. */
  wait(asked: Asked<Detail>, nowMs: number, timeoutMs?: number): WaitingClaim<Detail> {
    const claim: WaitingClaim<Detail> = {
      ...asked,
      state: "waiting",
      requestedAtMs: nowMs,
      ticket: this.#lastTicket + 1,
      deadlineMs: timeoutMs === undefined ? null : nowMs + timeoutMs,
    };
    this.#add(claim);
    return claim;
  }

  /** The claim waits on as something else: behind every other, and for as long as it takes. */
  waitOn(claim: Claim<Detail>, detail: Detail): WaitingClaim<Detail> {
    this.#remove(claim);
    const { session, requestId, permits, requestedAtMs } = claim;
    const ticket = this.#lastTicket + 1;
    const base = { session, requestId, permits, requestedAtMs, detail };
    const waiting: WaitingClaim<Detail> = { ...base, state: "waiting", ticket, deadlineMs: null };
    this.#add(waiting);
    return waiting;
  }

  /** Grants what was asked, or what waited, with the next token (LE2). */
  grant(asked: Asked<Detail> | WaitingClaim<Detail>, nowMs: number): HeldClaim<Detail> {
    const { session, requestId, permits, detail } = asked;
    const waited = "state" in asked;
    if (waited) this.#remove(asked);
    const claim: HeldClaim<Detail> = {
      state: "held",
      session,
      requestId,
      permits,
      detail,
      requestedAtMs: waited ? asked.requestedAtMs : nowMs,
      token: this.#tokens.next(nowMs),
      grantedAtMs: nowMs,
    };
    this.#add(claim);
    return claim;
  }

  /** The claim stays what and where it is, with another detail. */
  change<Each extends Claim<Detail>>(claim: Each, detail: Detail): Each {
    const changed = { ...claim, detail };
    if (changed.state === "held") this.#held.set(changed.token, changed);
    else if (claim.state === "waiting") this.#deadlines.replace(claim, changed);
    this.#bySession.get(claim.session.id)?.set(claim.requestId, changed);
    return changed;
  }

  end(claim: Claim<Detail>): Effect {
    this.#remove(claim);
    return { type: "drop-claim", claim };
  }

  /** The claim has what it waited for, and is only remembered: its deadline is over. */
  settle(claim: WaitingClaim<Detail>): void {
    this.#deadlines.delete(claim);
  }

  /** The waiting claims whose time is up at `nowMs` (W4): by their deadlines, and where those are one, as they came (W1). */
  takeDue(nowMs: number): WaitingClaim<Detail>[] {
    const due: WaitingClaim<Detail>[] = [];
    for (;;) {
      const claim = this.#deadlines.takeUpTo(nowMs);
      if (claim === null) return due.toSorted(byDeadline);
      due.push(claim);
    }
  }

  #add(claim: Claim<Detail>): void {
    if (claim.state === "held") {
      invariant(!this.#held.has(claim.token), "a token names one grant");
      this.#held.set(claim.token, claim);
    } else {
      this.#lastTicket = Math.max(this.#lastTicket, claim.ticket);
      if (claim.deadlineMs !== null) this.#deadlines.set(claim, claim.deadlineMs);
    }
    const own = this.#bySession.get(claim.session.id);
    invariant(own?.has(claim.requestId) !== true, "a request makes one claim");
    if (own === undefined) {
      this.#bySession.set(claim.session.id, new Map([[claim.requestId, claim]]));
    } else own.set(claim.requestId, claim);
  }

  #remove(claim: Claim<Detail>): void {
    if (claim.state === "held") this.#held.delete(claim.token);
    else this.#deadlines.delete(claim);
    const own = this.#bySession.get(claim.session.id);
    invariant(own?.get(claim.requestId) === claim, "only what is there ends");
    own.delete(claim.requestId);
    if (own.size === 0) this.#bySession.delete(claim.session.id);
  }
}

function byDeadline(a: WaitingClaim, b: WaitingClaim): number {
  return (a.deadlineMs ?? 0) - (b.deadlineMs ?? 0) || a.ticket - b.ticket;
}

/** Claims come from the disk in no order: the granted ones by their tokens, the others by their tickets. */
function inOrder<Detail>(claims: readonly Claim[]): Claim<Detail>[] {
  const order = (claim: Claim): number => (claim.state === "held" ? claim.token : claim.ticket);
  return (claims as readonly Claim<Detail>[]).toSorted((a, b) => order(a) - order(b));
}
