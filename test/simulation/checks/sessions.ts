import type { Request } from "../../../sdk/protocol.ts";
import type { Commit, Disk } from "../world/disk.ts";
import type { Rest } from "../world/observer.ts";
import type { Ledger } from "./ledger.ts";
import type { Violations } from "./violations.ts";

interface Heard {
  attempt: number;
  atMs: number;
  longestGapMs: number;
}

/** A twin goes on hearing its clients for a moment after another instance has taken over. */
const SLACK_MS = 100;

/** LE1: a session ends when its client says so, or has been silent for its TTL; not earlier. */
export class SessionChecks {
  readonly #violations: Violations;
  readonly #ledger: Ledger;
  readonly #heard = new Map<string, Heard>();
  readonly #ending = new Set<string>();

  constructor(violations: Violations, ledger: Ledger) {
    this.#violations = violations;
    this.#ledger = ledger;
  }

  alive(session: string, attempt: number, atMs: number): void {
    const heard = this.#heard.get(session);
    if (heard === undefined) {
      this.#heard.set(session, { attempt, atMs, longestGapMs: 0 });
      return;
    }
    // A connection that was superseded keeps nothing alive.
    if (attempt < heard.attempt) return;
    heard.attempt = attempt;
    heard.longestGapMs = Math.max(heard.longestGapMs, atMs - heard.atMs);
    heard.atMs = Math.max(heard.atMs, atMs);
  }

  turnedAway(session: string, attempt: number): void {
    const latest = this.#heard.get(session)?.attempt ?? 0;
    this.#violations.check(
      "LE1",
      attempt <= latest,
      () => `connection ${attempt} was turned away, and the latest before was ${latest}`,
    );
  }

  asked(session: string, { op }: Request): void {
    if (op === "end") this.ends(session);
  }

  /** Its client wants it so. */
  ends(session: string): void {
    this.#ending.add(session);
  }

  committed(disk: Disk, commit: Commit, nowMs: number): void {
    for (const claim of disk.claims.values()) {
      const hasSession = disk.sessions.has(claim.session);
      this.#violations.check("LE1", hasSession, () => "a claim has no session");
    }
    for (const [id, { before, after }] of commit.sessions) {
      if (before === null || after !== null || this.#ending.has(id)) continue;
      this.#ledger.expired(before.client, nowMs);
      const heard = this.#heard.get(id);
      if (heard === undefined) continue;
      // What the server heard when it had already given the session up does not count.
      const silentMs = Math.max(heard.longestGapMs, nowMs - heard.atMs);
      this.#violations.check(
        "LE1",
        silentMs >= before.ttlMs - SLACK_MS,
        () => `the session of ${before.client} ended after ${silentMs} ms of ${before.ttlMs}`,
      );
    }
  }

  /** A session without a socket ends some time, however often the object starts anew. */
  atRest(disk: Disk, { sessions, callers }: Rest): void {
    for (const { id, expiresAtMs } of disk.sessions.values()) {
      this.#violations.check(
        "LE1",
        expiresAtMs !== null || sessions.has(id) || callers.has(id),
        () => `session ${id} has no socket and no call, and nothing on the disk says when it ends`,
      );
    }
  }
}
