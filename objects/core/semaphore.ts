import {
  LIMITS,
  type AcquireRequest,
  type DepositRequest,
  type Fault,
  type SemaphoreConfig,
  type SemaphoreStatistics,
} from "../../sdk/protocol.ts";
import type { Session } from "./claim.ts";
import { configMismatch, invalid, isWhole, limitExceeded } from "./faults.ts";
import { LineMachine } from "./line_machine.ts";
import { replyError, replyOk, type ClientRequest, type Effect, type Recovered } from "./machine.ts";

/** What a semaphore's name was configured with, and how many permits there are now, held and free together. */
interface SemaphoreState {
  readonly permits: number;
  readonly maxPermits: number | null;
  readonly total: number;
}

/** A semaphore: a line for a number of permits that deposits may raise (SE1). */
export class SemaphoreMachine extends LineMachine<null> {
  readonly kind = "semaphore";
  #state: SemaphoreState | null;

  constructor(recovered: Recovered) {
    const state = recovered.state as SemaphoreState | null;
    super(recovered, state?.total ?? 0);
    this.#state = state;
  }

  /** Never, once configured: the first client fixed the configuration for good. */
  get disposable(): boolean {
    return this.#state === null && this.claims.isEmpty;
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
    if (request.op === "cancel" || request.op === "release") return [];
    const { config } = request;
    if (config === undefined) return this.#state === null ? NOT_CONFIGURED : [];
    const stated = readConfig(config);
    if ("code" in stated) return stated;
    if (this.#state !== null) return this.#agrees(stated) ? [] : mismatch(stated, this.#state);
    const { permits, maxPermits = null } = stated;
    this.#state = { permits, maxPermits, total: permits };
    this.line.total = permits;
    return [{ type: "put-state", state: this.#state }];
  }

  protected serve(session: Session, request: ClientRequest, nowMs: number): Effect[] | null {
    if (request.op === "acquire") return this.#acquire(session, request, nowMs);
    if (request.op === "deposit") return this.#deposit(session, request, nowMs);
    return null;
  }

  #acquire(session: Session, request: AcquireRequest, nowMs: number): Effect[] {
    const most = this.#state?.maxPermits ?? LIMITS.permitsMax;
    if (isWhole(request.permits, 1) && request.permits <= most) {
      return this.acquire(session, request, null, nowMs);
    }
    const message = `permits is a whole number from 1 to ${most}, which is all that this semaphore can ever have; not ${request.permits}.`;
    return [replyError(session, request.id, invalid(message))];
  }

  /** Adds permits that nobody held: to the waiters first, what is left to the value (SE2, SE3). */
  #deposit(session: Session, { id, permits }: DepositRequest, nowMs: number): Effect[] {
    const state = this.#state;
    if (state === null) return [replyError(session, id, NOT_CONFIGURED)];
    const total = state.total + permits;
    const fault = depositFault(permits, { total, maxPermits: state.maxPermits });
    if (fault !== null) return [replyError(session, id, fault)];
    this.#state = { ...state, total };
    this.line.total = total;
    return [{ type: "put-state", state: this.#state }, replyOk(session, id), ...this.flow(nowMs)];
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
function readConfig(config: object): SemaphoreConfig | Fault {
  const { permits, maxPermits } = config as { permits?: unknown; maxPermits?: number | null };
  const most = LIMITS.permitsMax;
  if (!isWhole(permits, 0) || permits > most) {
    return invalid(`permits is a whole number from 0 to ${most}, not ${String(permits)}.`);
  }
  if (maxPermits === undefined) return { permits };
  if (isWhole(maxPermits, permits) && maxPermits <= most) return { permits, maxPermits };
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
  return limitExceeded("permitsMax", "A semaphore has too many permits");
}

function mismatch(stated: SemaphoreConfig, { permits, maxPermits }: SemaphoreState): Fault {
  const was = maxPermits === null ? { permits } : { permits, maxPermits };
  return configMismatch("semaphore", { stated, was });
}
