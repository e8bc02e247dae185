import {
  LIMITS,
  type AcquireRequest,
  type Fault,
  type LimiterStatistics,
  type ReturnRequest,
  type SetTotalRequest,
} from "../../sdk/protocol.ts";
import type { Claim, HeldClaim, Session, WaitingClaim } from "./claim.ts";
import { configMismatch, invalid, isWhole } from "./faults.ts";
import { LineMachine } from "./line_machine.ts";
import {
  replyError,
  replyOk,
  type ClientRequest,
  type Effect,
  type HolderReport,
  type Recovered,
  type WaiterReport,
} from "./machine.ts";
import type { Ending } from "./primitive_machine.ts";

/** What a limiter's name was configured with, and how many tokens there are now; `null` is without limit (CL6). */
interface LimiterState {
  readonly configured: number | null;
  readonly total: number | null;
}

interface Borrowing {
  readonly borrower: string;
}

/** A capacity limiter: a line for tokens of which a borrower has one at most (CL1). */
export class LimiterMachine extends LineMachine<Borrowing> {
  readonly kind = "limiter";
  /** Who borrows and who waits to, by the borrower's name. */
  readonly #byBorrower = new Map<string, { session: Session; requestId: number }>();
  #state: LimiterState | null;

  constructor(recovered: Recovered) {
    const state = recovered.state as LimiterState | null;
    super(recovered, state === null ? 0 : permitsOf(state.total));
    this.#state = state;
    for (const claim of this.claims.held()) this.#byBorrower.set(claim.detail.borrower, claim);
    for (const claim of this.claims.waiting()) this.#byBorrower.set(claim.detail.borrower, claim);
  }

  /** Never, once configured: the first client fixed the configuration for good. */
  get disposable(): boolean {
    return this.#state === null && this.claims.isEmpty;
  }

  get notConfigured(): Fault | null {
    return this.#state === null ? NOT_CONFIGURED : null;
  }

  statistics(): LimiterStatistics {
    const total = this.#state?.total ?? null;
    const borrowers = Array.from(this.claims.held(), ({ detail }) => detail.borrower);
    return {
      totalTokens: total,
      borrowedTokens: borrowers.length,
      availableTokens: total === null ? null : total - borrowers.length,
      borrowers,
      tasksWaiting: this.line.tasksWaiting,
    };
  }

  protected configure(request: ClientRequest): Effect[] | Fault {
    if (request.op === "cancel" || request.op === "release") return [];
    const { config } = request;
    if (config === undefined) return this.#state === null ? NOT_CONFIGURED : [];
    const stated = (config as { totalTokens?: unknown }).totalTokens;
    if (!isTotal(stated)) return invalid(TOTAL_RULE);
    if (this.#state === null) {
      this.#state = { configured: stated, total: stated };
      this.line.total = permitsOf(stated);
      return [{ type: "put-state", state: this.#state }];
    }
    const { configured } = this.#state;
    if (stated === configured) return [];
    return configMismatch("limiter", {
      stated: { totalTokens: stated },
      was: { totalTokens: configured },
      advice:
        " State what it was configured with, or nothing: setTotalTokens() changes the total, and not that.",
    });
  }

  protected serve(session: Session, request: ClientRequest, nowMs: number): Effect[] | null {
    if (request.op === "acquire") return this.#borrow(session, request, nowMs);
    if (request.op === "return") return this.#returnFor(session, request, nowMs);
    return request.op === "set-total" ? this.#setTotal(session, request, nowMs) : null;
  }

  protected override drop(claim: Claim<Borrowing>, how: Ending): Effect[] {
    this.#byBorrower.delete(claim.detail.borrower);
    return super.drop(claim, how);
  }

  protected override reportHolder(claim: HeldClaim<Borrowing>): HolderReport {
    return { ...super.reportHolder(claim), borrower: claim.detail.borrower };
  }

  protected override reportWaiter(claim: WaitingClaim<Borrowing>): Omit<WaiterReport, "position"> {
    return { ...super.reportWaiter(claim), borrower: claim.detail.borrower };
  }

  /** CL1: at once, whether there is room or not, and whether the first borrowing is granted or waits. */
  #borrow(session: Session, request: AcquireRequest, nowMs: number): Effect[] {
    const { id, borrower, permits } = request;
    const refuse = (fault: Fault): Effect[] => [replyError(session, id, fault)];
    if (permits !== 1) return refuse(invalid("A borrower has one token: leave permits out."));
    if (borrower === undefined)
      return refuse(invalid("Say who borrows: a limiter's acquire has a borrower."));
    const first = this.#byBorrower.get(borrower);
    const isRepeat = first?.session.id === session.id && first.requestId === id;
    if (first !== undefined && !isRepeat) return refuse(alreadyBorrowed(borrower));
    const effects = this.acquire(session, request, { borrower }, nowMs);
    const claim = this.claims.find(session, id);
    if (claim !== null) this.#byBorrower.set(claim.detail.borrower, claim);
    return effects;
  }

  /** Anyone may give back what a borrower has (CL3); whoever borrowed it is told. */
  #returnFor(session: Session, { id, borrower }: ReturnRequest, nowMs: number): Effect[] {
    const known = this.#byBorrower.get(borrower);
    const claim = known === undefined ? null : this.claims.find(known.session, known.requestId);
    if (claim?.state !== "held") return [replyError(session, id, notBorrowed(borrower))];
    const owner = claim.session;
    const told: Effect = { type: "returned", session: owner, token: claim.token };
    const ended =
      owner.id === session.id ? [...this.drop(claim, "released"), told] : this.revoke(claim);
    return [...ended, ...this.flow(nowMs), replyOk(session, id)];
  }

  /** Raising it admits waiters (CL4); lowering it takes nothing away (CL5). */
  #setTotal(session: Session, { id, totalTokens }: SetTotalRequest, nowMs: number): Effect[] {
    if (!isTotal(totalTokens)) return [replyError(session, id, invalid(TOTAL_RULE))];
    const state = this.#state;
    if (state === null) return [replyError(session, id, NOT_CONFIGURED)];
    if (totalTokens === state.total) return [replyOk(session, id)];
    this.#state = { ...state, total: totalTokens };
    this.line.total = permitsOf(totalTokens);
    return [{ type: "put-state", state: this.#state }, replyOk(session, id), ...this.flow(nowMs)];
  }
}

const TOTAL_RULE = `totalTokens is a whole number from 0 to ${LIMITS.permitsMax}, or null for no limit.`;

const NOT_CONFIGURED: Fault = {
  code: "not-configured",
  message: "Nobody has configured this limiter yet: state its totalTokens when you open it.",
};

function isTotal(value: unknown): value is number | null {
  return value === null || (isWhole(value, 0) && value <= LIMITS.permitsMax);
}

function permitsOf(total: number | null): number {
  return total ?? Number.POSITIVE_INFINITY;
}

function alreadyBorrowed(borrower: string): Fault {
  const message = `${JSON.stringify(borrower)} has a token of this limiter already, or waits for one; a borrower has one at most.`;
  return { code: "already-borrowed", message };
}

function notBorrowed(borrower: string): Fault {
  const message = `${JSON.stringify(borrower)} has no token of this limiter.`;
  return { code: "not-borrowed", message };
}
