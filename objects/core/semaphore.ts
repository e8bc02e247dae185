import {
  LIMITS,
  type AcquireRequest,
  type DepositRequest,
  type Fault,
  type SemaphoreConfig,
  type SemaphoreStatistics,
} from "../../sdk/protocol.ts";
import type { Session } from "./claim.ts";
import { Line } from "./line.ts";
import { LineMachine } from "./line_machine.ts";
import { replyError, replyOk, type ClientRequest, type Effect, type Recovered } from "./machine.ts";

/** What a semaphore's name was configured with, and how many permits there are now, held and free together. */
interface SemaphoreState {
  readonly permits: number;
  readonly maxPermits: number | null;
  readonly total: number;
}

/** A semaphore: a line for a number of permits that deposits may raise (SE1). */
export class SemaphoreMachine extends LineMachine {
  readonly kind = "semaphore";
  #state: SemaphoreState | null;

  constructor(recovered: Recovered) {
    const state = recovered.state as SemaphoreState | null;
    super(new Line(recovered, state?.total ?? 0));
    this.#state = state;
  }

  /** Never, once configured: the first client fixed the configuration for good. */
  get disposable(): boolean {
    return this.#state === null && this.line.isEmpty;
  }

  get notConfigured(): Fault | null {
    return this.#state === null ? NOT_CONFIGURED : null;
  }

  statistics(): SemaphoreStatistics {
    return {
      value: this.line.free,
      maxPermits: this.#state?.maxPermits ?? null,
      tasksWaiting: this.line.tasksWaiting,
    };
  }

  protected configure(request: ClientRequest): Effect[] | Fault {
    const stated = request.config;
    if (request.op === "cancel" || request.op === "release") return [];
    if (stated === undefined) return this.#state === null ? NOT_CONFIGURED : [];
    const fault = configFault(stated);
    if (fault !== null) return fault;
    if (this.#state !== null) return this.#agrees(stated) ? [] : mismatch(stated, this.#state);
    const { permits, maxPermits = null } = stated;
    this.#state = { permits, maxPermits, total: permits };
    // Nobody can wait for what was not configured, so nobody is admitted here.
    this.line.setTotal(permits, 0);
    return [{ type: "put-state", state: this.#state }];
  }

  protected acquire(session: Session, request: AcquireRequest, nowMs: number): Effect[] {
    const most = this.#state?.maxPermits ?? LIMITS.permitsMax;
    if (isWhole(request.permits, 1) && request.permits <= most) {
      return this.line.acquire(session, request, nowMs);
    }
    const message = `permits is a whole number from 1 to ${most}, which is all that this semaphore can ever have; not ${request.permits}.`;
    return [replyError(session, request.id, { code: "invalid-argument", message })];
  }

  /** Adds permits that nobody held: to the waiters first, what is left to the value (SE2, SE3). */
  protected override deposit(session: Session, request: DepositRequest, nowMs: number): Effect[] {
    const state = this.#state;
    if (state === null) return [replyError(session, request.id, NOT_CONFIGURED)];
    const total = this.line.total + request.permits;
    const fault = depositFault(request.permits, { total, maxPermits: state.maxPermits });
    if (fault !== null) return [replyError(session, request.id, fault)];
    this.#state = { ...state, total };
    return [
      { type: "put-state", state: this.#state },
      replyOk(session, request.id),
      ...this.line.setTotal(total, nowMs),
    ];
  }

  #agrees(stated: SemaphoreConfig): boolean {
    if (stated.permits !== this.#state?.permits) return false;
    return stated.maxPermits === undefined || stated.maxPermits === this.#state.maxPermits;
  }
}

const NOT_CONFIGURED: Fault = {
  code: "not-configured",
  message: "Nobody has configured this semaphore yet: state its permits when you open it.",
};

/** SE4. */
function configFault({ permits, maxPermits }: SemaphoreConfig): Fault | null {
  const most = LIMITS.permitsMax;
  if (!isWhole(permits, 0) || permits > most) {
    return invalid(`permits is a whole number from 0 to ${most}, not ${String(permits)}.`);
  }
  if (maxPermits === undefined) return null;
  if (isWhole(maxPermits, permits) && maxPermits <= most) return null;
  return invalid(
    `maxPermits is a whole number from permits (${permits}) to ${most}, not ${String(maxPermits)}.`,
  );
}

function depositFault(
  permits: number,
  after: { total: number; maxPermits: number | null },
): Fault | null {
  if (!isWhole(permits, 1)) {
    return invalid(`A deposit is a whole number of permits from 1, not ${permits}.`);
  }
  if (after.maxPermits !== null && after.total > after.maxPermits) {
    const message = `A deposit of ${permits} would make ${after.total} permits, held and free together; maxPermits is ${after.maxPermits}.`;
    return { code: "over-release", message, max: after.maxPermits };
  }
  if (after.total <= LIMITS.permitsMax) return null;
  const message = `A semaphore has at most ${LIMITS.permitsMax} permits.`;
  return { code: "limit-exceeded", message, limit: "permitsMax", max: LIMITS.permitsMax };
}

function mismatch(stated: SemaphoreConfig, state: SemaphoreState): Fault {
  const { permits, maxPermits } = state;
  const actual = maxPermits === null ? { permits } : { permits, maxPermits };
  return {
    code: "config-mismatch",
    message: `This semaphore was configured with ${JSON.stringify(actual)}; you stated ${JSON.stringify(stated)}.`,
    stated,
    actual,
  };
}

function invalid(message: string): Fault {
  return { code: "invalid-argument", message };
}

function isWhole(value: unknown, from: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= from;
}
