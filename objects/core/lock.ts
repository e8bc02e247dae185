import type { AcquireRequest, Fault, LockStatistics } from "../../sdk/protocol.ts";
import type { HeldClaim, Session } from "./claim.ts";
import { invalid } from "./faults.ts";
import type { Line } from "./line.ts";
import { LineMachine } from "./line_machine.ts";
import { replyError, type ClientRequest, type Effect, type Recovered } from "./machine.ts";

/** A lock: a line for one permit (LK1). */
export class LockMachine extends LineMachine<null> {
  readonly kind = "lock";
  readonly notConfigured = null;

  constructor(recovered: Recovered) {
    super(recovered, 1);
  }

  get disposable(): boolean {
    return this.claims.isEmpty;
  }

  statistics(): LockStatistics {
    return lockStatistics(this.line, this.claims.held());
  }

  protected configure(request: ClientRequest): Effect[] | Fault {
    return this.refuseConfig(request);
  }

  protected serve(session: Session, request: ClientRequest, nowMs: number): Effect[] | null {
    if (request.op !== "acquire") return null;
    const fault = onePermit(request);
    if (fault !== null) return [replyError(session, request.id, fault)];
    return this.acquire(session, request, null, nowMs);
  }
}

/** What is wrong with an acquire of what there is one of. */
export function onePermit({ permits }: AcquireRequest): Fault | null {
  if (permits === 1) return null;
  return invalid("A lock has one permit: acquire it with permits 1, or leave permits out.");
}

export function lockStatistics<Detail>(
  line: Line<Detail>,
  held: Iterable<HeldClaim<Detail>>,
): LockStatistics {
  const [owner] = held;
  return {
    locked: owner !== undefined,
    owner:
      owner === undefined
        ? null
        : { client: owner.session.client, token: owner.token, since: owner.grantedAtMs },
    tasksWaiting: line.tasksWaiting,
  };
}
