import type { AcquireRequest, Fault, LockStatistics } from "../../sdk/protocol.ts";
import type { Session } from "./claim.ts";
import { Line } from "./line.ts";
import { LineMachine } from "./line_machine.ts";
import { replyError, type ClientRequest, type Effect, type Recovered } from "./machine.ts";

/** A lock: a line for one permit (LK1). */
export class LockMachine extends LineMachine {
  readonly kind = "lock";
  readonly notConfigured = null;

  constructor(recovered: Recovered) {
    super(new Line(recovered, 1));
  }

  get disposable(): boolean {
    return this.line.isEmpty;
  }

  statistics(): LockStatistics {
    const [owner] = this.line.holders();
    return {
      locked: owner !== undefined,
      owner:
        owner === undefined
          ? null
          : { client: owner.session.client, token: owner.token, since: owner.grantedAtMs },
      tasksWaiting: this.line.tasksWaiting,
    };
  }

  protected configure(request: ClientRequest): Effect[] | Fault {
    if (request.config === undefined) return [];
    return { code: "invalid-argument", message: "A lock takes no configuration." };
  }

  protected acquire(session: Session, request: AcquireRequest, nowMs: number): Effect[] {
    if (request.permits === 1) return this.line.acquire(session, request, nowMs);
    const message = "A lock has one permit: acquire it with permits 1, or leave permits out.";
    return [replyError(session, request.id, { code: "invalid-argument", message })];
  }
}
