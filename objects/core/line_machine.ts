import { LIMITS, type AcquireRequest, type Grant } from "../../sdk/protocol.ts";
import type { Claim, HeldClaim, Session, WaitingClaim } from "./claim.ts";
import { Claims } from "./claims.ts";
import { limitExceeded, TIMEOUT } from "./faults.ts";
import { Line } from "./line.ts";
import { replyError, type Effect, type Recovered } from "./machine.ts";
import { PrimitiveMachine, type Ending } from "./primitive_machine.ts";

/** What every primitive with one line has in common; a subclass says what an acquire may ask for. */
export abstract class LineMachine<Detail> extends PrimitiveMachine<Detail> {
  protected readonly line: Line<Detail>;

  /** A waiting claim for which `isInLine` says no waits for something else. */
  constructor(
    recovered: Recovered,
    total: number,
    options: {
      answer?: (claim: HeldClaim<Detail>) => Grant;
      isInLine?: (claim: WaitingClaim<Detail>) => boolean;
    } = {},
  ) {
    super(new Claims<Detail>(recovered));
    this.line = new Line(this.claims, total, options.answer);
    const { isInLine = () => true } = options;
    for (const claim of this.claims.waiting()) if (isInLine(claim)) this.line.join(claim);
  }

  /** Grants, or joins the line; `timeoutMs` 0 does not wait, and nobody barges past those who do (W2, W6). */
  protected acquire(
    session: Session,
    { id, permits, timeoutMs }: Pick<AcquireRequest, "id" | "permits" | "timeoutMs">,
    detail: Detail,
    nowMs: number,
  ): Effect[] {
    const known = this.claims.find(session, id);
    if (known !== null) return known.state === "held" ? [this.line.tell(known)] : [];
    const noRoom = this.claims.noRoom(session);
    if (noRoom !== null) return [replyError(session, id, noRoom)];
    const asked = { session, requestId: id, permits, detail };
    if (this.line.fits(permits)) return this.line.grant(asked, nowMs);
    if (timeoutMs === 0) return [replyError(session, id, TIMEOUT)];
    if (this.line.tasksWaiting >= LIMITS.waitersMax) {
      const fault = limitExceeded("waitersMax", "Too many wait in this line");
      return [replyError(session, id, fault)];
    }
    const claim = this.claims.wait(asked, nowMs, timeoutMs);
    this.line.join(claim);
    return [{ type: "put-claim", claim }];
  }

  protected drop(claim: Claim<Detail>, _how: Ending): Effect[] {
    this.line.leave(claim);
    return [this.claims.end(claim)];
  }

  protected flow(nowMs: number): Effect[] {
    return this.line.handOver(nowMs);
  }

  protected waiters(): Iterable<WaitingClaim<Detail>> {
    return this.line.waiters();
  }
}
