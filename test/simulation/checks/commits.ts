import type { StoredClaim } from "../../../objects/host/ports.ts";
import type { Kind } from "../../../sdk/protocol.ts";
import type { Disk, Granted } from "../world/disk.ts";
import type { Violations } from "./violations.ts";

type Waiting = Extract<StoredClaim, { state: "waiting" }>;

/** Looks at the disk after every commit: what must be true of it whatever happened. */
export class CommitChecks {
  readonly #kind: Kind;
  readonly #violations: Violations;
  #greatestToken = 0;

  constructor(kind: Kind, violations: Violations) {
    this.#kind = kind;
    this.#violations = violations;
  }

  look(disk: Disk, granted: readonly Granted[]): void {
    this.#tokensGrow(granted);
    for (const claim of disk.claims.values()) {
      this.#violations.check(disk.sessions.has(claim.session), () => "a claim has no session");
    }
    switch (this.#kind) {
      case "lock":
      case "semaphore":
      case "condition":
      case "limiter":
        return this.#line(disk, granted);
      case "event":
        return this.#event(disk);
      case "stream":
        return this.#stream(disk);
    }
  }

  /** Whatever is due has an alarm no later than that. What only sockets know is not looked at. */
  atRest(disk: Disk, alarmAtMs: number | null): void {
    const { wokenThrough = 0 } = (disk.state ?? {}) as { wokenThrough?: number };
    const waits = waiting(disk).filter(({ ticket }) => ticket > wokenThrough);
    const deadlines = [
      ...waits.map(({ deadlineMs }) => deadlineMs),
      ...Array.from(disk.sessions.values(), ({ expiresAtMs }) => expiresAtMs),
    ];
    const earliest = Math.min(...deadlines.map((at) => at ?? Infinity));
    this.#violations.check(
      earliest === Infinity || (alarmAtMs !== null && alarmAtMs <= earliest),
      () => `something is due at ${earliest}, and the alarm is armed for ${String(alarmAtMs)}`,
    );
  }

  /** LE2. */
  #tokensGrow(granted: readonly Granted[]): void {
    for (const { token } of granted) {
      this.#violations.check(
        token > this.#greatestToken,
        () => `token ${token} was granted after ${this.#greatestToken}`,
      );
      this.#greatestToken = Math.max(this.#greatestToken, token);
    }
  }

  /** LK1, SE1, W1, W2, W6, CL1. */
  #line(disk: Disk, granted: readonly Granted[]): void {
    const claims = [...disk.claims.values()];
    const total = totalOf(this.#kind, disk.state);
    const held = claims.filter(({ state }) => state === "held");
    const inLine = waiting(disk).filter(({ detail }) => detail !== "parked");
    const free = total - permits(held);
    const isLowered = this.#kind === "limiter";
    this.#violations.check(free >= 0 || isLowered, () => `${permits(held)} of ${total} are held`);
    const [first] = inLine.toSorted((a, b) => a.ticket - b.ticket);
    this.#violations.check(
      first === undefined || first.permits > free,
      () => `somebody waits for ${first?.permits ?? 0} while ${free} are free`,
    );
    for (const { ticket } of granted) {
      if (ticket === null || first === undefined) continue;
      this.#violations.check(
        first.ticket > ticket,
        () => `ticket ${ticket} was served before ${first.ticket}`,
      );
    }
    if (this.#kind !== "limiter") return;
    const borrowers = claims.map(({ detail }) => (detail as { borrower: string }).borrower);
    this.#violations.check(
      new Set(borrowers).size === borrowers.length,
      () => "a borrower has two claims",
    );
  }

  /** EV1, EV2. */
  #event(disk: Disk): void {
    const { isSet = false, wokenThrough = 0 } = (disk.state ?? {}) as {
      isSet?: boolean;
      wokenThrough?: number;
    };
    const waits = waiting(disk).filter(({ ticket }) => ticket > wokenThrough);
    this.#violations.check(!isSet || waits.length === 0, () => "somebody waits for a set event");
  }

  /** ST1, ST10. */
  #stream(disk: Disk): void {
    const { maxBufferSize = null } = (disk.state ?? {}) as { maxBufferSize?: number | null };
    const size = maxBufferSize ?? Infinity;
    const buffered = [...disk.items.values()].filter(({ delivery }) => delivery === null).length;
    const blocked = waiting(disk).map(({ detail }) => (detail as { is: string }).is);
    const receives = blocked.includes("receive");
    const sends = blocked.includes("send");
    const { check } = this.#violations;
    check.call(
      this.#violations,
      !receives || buffered === 0,
      () => "a receiver waits before a full buffer",
    );
    check.call(
      this.#violations,
      !sends || buffered >= size,
      () => "a sender waits while there is room",
    );
    check.call(
      this.#violations,
      !(sends && receives),
      () => "a sender and a receiver wait for each other",
    );
    for (const { delivery, seq } of disk.items.values()) {
      check.call(
        this.#violations,
        delivery === null || disk.sessions.has(delivery.session),
        () => `item ${seq} is with nobody`,
      );
    }
  }
}

function waiting(disk: Disk): Waiting[] {
  return [...disk.claims.values()].filter((claim) => claim.state === "waiting");
}

function permits(claims: readonly StoredClaim[]): number {
  return claims.reduce((sum, claim) => sum + claim.permits, 0);
}

function totalOf(kind: Kind, state: unknown): number {
  if (kind === "lock" || kind === "condition") return 1;
  const { total = 0 } = (state ?? {}) as { total?: number | null };
  return total ?? Infinity;
}
