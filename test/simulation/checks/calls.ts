import type { OneShotAnswer } from "../../../objects/host/asked.ts";
import type { StoredClaim } from "../../../objects/host/ports.ts";
import type { Kind, Request } from "../../../sdk/protocol.ts";
import type { Call } from "../world/call.ts";
import type { Change, Commit, Disk } from "../world/disk.ts";
import { isTakenOver, secretHashOf } from "../world/caller.ts";
import type { Ledger } from "./ledger.ts";
import { HAS_LINE } from "./rows.ts";
import type { Violations } from "./violations.ts";

/** What a call has made, for as long as it lasts. */
interface Lease {
  /** The shortest that was asked for. */
  ttlMs: number;
  heardAtMs: number;
  /**
   * Those that are under way. What is heard counts when it is on the disk; and a repeat that is only told once more what
   * was answered before keeps nothing alive.
   */
  readonly calls: Map<Call, "unsure" | "heard" | "repeat">;
  /** The one that asked last for what it stands for. */
  latest: Call | null;
  /** Somebody has given it back, or has hung up. */
  isEnding: boolean;
}

/** A twin goes on hearing its callers for a moment after another instance has taken over; and answers take their time. */
const SLACK_MS = 100;
/** Of what was granted to somebody who stood in line it is looked for so long whether it is heard. */
const LOOKED_AFTER_MS = 20;
const GIVING_BACK: ReadonlySet<string> = new Set(["release", "confirm"]);
/** A call that was answered so has decided nothing, or is answered in another's place. */
const UNDECIDED: ReadonlySet<string> = new Set(["limit-exceeded", "overloaded", "protocol"]);

/** False for a thief. */
export function isByOwner({ oneShot: { session, secretHash } }: Call): boolean {
  return secretHash === secretHashOf(session);
}

/** LE1 and LE5, as they are for those who keep no socket. */
export class CallChecks {
  readonly #kind: Kind;
  readonly #violations: Violations;
  readonly #ledger: Ledger;
  readonly #leases = new Map<string, Lease>();
  readonly #answers = new Map<string, string>();
  /** The sessions of those who have hung up, and cannot come back. */
  readonly #left = new Set<string>();
  /** Who waited, and was granted something; a repeat is not among them. */
  readonly #unkept = new WeakMap<Call, number>();
  /** The borrowers for whom somebody has given back. */
  readonly #returned = new Set<unknown>();

  constructor(kind: Kind, violations: Violations, ledger: Ledger) {
    this.#kind = kind;
    this.#violations = violations;
    this.#ledger = ledger;
  }

  /** By whomever, over whatever. */
  asked(request: Request): void {
    if (request.op === "return") this.#returned.add(request.borrower);
  }

  /** `isAnswered` of a call that comes once more, and is only told what it was told before. */
  called(call: Call, { isAnswered, nowMs }: { isAnswered: boolean; nowMs: number }): void {
    const { session, client, ttlMs, body } = call.oneShot;
    const known = this.#leases.get(session);
    const begun = {
      ttlMs: ttlMs ?? 0,
      heardAtMs: nowMs,
      calls: new Map(),
      latest: null,
      isEnding: false,
    };
    const lease = known ?? begun;
    this.#leases.set(session, lease);
    if (client !== null) lease.latest = call;
    this.#left.delete(session);
    lease.calls.set(call, isAnswered ? "repeat" : "unsure");
    if (isAnswered) return;
    lease.ttlMs = Math.min(lease.ttlMs, ttlMs ?? Infinity);
    lease.isEnding = client === null && (lease.isEnding || GIVING_BACK.has(body.op));
  }

  /** LE5: what was answered is answered alike. LE1: what is granted is granted for as long as was asked. */
  answered(call: Call, answer: OneShotAnswer, nowMs: number): void {
    const { idempotency, session, client, ttlMs } = call.oneShot;
    const held = this.#leases.get(session);
    const { reply, lease, replayed } = answer;
    if (answer.waited && lease !== null && client !== null && idempotency === null)
      this.#unkept.set(call, nowMs);
    // That there is no such lease is true for ever, and so need not be kept; and it keeps nothing alive.
    const isRefused = client === null && "error" in reply && reply.error.code === "not-owner";
    if (held !== undefined && !isRefused) hear(held, call, nowMs);
    const isAsAsked = lease === null || client === null || lease.ttlMs === ttlMs;
    this.#violations.check("LE1", isAsAsked, () => `a lease for ${ttlMs} has ${lease?.ttlMs} ms`);
    if (idempotency === null) return;
    const { key } = idempotency;
    if ("error" in reply && UNDECIDED.has(reply.error.code)) return;
    if (isTakenOver(answer)) return;
    const text = JSON.stringify({ reply, lease });
    const before = this.#answers.get(key);
    this.#answers.set(key, text);
    this.#violations.check(
      "LE5",
      before === undefined || (before === text && (replayed || isRefused)),
      () => `the call with ${key} was answered ${before}, and then ${text}`,
    );
  }

  /** LE3: what is there can be given back. */
  released(disk: Disk, { oneShot: { session, body } }: Call, { reply }: OneShotAnswer): void {
    const isRefused = "error" in reply && reply.error.code === "not-owner";
    if (body.op !== "release" || !isRefused) return;
    const isThere = [...disk.claims.values()].some((claim) => claim.session === session);
    this.#violations.check("LE3", !isThere, () => `${session} is said to be no more, and is there`);
  }

  hungUp(call: Call): void {
    const { session, client, idempotency } = call.oneShot;
    const lease = this.#leases.get(session);
    // Whoever asks once more does so in its place.
    if (lease?.calls.size === 0 && client !== null) lease.isEnding = true;
    const isForGood = client !== null && idempotency === null && lease?.latest === call;
    if (isForGood) this.#left.add(session);
  }

  /** W3: for as long as an answer is looked after, who does not read it is noticed. */
  missed(call: Call, nowMs: number): void {
    const atMs = this.#unkept.get(call) ?? -Infinity;
    this.#violations.check(
      "W3",
      nowMs - atMs > LOOKED_AFTER_MS,
      () => `nobody looks whether ${call.name} is still there`,
    );
  }

  /** What it was told before, and has not written, it does not know. */
  started(): void {
    this.#left.clear();
  }

  /** W3: whoever has hung up, and has no key, has nothing. */
  atRest(disk: Disk): void {
    for (const session of this.#left) {
      const isGone = !disk.sessions.has(session);
      this.#violations.check("W3", isGone, () => `${session} has hung up, and is still there`);
    }
    this.#left.clear();
  }

  isOver(call: Call, nowMs: number): void {
    const lease = this.#leases.get(call.oneShot.session);
    if (lease === undefined) return;
    if (lease.calls.get(call) === "heard") lease.heardAtMs = nowMs;
    lease.calls.delete(call);
  }

  committed(disk: Disk, { claims, items, sessions }: Commit, nowMs: number): void {
    for (const change of claims.values()) this.#claim(disk, change, nowMs);
    for (const { before, after } of items.values()) {
      const from = before?.delivery?.session ?? null;
      // Confirmed is confirmed: what is lost so, its sender and its receiver miss.
      if (from === null || after === null || after.delivery?.session === from) continue;
      this.#judge(from, nowMs, () => `${before?.text} was taken back`);
    }
    for (const [id, { after }] of sessions) {
      const lease = this.#leases.get(id);
      if (lease === undefined || after === null) continue;
      for (const call of lease.calls.keys()) hear(lease, call, nowMs);
    }
  }

  #claim(disk: Disk, { before, after }: Change<StoredClaim>, nowMs: number): void {
    const session = after?.session ?? before?.session ?? "";
    const lease = this.#leases.get(session);
    if (lease === undefined) return;
    if (before === null || after !== null) return;
    if (before.state === "held") {
      const isTaken = this.#ledger.revoked.has(before.token) || this.#isReturned(before);
      const waitsOn = [...disk.claims.values()].some((claim) => claim.session === session);
      if (!isTaken && !waitsOn) this.#judge(session, nowMs, () => `${before.token} is lost`);
    } else if (HAS_LINE[this.#kind] && before.deadlineMs === null && !this.#isReturned(before)) {
      this.#judge(session, nowMs, () => `the place of ticket ${before.ticket} is lost`);
    }
  }

  /** LE1: not before its time is up, unless whoever has it wants it so. */
  #judge(session: string, nowMs: number, what: () => string): void {
    const lease = this.#leases.get(session);
    if (lease === undefined || lease.isEnding) return;
    const isHeard = [...lease.calls.values()].includes("heard");
    const silentMs = isHeard ? 0 : nowMs - lease.heardAtMs;
    this.#violations.check(
      "LE1",
      silentMs >= lease.ttlMs - SLACK_MS,
      () => `${what()}, of ${session}, after ${silentMs} ms of ${lease.ttlMs}`,
    );
  }

  #isReturned({ detail }: StoredClaim): boolean {
    const { borrower } = (detail ?? {}) as { borrower?: string };
    return this.#returned.has(borrower);
  }
}

function hear(lease: Lease, call: Call, nowMs: number): void {
  if (lease.calls.get(call) !== "unsure") return;
  lease.calls.set(call, "heard");
  lease.heardAtMs = nowMs;
}
