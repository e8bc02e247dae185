import { LIMITS, type EventStatistics, type Fault, type WaitRequest } from "../../sdk/protocol.ts";
import type { Claim, Session, WaitingClaim } from "./claim.ts";
import { Claims } from "./claims.ts";
import { limitExceeded, TIMEOUT } from "./faults.ts";
import { replyError, replyOk, type ClientRequest, type Effect, type Recovered } from "./machine.ts";
import { PrimitiveMachine } from "./primitive_machine.ts";
import { WaitQueue } from "./wait_queue.ts";

interface EventState {
  readonly isSet: boolean;
  /**
   * Whoever came with this ticket or an earlier one has been woken. One number wakes thousands with one written
   * row, and also those who have no socket just then: their claims stay until they have heard of it (EV2).
   */
  readonly wokenThrough: number;
}

const NEVER_SET: EventState = { isSet: false, wokenThrough: 0 };

/** An event: a flag, and those who wait for it to be set (EV1–EV4). */
export class EventMachine extends PrimitiveMachine<null> {
  readonly kind = "event";
  readonly notConfigured = null;
  readonly #waiting = new WaitQueue<WaitingClaim<null>>();
  #state: EventState;

  constructor(recovered: Recovered) {
    const state = (recovered.state as EventState | null) ?? NEVER_SET;
    super(new Claims<null>(recovered, state.wokenThrough));
    this.#state = state;
    for (const claim of this.claims.waiting()) {
      if (this.#isWoken(claim)) this.claims.settle(claim);
      else this.#waiting.join(claim);
    }
  }

  get disposable(): boolean {
    return !this.#state.isSet && this.claims.isEmpty;
  }

  statistics(): EventStatistics {
    return { isSet: this.#state.isSet, tasksWaiting: this.#waiting.size };
  }

  protected configure(request: ClientRequest): Effect[] | Fault {
    return this.refuseConfig(request);
  }

  protected serve(session: Session, request: ClientRequest, nowMs: number): Effect[] | null {
    if (request.op === "set") return [...this.#set(), replyOk(session, request.id)];
    if (request.op === "clear") return [...this.#clear(), replyOk(session, request.id)];
    return request.op === "wait" ? this.#wait(session, request, nowMs) : null;
  }

  protected drop(claim: Claim<null>): Effect[] {
    if (claim.state === "waiting") this.#waiting.leave(claim);
    return [this.claims.end(claim)];
  }

  protected flow(): Effect[] {
    return [];
  }

  protected waiters(): Iterable<WaitingClaim<null>> {
    return this.#waiting;
  }

  #set(): Effect[] {
    if (this.#state.isSet) return [];
    this.#state = { isSet: true, wokenThrough: this.claims.lastTicket };
    const effects: Effect[] = [{ type: "put-state", state: this.#state }];
    for (const claim of this.#waiting) {
      this.claims.settle(claim);
      effects.push(wake(claim));
    }
    this.#waiting.clear();
    return effects;
  }

  #clear(): Effect[] {
    if (!this.#state.isSet) return [];
    this.#state = { ...this.#state, isSet: false };
    return [{ type: "put-state", state: this.#state }];
  }

  #wait(session: Session, { id, timeoutMs }: WaitRequest, nowMs: number): Effect[] {
    const known = this.claims.find(session, id);
    if (known?.state === "waiting") return this.#isWoken(known) ? [wake(known)] : [];
    if (this.#state.isSet) return [replyOk(session, id)];
    if (timeoutMs === 0) return [replyError(session, id, TIMEOUT)];
    const noRoom = this.claims.noRoom(session) ?? this.#noRoom();
    if (noRoom !== null) return [replyError(session, id, noRoom)];
    const asked = { session, requestId: id, permits: 1, detail: null };
    const claim = this.claims.wait(asked, nowMs, timeoutMs);
    this.#waiting.join(claim);
    return [{ type: "put-claim", claim }];
  }

  #noRoom(): Fault | null {
    if (this.#waiting.size < LIMITS.waitersMax) return null;
    return limitExceeded("waitersMax", "Too many wait for this event");
  }

  #isWoken({ ticket }: WaitingClaim<null>): boolean {
    return ticket <= this.#state.wokenThrough;
  }
}

/** Until the client says that it knows, the claim stays, and a repeat is answered alike (EV2). */
function wake({ session, requestId }: WaitingClaim<null>): Effect {
  return replyOk(session, requestId, { remembered: true });
}
