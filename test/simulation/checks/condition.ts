import { claimKey } from "../../../objects/host/ports.ts";
import type { Request } from "../../../sdk/protocol.ts";
import type { Commit, Disk } from "../world/disk.ts";
import type { Ledger } from "./ledger.ts";
import { isParked, waiting, type Held } from "./rows.ts";
import type { Violations } from "./violations.ts";

export class ConditionChecks {
  readonly #violations: Violations;
  readonly #ledger: Ledger;
  /** The claim that a wait makes, by the token that it gives up. */
  readonly #waits = new Map<number, { session: string; key: string }>();

  constructor(violations: Violations, ledger: Ledger) {
    this.#violations = violations;
    this.#ledger = ledger;
  }

  asked(session: string, request: Request): void {
    if (request.op !== "wait" || request.token === undefined) return;
    this.#waits.set(request.token, { session, key: claimKey(session, request.id) });
  }

  committed(disk: Disk, { claims }: Commit): void {
    const notified: number[] = [];
    for (const { before, after } of claims.values()) {
      if (before?.state === "held" && after === null) this.#waitsInOneStep(disk, before);
      const isMoved = before?.state === "waiting" && isParked(before);
      if (isMoved && after?.detail === "notified") notified.push(before.ticket);
    }
    if (notified.length === 0) return;
    const last = Math.max(...notified);
    for (const claim of waiting(disk)) {
      const isUntouched = !claims.has(claimKey(claim.session, claim.requestId));
      this.#violations.check(
        "CO3",
        !isParked(claim) || !isUntouched || claim.ticket > last,
        () => `ticket ${last} was notified before ${claim.ticket}`,
      );
    }
  }

  /** CO2: one commit ends the grant and parks the waiter. */
  #waitsInOneStep(disk: Disk, { token, session }: Held): void {
    const wait = this.#waits.get(token);
    if (wait?.session !== session || this.#ledger.revoked.has(token)) return;
    this.#violations.check(
      "CO2",
      !disk.sessions.has(wait.session) || disk.claims.has(wait.key),
      () => `a wait has given up token ${token}, and nobody waits`,
    );
  }
}
