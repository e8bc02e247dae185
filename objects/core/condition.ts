import {
  LIMITS,
  type ConditionStatistics,
  type WaitRequest,
  type Fault,
  type NotifyRequest,
} from "../../sdk/protocol.ts";
import type { Claim, Session, WaitingClaim } from "./claim.ts";
import { invalid, isWhole, limitExceeded, notOwner } from "./faults.ts";
import { LineMachine } from "./line_machine.ts";
import { lockStatistics, onePermit } from "./lock.ts";
import {
  replyError,
  replyOk,
  type ClientRequest,
  type Effect,
  type Recovered,
  type WaiterReport,
} from "./machine.ts";
import type { Ending } from "./primitive_machine.ts";
import { WaitQueue } from "./wait_queue.ts";

/**
 * What became of a `wait`: it is parked until it is notified, times out or is cancelled; then it stands in the
 * lock's line, and the grant of the lock says which it was. `null` is an acquire, which never waited.
 */
type Fate = "parked" | "notified" | "timed-out" | "cancelled" | null;

/** A condition: a lock's line, and those who gave the lock up to be notified (CO1–CO6). */
export class ConditionMachine extends LineMachine<Fate> {
  readonly kind = "condition";
  readonly notConfigured = null;
  readonly #parked = new WaitQueue<WaitingClaim<Fate>>();
  /** Notifications whose waiters have ended before they had the lock: each is for the next in line (CO4). */
  #passedOn = 0;

  constructor(recovered: Recovered) {
    super(recovered, 1, {
      answer: ({ token, detail }) => (isWoken(detail) ? { token, woken: detail } : { token }),
      isInLine: ({ detail }) => detail !== "parked",
    });
    for (const claim of this.claims.waiting()) {
      if (claim.detail === "parked") this.#parked.join(claim);
    }
  }

  get disposable(): boolean {
    return this.claims.isEmpty;
  }

  statistics(): ConditionStatistics {
    return {
      tasksWaiting: this.#parked.size,
      lock: lockStatistics(this.line, this.claims.held()),
    };
  }

  protected configure(request: ClientRequest): Effect[] | Fault {
    return this.refuseConfig(request);
  }

  protected serve(session: Session, request: ClientRequest, nowMs: number): Effect[] | null {
    if (request.op === "acquire") {
      const fault = onePermit(request);
      if (fault !== null) return [replyError(session, request.id, fault)];
      return this.acquire(session, request, null, nowMs);
    }
    if (request.op === "wait") return this.#wait(session, request, nowMs);
    return request.op === "notify" ? this.#notifyFor(session, request) : null;
  }

  protected override drop(claim: Claim<Fate>, how: Ending): Effect[] {
    if (this.#owesNotification(claim, how)) this.#passedOn += 1;
    if (claim.state === "waiting" && claim.detail === "parked") {
      this.#parked.leave(claim);
      return [this.claims.end(claim)];
    }
    return super.drop(claim, how);
  }

  protected override flow(nowMs: number): Effect[] {
    const passedOn = this.#notify(this.#passedOn);
    this.#passedOn = 0;
    return [...passedOn, ...super.flow(nowMs)];
  }

  /** A wait has the lock again before it rejects (CO5). */
  protected override timeOut(claim: WaitingClaim<Fate>): Effect[] {
    return claim.detail === "parked" ? [this.#toLine(claim, "timed-out")] : super.timeOut(claim);
  }

  /** Of a wait that is cancelled only the wait ends: it has the lock again before it rejects (CO5). */
  protected override withdraw(claim: Claim<Fate>): Effect[] {
    switch (claim.detail) {
      case "parked":
        return claim.state === "waiting" ? [this.#toLine(claim, "cancelled")] : [];
      case "notified":
        this.#passedOn += 1;
        return [this.#cancelNotified(claim)];
      case "timed-out":
      case "cancelled":
        return [];
      case null:
        return super.withdraw(claim);
    }
  }

  protected override *waiters(): Generator<WaitingClaim<Fate>> {
    yield* super.waiters();
    yield* this.#parked;
  }

  protected override reportWaiter(claim: WaitingClaim<Fate>): Omit<WaiterReport, "position"> {
    const waitsFor = claim.detail === "parked" ? "notification" : "lock";
    return { ...super.reportWaiter(claim), waitsFor };
  }

  /** Gives up the lock and waits, in one step (CO2). */
  #wait(session: Session, { id, token, timeoutMs }: WaitRequest, nowMs: number): Effect[] {
    const known = this.claims.find(session, id);
    if (known !== null) return known.state === "held" ? [this.line.tell(known)] : [];
    const held = token === undefined ? null : this.claims.owned(session, token);
    if (held === null) return [replyError(session, id, notOwner(token ?? 0))];
    if (this.#parked.size >= LIMITS.waitersMax) {
      return [
        replyError(session, id, limitExceeded("waitersMax", "Too many wait for this condition")),
      ];
    }
    const given = this.drop(held, "released");
    const asked = { session, requestId: id, permits: 1, detail: "parked" } as const;
    const claim = this.claims.wait(asked, nowMs, timeoutMs);
    this.#parked.join(claim);
    return [...given, { type: "put-claim", claim }, ...this.flow(nowMs)];
  }

  #notifyFor(session: Session, { id, token, count }: NotifyRequest): Effect[] {
    if (this.claims.owned(session, token) === null) {
      return [replyError(session, id, notOwner(token))];
    }
    if (count !== undefined && !isWhole(count, 0)) {
      const message = `notify takes a whole number of waiters from 0, not ${count}.`;
      return [replyError(session, id, invalid(message))];
    }
    return [...this.#notify(count ?? Infinity), replyOk(session, id)];
  }

  /** Moves the first `count` waiters into the lock's line, in their order (CO3). */
  #notify(count: number): Effect[] {
    const effects: Effect[] = [];
    for (let left = count; left > 0; left -= 1) {
      const first = this.#parked.first();
      if (first === null) break;
      effects.push(this.#toLine(first, "notified"));
    }
    return effects;
  }

  #toLine(claim: WaitingClaim<Fate>, fate: Fate): Effect {
    this.#parked.leave(claim);
    const waiting = this.claims.waitOn(claim, fate);
    this.line.join(waiting);
    return { type: "put-claim", claim: waiting };
  }

  /** It keeps its place in the lock's line, or the lock, if it has it already. */
  #cancelNotified(claim: Claim<Fate>): Effect {
    if (claim.state === "held") {
      return { type: "put-claim", claim: this.claims.change(claim, "cancelled") };
    }
    const changed = this.claims.change(claim, "cancelled");
    this.line.replace(claim, changed);
    return { type: "put-claim", claim: changed };
  }

  /**
   * A notification must not be lost with its waiter (CO4). Of a lock that was not released nobody can know whether its
   * owner ever saw the grant, so then another waiter is woken for it: once too often does no harm.
   */
  #owesNotification({ state, detail }: Claim<Fate>, how: Ending): boolean {
    return detail === "notified" && (state === "waiting" || how !== "released");
  }
}

function isWoken(fate: Fate): fate is "notified" | "timed-out" | "cancelled" {
  return fate !== null && fate !== "parked";
}
