import type { StoredClaim } from "../../../objects/host/ports.ts";
import type { Change, Commit } from "../world/disk.ts";
import type { Held, Waiting } from "./rows.ts";
import type { Violations } from "./violations.ts";

/** What one commit granted. */
export interface Granted {
  readonly after: Held;
  /** What it was before the commit, if it waited then. */
  readonly waited: Waiting | null;
}

/** In the order of their tokens. */
export function grantsOf({ claims }: Commit): Granted[] {
  const granted: Granted[] = [];
  for (const { before, after } of claims.values()) {
    if (after?.state !== "held") continue;
    if (before?.state === "held" && before.token === after.token) continue;
    granted.push({ after, waited: before?.state === "waiting" ? before : null });
  }
  return granted.toSorted((a, b) => a.after.token - b.after.token);
}

export class TokenChecks {
  readonly #violations: Violations;
  #greatest = 0;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** LE2: tokens grow. LE5: a request has one grant. */
  committed(granted: readonly Granted[], { claims }: Commit): void {
    for (const { after } of granted) {
      const { token } = after;
      this.#violations.check(
        "LE2",
        token > this.#greatest,
        () => `token ${token} was granted after ${this.#greatest}`,
      );
      this.#greatest = Math.max(this.#greatest, token);
    }
    for (const change of claims.values()) {
      this.#violations.check("LE5", !isGrantedTwice(change), () => "a request was granted twice");
    }
  }
}

function isGrantedTwice({ before, after }: Change<StoredClaim>): boolean {
  return before?.state === "held" && after?.state === "held" && before.token !== after.token;
}
