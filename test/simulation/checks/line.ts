import { claimKey } from "../../../objects/host/ports.ts";
import type { Kind } from "../../../sdk/protocol.ts";
import type { Commit, Disk } from "../world/disk.ts";
import type { Granted } from "./grants.ts";
import { held, permitsOf, totalOf, waitingForLock, type Waiting } from "./rows.ts";
import type { Violations } from "./violations.ts";

/** What must be true of every line after every commit: of a lock, a semaphore, a condition's lock, a limiter. */
export class LineChecks {
  readonly #kind: Kind;
  readonly #violations: Violations;

  constructor(kind: Kind, violations: Violations) {
    this.#kind = kind;
    this.#violations = violations;
  }

  committed(disk: Disk, commit: Commit, granted: readonly Granted[]): void {
    const claims = held(disk);
    const free = totalOf(this.#kind, disk.state) - permitsOf(claims);
    const inLine = waitingForLock(disk).toSorted((a, b) => a.ticket - b.ticket);
    this.#notTooMany(free, commit, granted);
    const [first] = inLine;
    this.#violations.check(
      "W2",
      first === undefined || first.permits > free,
      () => `somebody waits for ${first?.permits ?? 0} while ${free} are free`,
    );
    this.#inOrder(inLine, commit, granted);
    if (this.#kind === "semaphore") this.#notBeyondMax(disk);
    if (this.#kind === "limiter") this.#oneEach(disk);
  }

  /** LK1, SE1, CL5: only a limiter's total may fall below what is held, and then nothing is granted. */
  #notTooMany(free: number, { stateWasPut }: Commit, granted: readonly Granted[]): void {
    const isLimiter = this.#kind === "limiter";
    const mayBeLess = isLimiter && (granted.length === 0 || stateWasPut);
    this.#violations.check(
      isLimiter ? "CL5" : "SE1",
      free >= 0 || mayBeLess,
      () => `${-free} more are held than there are`,
    );
  }

  /** W1, W6: nobody is served before those who waited all the while and had come earlier. */
  #inOrder(inLine: readonly Waiting[], { claims }: Commit, granted: readonly Granted[]): void {
    const patient = inLine.find(
      ({ session, requestId }) => !claims.has(claimKey(session, requestId)),
    );
    if (patient === undefined) return;
    for (const { waited, after } of granted) {
      // Whoever was parked has joined the line since; where, the disk does not say.
      if (waited?.detail === "parked") continue;
      this.#violations.check(
        "W1",
        waited !== null && waited.ticket < patient.ticket,
        () => `token ${after.token} was granted past ticket ${patient.ticket}`,
      );
    }
  }

  #notBeyondMax({ state }: Disk): void {
    const { total = 0, maxPermits = null } = (state ?? {}) as {
      total?: number;
      maxPermits?: number | null;
    };
    const holds = maxPermits === null || total <= maxPermits;
    this.#violations.check("SE2", holds, () => `there are ${total} of ${maxPermits} permits`);
  }

  #oneEach({ claims }: Disk): void {
    const borrowers = Array.from(
      claims.values(),
      ({ detail }) => (detail as { borrower: string }).borrower,
    );
    const holds = new Set(borrowers).size === borrowers.length;
    this.#violations.check("CL1", holds, () => "a borrower has two claims");
  }
}
