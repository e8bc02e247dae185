import { claimKey } from "../../../objects/host/ports.ts";
import type { Request } from "../../../sdk/protocol.ts";
import type { Disk } from "../world/disk.ts";
import type { Rest } from "../world/observer.ts";
import { isParked, waiting, type Waiting } from "./rows.ts";
import type { Violations } from "./violations.ts";

/** The clock may move on between an event and the commit of what it changed. */
const SLACK_MS = 5;
/** After a hibernation the host may take a session for heard a little later than it was. */
const LAG_MS = 300;

/** W4: the server lets go whoever has waited for as long as it wanted; and whatever is due has an alarm. */
export class DeadlineChecks {
  readonly #violations: Violations;
  /** When the time of a request that stated a limit is up, by the claim that it makes, if it makes one. */
  readonly #dueMs = new Map<string, number>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  asked(session: string, request: Request, nowMs: number): void {
    const { timeoutMs = Infinity } = request as { timeoutMs?: number };
    const key = claimKey(session, request.id);
    // It may be heard more than once, each time with what is left of its time, and only one of them be on the disk.
    this.#dueMs.set(key, Math.max(this.#dueMs.get(key) ?? 0, nowMs + timeoutMs));
  }

  atRest(disk: Disk, { nowMs, alarmAtMs, isClockTrue, callers }: Rest): void {
    const waits = waiting(disk).filter((claim) => isStillWaiting(disk, claim));
    for (const claim of waits) {
      const dueMs = this.#dueMs.get(claimKey(claim.session, claim.requestId)) ?? Infinity;
      this.#violations.check(
        "W4",
        nowMs < dueMs + SLACK_MS,
        () => `somebody waits ${nowMs - dueMs} ms longer than it wanted to`,
      );
    }
    const involved = new Set(Array.from(disk.claims.values(), ({ session }) => session));
    // When somebody who is connected was heard last only its socket knows: it was not later than now.
    const connectedMs = ({ id, ttlMs }: { id: string; ttlMs: number }): number =>
      involved.has(id) && isClockTrue && !callers.has(id) ? nowMs + LAG_MS + ttlMs : Infinity;
    const deadlines = [
      ...waits.map(({ deadlineMs }) => deadlineMs),
      ...Array.from(
        disk.sessions.values(),
        (session) => session.expiresAtMs ?? connectedMs(session),
      ),
    ];
    const earliest = Math.min(...deadlines.map((at) => at ?? Infinity));
    this.#violations.check(
      "alarm",
      earliest === Infinity || (alarmAtMs !== null && alarmAtMs <= earliest),
      () => `something is due at ${earliest}, and the alarm is armed for ${String(alarmAtMs)}`,
    );
  }
}

/** Not those who wait only to be told, or, at a condition, for the lock that they must have again. */
function isStillWaiting({ state }: Disk, claim: Waiting): boolean {
  const { wokenThrough = 0 } = (state ?? {}) as { wokenThrough?: number };
  if (typeof claim.detail === "string") return isParked(claim);
  return claim.ticket > wokenThrough;
}
