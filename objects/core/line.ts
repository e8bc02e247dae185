import type { Grant } from "../../sdk/protocol.ts";
import type { HeldClaim, WaitingClaim } from "./claim.ts";
import type { Asked, Claims } from "./claims.ts";
import { invariant } from "./invariant.ts";
import { replyOk, type Effect } from "./machine.ts";
import { WaitQueue } from "./wait_queue.ts";

/**
 * Those who hold and those who wait for what they hold, over a number of permits.
 * Between two steps nobody waits for what is free (W2): every step that frees something ends in a hand-over.
 */
export class Line<Detail> {
  readonly #claims: Claims<Detail>;
  readonly #answer: (claim: HeldClaim<Detail>) => Grant;
  readonly #waiting = new WaitQueue<WaitingClaim<Detail>>();
  #total: number;
  #heldPermits = 0;

  /** Every held claim is this line's; waiting ones `join`. `answer` is what a grant tells its owner. */
  constructor(
    claims: Claims<Detail>,
    total: number,
    answer: (claim: HeldClaim<Detail>) => Grant = ({ token }) => ({ token }),
  ) {
    this.#claims = claims;
    this.#total = total;
    this.#answer = answer;
    for (const { permits } of claims.held()) this.#heldPermits += permits;
  }

  get total(): number {
    return this.#total;
  }

  set total(total: number) {
    this.#total = total;
  }

  /** What is free: negative where the total was lowered below what is held. */
  get free(): number {
    return this.#total - this.#heldPermits;
  }

  get tasksWaiting(): number {
    return this.#waiting.size;
  }

  waiters(): Iterable<WaitingClaim<Detail>> {
    return this.#waiting;
  }

  /** True if that many permits are free and nobody waits for any: nobody barges (W2, W6). */
  fits(permits: number): boolean {
    return this.#waiting.size === 0 && permits <= this.free;
  }

  join(claim: WaitingClaim<Detail>): void {
    this.#waiting.join(claim);
  }

  /** The claim has ended, or waits on elsewhere. */
  leave(claim: WaitingClaim<Detail> | HeldClaim<Detail>): void {
    if (claim.state === "held") this.#heldPermits -= claim.permits;
    else this.#waiting.leave(claim);
  }

  replace(claim: WaitingClaim<Detail>, by: WaitingClaim<Detail>): void {
    this.#waiting.replace(claim, by);
  }

  grant(asked: Asked<Detail> | WaitingClaim<Detail>, nowMs: number): Effect[] {
    invariant(asked.permits <= this.free, "only what is free is granted");
    const claim = this.#claims.grant(asked, nowMs);
    this.#heldPermits += claim.permits;
    return [{ type: "put-claim", claim }, this.tell(claim)];
  }

  /** What the owner of a grant is told, again if it asks again (LE5). */
  tell(claim: HeldClaim<Detail>): Effect {
    return replyOk(claim.session, claim.requestId, this.#answer(claim));
  }

  /** Grants from the front for as long as the first fits; a large request is never overtaken (W6). */
  handOver(nowMs: number): Effect[] {
    const effects: Effect[] = [];
    for (;;) {
      const first = this.#waiting.first();
      if (first === null || first.permits > this.free) return effects;
      this.#waiting.leave(first);
      effects.push(...this.grant(first, nowMs));
    }
  }
}
