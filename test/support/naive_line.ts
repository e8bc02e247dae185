import type { Fault } from "../../sdk/protocol.ts";

/** An answer, or what an owner is told; `is` is a grant's token, "done", a value, or a fault's code. */
export interface Said {
  readonly to: string;
  readonly re: number | "revoked";
  readonly is: number | "done" | Fault["code"] | { value: number; tasksWaiting: number };
}

interface NaiveClaim {
  readonly session: string;
  readonly id: number;
  readonly permits: number;
  readonly sinceMs: number;
  readonly deadlineMs: number;
  readonly try: boolean;
  /** 0 while it waits. */
  token: number;
  grantedAtMs: number;
}

/** What a line of waiters ought to do, written down as plainly as can be: one list, looked through again and again. */
export class NaiveLine {
  /** Everybody who waits or holds, in the order of arrival. */
  claims: NaiveClaim[] = [];
  total: number;
  /** What was said; whoever reads it empties it. */
  said: Said[] = [];
  readonly #maxTotal: number;
  readonly #deposited = new Set<string>();
  #lastToken = 0;

  constructor({ total, maxTotal }: { total: number; maxTotal: number }) {
    this.total = total;
    this.#maxTotal = maxTotal;
  }

  get holders(): NaiveClaim[] {
    return this.claims.filter((claim) => claim.token > 0);
  }

  get waiters(): NaiveClaim[] {
    return this.claims.filter((claim) => claim.token === 0);
  }

  get value(): number {
    return this.total - this.holders.reduce((sum, { permits }) => sum + permits, 0);
  }

  get nextDeadlineMs(): number | null {
    const earliest = Math.min(...this.waiters.map(({ deadlineMs }) => deadlineMs));
    return earliest === Infinity ? null : earliest;
  }

  acquire(
    asked: { session: string; id: number; permits: number; timeoutMs: number },
    nowMs: number,
  ): void {
    const { session, id, permits, timeoutMs } = asked;
    const known = this.claims.find((claim) => claim.session === session && claim.id === id);
    if (known !== undefined) {
      if (known.token > 0) this.#say(session, id, known.token);
      return;
    }
    if (permits > this.#maxTotal) return this.#say(session, id, "invalid-argument");
    const claim = { session, id, permits, sinceMs: nowMs, token: 0, grantedAtMs: 0 };
    this.claims.push({ ...claim, deadlineMs: nowMs + timeoutMs, try: timeoutMs === 0 });
    this.#serve(nowMs);
    this.#timeOut((each) => each.try, nowMs);
  }

  release(session: string, id: number, token: number, nowMs: number): void {
    const owned = this.holders.some((claim) => claim.token === token && claim.session === session);
    this.#remove((claim) => owned && claim.token === token, nowMs);
    this.#say(session, id, owned ? "done" : "not-owner");
  }

  cancel(session: string, id: number, target: number, nowMs: number): void {
    this.#remove((claim) => claim.session === session && claim.id === target, nowMs);
    this.#say(session, id, "done");
  }

  deposit(session: string, id: number, permits: number, nowMs: number): void {
    const key = `${session}/${id}`;
    const repeated = this.#deposited.has(key);
    if (!repeated && this.total + permits > this.#maxTotal) {
      return this.#say(session, id, "over-release");
    }
    this.#deposited.add(key);
    this.total += repeated ? 0 : permits;
    this.#serve(nowMs);
    this.#say(session, id, "done");
  }

  statistics(session: string, id: number): void {
    this.#say(session, id, { value: this.value, tasksWaiting: this.waiters.length });
  }

  end(session: string, nowMs: number): void {
    this.#remove((claim) => claim.session === session, nowMs);
  }

  revoke(token: number, nowMs: number): void {
    const holder = this.holders.find((claim) => claim.token === token);
    if (holder === undefined) return;
    this.#say(holder.session, "revoked", token);
    this.#remove((claim) => claim === holder, nowMs);
  }

  expire(nowMs: number): void {
    this.#timeOut(({ deadlineMs }) => deadlineMs <= nowMs, nowMs);
  }

  #timeOut(late: (claim: NaiveClaim) => boolean, nowMs: number): void {
    const out = this.waiters.filter(late);
    for (const { session, id } of out) this.#say(session, id, "timeout");
    this.#remove((claim) => out.includes(claim), nowMs);
  }

  #remove(ended: (claim: NaiveClaim) => boolean, nowMs: number): void {
    this.claims = this.claims.filter((claim) => !ended(claim));
    this.#serve(nowMs);
  }

  #serve(nowMs: number): void {
    const [first] = this.waiters;
    if (first === undefined || first.permits > this.value) return;
    this.#lastToken = Math.max(this.#lastToken + 1, nowMs * 1_000);
    first.token = this.#lastToken;
    first.grantedAtMs = nowMs;
    this.#say(first.session, first.id, first.token);
    this.#serve(nowMs);
  }

  #say(to: string, re: Said["re"], is: Said["is"]): void {
    this.said.push({ to, re, is });
  }
}
