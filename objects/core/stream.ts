import {
  LIMITS,
  type Cancelled,
  type Fault,
  type OpenRequest,
  type ReceiveRequest,
  type SendRequest,
  type Side,
  type StreamStatistics,
} from "../../sdk/protocol.ts";
import type { Claim, HeldClaim, Session, WaitingClaim } from "./claim.ts";
import { Claims } from "./claims.ts";
import { configMismatch, invalid, TIMEOUT } from "./faults.ts";
import {
  replyError,
  replyOk,
  type ClientRequest,
  type Effect,
  type HolderReport,
  type Item,
  type Recovered,
  type WaiterReport,
} from "./machine.ts";
import { neverTook, settled } from "./marks.ts";
import { PrimitiveMachine, type Ending } from "./primitive_machine.ts";
import * as faults from "./stream_faults.ts";
import { StreamItems } from "./stream_items.ts";
import { NO_END, StreamLines, type Detail } from "./stream_lines.ts";
import type { WaitQueue } from "./wait_queue.ts";

interface StreamState {
  /** `null` is without limit; 0 is a rendezvous (ST1). */
  readonly maxBufferSize: number | null;
  /** Which sides have ever been opened: one that has, and has no end left, is closed for good (ST7). */
  readonly opened: Readonly<Record<Side, boolean>>;
}

/**
 * A stream: ends of two sides, a buffer between them, and calls blocked at either side (ST1–ST11). Every send and
 * receive joins its line; `flow` then moves what can move, in order.
 */
export class StreamMachine extends PrimitiveMachine<Detail> {
  readonly kind = "stream";
  readonly #items: StreamItems;
  readonly #lines = new StreamLines();
  readonly #ends: Record<Side, number> = { send: 0, receive: 0 };
  #state: StreamState | null;

  constructor(recovered: Recovered) {
    super(new Claims<Detail>(recovered));
    this.#state = recovered.state as StreamState | null;
    this.#items = new StreamItems(recovered.items);
    for (const { detail } of this.claims.held())
      if (detail.is === "end") this.#ends[detail.side] += 1;
    for (const claim of this.claims.waiting()) {
      claim.session.applied.waits(claim.requestId);
      this.#lines.join(claim);
    }
  }

  /** Never, once configured: the first client fixed the configuration for good. */
  get disposable(): boolean {
    return this.#state === null && this.claims.isEmpty;
  }

  get notConfigured(): Fault | null {
    return this.#state === null ? faults.NOT_CONFIGURED : null;
  }

  /** Items that were received on no end go back with their session alone. */
  override involves(session: Session): boolean {
    return super.involves(session) || this.#items.unconfirmedOf(session) > 0;
  }

  override holds(session: Session): boolean {
    return super.holds(session) || this.#items.unconfirmedOf(session) > 0;
  }

  statistics(): StreamStatistics {
    return {
      currentBufferUsed: this.#items.buffered,
      maxBufferSize: this.#state?.maxBufferSize ?? null,
      openSendStreams: this.#ends.send,
      openReceiveStreams: this.#ends.receive,
      tasksWaitingSend: this.#lines.senders.size,
      tasksWaitingReceive: this.#lines.receivers.size,
      undelivered: this.#isGone("receive") ? this.#items.buffered : 0,
    };
  }

  protected configure(request: ClientRequest): Effect[] | Fault {
    if (request.op === "cancel" || request.op === "release") return [];
    const { config } = request;
    if (config === undefined) return this.#state === null ? faults.NOT_CONFIGURED : [];
    const stated = (config as { maxBufferSize?: unknown }).maxBufferSize;
    if (!faults.isBufferSize(stated)) return invalid(faults.BUFFER_RULE);
    if (this.#state === null) {
      return this.#put({ maxBufferSize: stated, opened: { send: false, receive: false } });
    }
    const { maxBufferSize } = this.#state;
    if (stated === maxBufferSize) return [];
    return configMismatch("stream", { stated: { maxBufferSize: stated }, was: { maxBufferSize } });
  }

  protected serve(session: Session, request: ClientRequest, nowMs: number): Effect[] | null {
    if (request.op === "open") return this.#open(session, request, nowMs);
    if (request.op === "send") return this.#send(session, request, nowMs);
    if (request.op === "receive") return this.#receive(session, request, nowMs);
    if (request.op === "confirm") {
      const seqs = request.items ?? this.#items.givenTo(session);
      const effects = seqs.map((seq) => this.#items.confirm(session, seq));
      return [...effects.filter((effect) => effect !== null), replyOk(session, request.id)];
    }
    return request.op === "reset" ? [...this.#reset(), replyOk(session, request.id)] : null;
  }

  protected drop(claim: Claim<Detail>, how: Ending): Effect[] {
    if (claim.state === "held") return this.#close(claim, how);
    this.#lines.leave(claim);
    return [this.claims.end(claim)];
  }

  protected override endAll(session: Session, how: Ending): Effect[] {
    const back = { mayHaveBeenUsed: true };
    return [
      ...super.endAll(session, how),
      ...this.#items.takeBack(session, ({ end }) => end === NO_END, back),
    ];
  }

  /** Blocked sends into the buffer, as there is room, and out of it to the receivers, each in its order (ST10). */
  protected flow(nowMs: number): Effect[] {
    const effects: Effect[] = [];
    for (;;) {
      effects.push(...this.#refuseOverfed(), ...this.#refill(nowMs));
      const receiver = this.#lines.receivers.first();
      if (receiver?.detail.is !== "receive" || this.#items.buffered === 0) break;
      effects.push(...this.#deliver(receiver, receiver.detail));
    }
    return [...effects, ...this.#refuseInVain()];
  }

  /**
   * Whoever waits for a side that is closed for good; and, on no end, at one that is. Who waits for an item when `flow`
   * has moved what can move has found the buffer drained (ST5).
   */
  #refuseInVain(): Effect[] {
    const { senders, receivers } = this.#lines;
    const effects: Effect[] = [];
    if (this.#isGone("send")) {
      effects.push(...this.#refuseAll(receivers, faults.END_OF_STREAM));
      effects.push(...this.#refuseAll(senders, faults.closedForGood("send")));
    }
    if (this.#isGone("receive")) {
      effects.push(...this.#refuseAll(senders, faults.BROKEN));
      effects.push(...this.#refuseAll(receivers, faults.closedForGood("receive")));
    }
    return effects;
  }

  protected override timeOut(claim: WaitingClaim<Detail>): Effect[] {
    return [...this.drop(claim, "timed-out"), ...answer(claim, TIMEOUT)];
  }

  /** A send that has taken effect stays; what a receive was given goes back to the front (ST9). */
  protected override cancel(session: Session, target: number): Effect[] {
    const { applied } = this.cancelAnswer(session, target);
    const mark = applied ? [] : neverTook(session, target);
    const back = this.#items.takeBack(session, ({ requestId }) => requestId === target, {
      mayHaveBeenUsed: false,
    });
    return [...super.cancel(session, target), ...back, ...mark];
  }

  protected override cancelAnswer(session: Session, target: number): Cancelled {
    const isLive = this.claims.find(session, target) !== null;
    const { applied } = session;
    return { applied: !isLive && applied.has(target) && !applied.leftOut(target) };
  }

  protected override *waiters(): Generator<WaitingClaim<Detail>> {
    yield* this.#lines.senders;
    yield* this.#lines.receivers;
  }

  protected override reportHolder(claim: HeldClaim<Detail>): HolderReport {
    const { detail } = claim;
    const report = super.reportHolder(claim);
    return detail.is === "end" ? { ...report, side: detail.side } : report;
  }

  protected override reportWaiter(claim: WaitingClaim<Detail>): Omit<WaiterReport, "position"> {
    const waitsFor = claim.detail.is === "send" ? "room" : "item";
    return { ...super.reportWaiter(claim), waitsFor };
  }

  #open(session: Session, { id, side, from }: OpenRequest, nowMs: number): Effect[] {
    const known = this.claims.find(session, id);
    if (known?.state === "held") return [replyOk(session, id, { token: known.token })];
    if (from !== undefined && !this.#owns(session, from, side)) {
      return [replyError(session, id, faults.closed(side))];
    }
    if (this.#isGone(side)) return [replyError(session, id, faults.closedForGood(side))];
    const noRoom = this.claims.noRoom(session);
    if (noRoom !== null) return [replyError(session, id, noRoom)];
    const detail: Detail = { is: "end", side };
    const claim = this.claims.grant({ session, requestId: id, permits: 1, detail }, nowMs);
    this.#ends[side] += 1;
    const grant: Effect[] = [
      { type: "put-claim", claim },
      replyOk(session, id, { token: claim.token }),
    ];
    if (this.#state === null || this.#state.opened[side]) return grant;
    const opened = { ...this.#state.opened, [side]: true };
    return [...this.#put({ ...this.#state, opened }), ...grant];
  }

  #send(session: Session, { id, end, item, timeoutMs }: SendRequest, nowMs: number): Effect[] {
    if (this.claims.find(session, id) !== null) return [];
    const fault = this.#sendFault(session, end, item);
    if (fault !== null) return [replyError(session, id, fault)];
    const detail: Detail = { is: "send", end: end ?? NO_END, text: item };
    return this.#enter({ session, requestId: id, permits: 1, detail }, nowMs, timeoutMs);
  }

  #sendFault(session: Session, end: number | undefined, item: string): Fault | null {
    const closed = this.#endFault(session, end, "send");
    if (closed !== null) return closed;
    if (this.#isGone("receive")) return faults.BROKEN;
    const kept = this.#items.weight + this.#lines.weight;
    return (
      faults.itemFault(item, kept) ??
      this.claims.noRoom(session) ??
      faults.tooMany(this.#lines.senders.size)
    );
  }

  #receive(session: Session, request: ReceiveRequest, nowMs: number): Effect[] {
    const { id, end, max = 1, timeoutMs } = request;
    const given = this.#items.deliveredTo(session, id);
    if (given.length > 0) return [replyOk(session, id, deliveryOf(given))];
    if (this.claims.find(session, id) !== null) return [];
    const fault = this.#receiveFault(session, end) ?? this.#earlierFault(session, request);
    if (fault !== null) return [replyError(session, id, fault)];
    const detail: Detail = { is: "receive", end: end ?? NO_END, max };
    return this.#enter({ session, requestId: id, permits: 1, detail }, nowMs, timeoutMs);
  }

  #receiveFault(session: Session, end: number | undefined): Fault | null {
    const closed = this.#endFault(session, end, "receive");
    if (closed !== null) return closed;
    if (this.#roomFor(session) === 0) return faults.TOO_MUCH_UNCONFIRMED;
    return this.claims.noRoom(session) ?? faults.tooMany(this.#lines.receivers.size);
  }

  /**
   * A receive that could not wait was refused, if a later one has been given something: were the repeat judged anew, it
   * would have newer items before its client hears of the older ones (ST2).
   */
  #earlierFault(session: Session, { id, timeoutMs }: ReceiveRequest): Fault | null {
    const wasRefused = timeoutMs !== undefined && this.#items.hasGivenAfter(session, id);
    return wasRefused ? TIMEOUT : null;
  }

  /** Joins the line and moves what can move; who may not wait, and would have to, has left again. */
  #enter(
    asked: Parameters<Claims<Detail>["wait"]>[0],
    nowMs: number,
    timeoutMs?: number,
  ): Effect[] {
    const claim = this.claims.wait(asked, nowMs, timeoutMs);
    this.#lines.join(claim);
    const effects: Effect[] = [{ type: "put-claim", claim }, ...this.flow(nowMs)];
    const stillWaits = this.claims.find(claim.session, claim.requestId) === claim;
    return timeoutMs === 0 && stillWaits ? [...effects, ...this.timeOut(claim)] : effects;
  }

  #refill(nowMs: number): Effect[] {
    const effects: Effect[] = [];
    const capacity = this.#state?.maxBufferSize ?? Infinity;
    // A rendezvous lets an item through when somebody is there to take it (ST1).
    const room = Math.max(capacity, this.#lines.receivers.size > 0 ? 1 : 0);
    for (;;) {
      const sender = this.#lines.senders.first();
      if (sender?.detail.is !== "send" || this.#items.buffered >= room) return effects;
      const { text } = sender.detail;
      effects.push(...this.drop(sender, "released"), this.#items.accept(text, nowMs));
      effects.push(...answer(sender, null));
    }
  }

  /** Who waited, and has meanwhile been given as much as it may leave unconfirmed, can take nothing of what is there. */
  #refuseOverfed(): Effect[] {
    const effects: Effect[] = [];
    while (this.#items.buffered > 0 || this.#lines.senders.size > 0) {
      const receiver = this.#lines.receivers.first();
      if (receiver === null || this.#roomFor(receiver.session) > 0) break;
      effects.push(...this.drop(receiver, "released"));
      effects.push(...answer(receiver, faults.TOO_MUCH_UNCONFIRMED));
    }
    return effects;
  }

  #deliver(receiver: WaitingClaim<Detail>, { end, max }: { end: number; max: number }): Effect[] {
    const { session, requestId } = receiver;
    const items = this.#items.deliver(
      { session, requestId, end },
      {
        max: Math.min(max, this.#roomFor(session)),
        charactersMax: LIMITS.deliveryCharactersMax,
      },
    );
    return [
      ...this.drop(receiver, "released"),
      ...items.map((item): Effect => ({ type: "put-item", item })),
      replyOk(session, requestId, deliveryOf(items)),
    ];
  }

  /** Calls blocked in the end settle with `closed` (ST8), and what was received on it and not confirmed goes back. */
  #close(claim: HeldClaim<Detail>, how: Ending): Effect[] {
    const { session, token, detail } = claim;
    if (detail.is !== "end") return [this.claims.end(claim)];
    this.#ends[detail.side] -= 1;
    const effects = [this.claims.end(claim)];
    for (const own of this.claims.of(session)) {
      if (own.state !== "waiting" || own.detail.is === "end" || own.detail.end !== token) continue;
      effects.push(...this.drop(own, how), ...answer(own, faults.closed(detail.side)));
    }
    const mayHaveBeenUsed = how !== "released" && how !== "cancelled";
    const ofThisEnd = ({ end }: { end: number }): boolean => end === token;
    return [...effects, ...this.#items.takeBack(session, ofThisEnd, { mayHaveBeenUsed })];
  }

  /** Everything ends, and the stream is as when it was configured (ST7). */
  #reset(): Effect[] {
    const ends = [...this.claims.held()].flatMap((claim) => this.revoke(claim));
    // What is left is blocked on no end.
    for (const side of ["send", "receive"] as const) {
      const line = side === "send" ? this.#lines.senders : this.#lines.receivers;
      ends.push(...this.#refuseAll(line, faults.closed(side)));
    }
    if (this.#state === null) return ends;
    const { maxBufferSize } = this.#state;
    const anew = this.#put({ maxBufferSize, opened: { send: false, receive: false } });
    return [...ends, ...this.#items.clear(), ...anew];
  }

  #refuseAll(line: WaitQueue<WaitingClaim<Detail>>, fault: Fault): Effect[] {
    const effects: Effect[] = [];
    for (const claim of line)
      effects.push(...this.drop(claim, "released"), ...answer(claim, fault));
    return effects;
  }

  /** How many more items the session may be given before it confirms some. */
  #roomFor(session: Session): number {
    return LIMITS.unconfirmedMax - this.#items.unconfirmedOf(session);
  }

  #isGone(side: Side): boolean {
    return this.#state !== null && this.#state.opened[side] && this.#ends[side] === 0;
  }

  #owns(session: Session, token: number, side: Side): boolean {
    const detail = this.claims.owned(session, token)?.detail;
    return detail?.is === "end" && detail.side === side;
  }

  /** Why a call on this end, or on none, is refused; `null` where it is not. */
  #endFault(session: Session, end: number | undefined, side: Side): Fault | null {
    if (end === undefined) return this.#isGone(side) ? faults.closedForGood(side) : null;
    return this.#owns(session, end, side) ? null : faults.closed(side);
  }

  #put(state: StreamState): Effect[] {
    this.#state = state;
    return [{ type: "put-state", state }];
  }
}

/** A send leaves no claim behind when it is answered; a receive leaves what it was given. */
function answer(
  { session, requestId, detail }: WaitingClaim<Detail>,
  fault: Fault | null,
): Effect[] {
  if (detail.is === "send") return settled(session, requestId, fault);
  return fault === null ? [] : [replyError(session, requestId, fault)];
}

function deliveryOf(items: readonly Item[]): object {
  return {
    items: items.map(({ seq, text, redelivered }) =>
      redelivered ? { seq, item: text, redelivered } : { seq, item: text },
    ),
  };
}
