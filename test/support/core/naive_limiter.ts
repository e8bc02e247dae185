import type { ClientRequest } from "../../../objects/core/machine.ts";
import { NaiveMarks } from "./naive_marks.ts";
import type { Model, Said } from "./tale.ts";

interface NaiveClaim {
  readonly session: string;
  readonly id: number;
  readonly borrower: string;
  readonly deadlineMs: number;
  /** 0 while it waits. */
  token: number;
}

/** What a limiter ought to do: one list of who borrows and who waits to, in the order of arrival. */
export class NaiveLimiter implements Model {
  said: Said[] = [];
  claims: NaiveClaim[] = [];
  /** Infinity where there is no limit. */
  total: number;
  readonly #marks = new NaiveMarks();
  #lastToken = 0;

  constructor(total: number) {
    this.total = total;
  }

  get borrowed(): NaiveClaim[] {
    return this.claims.filter(({ token }) => token > 0).toSorted((a, b) => a.token - b.token);
  }

  get waiting(): NaiveClaim[] {
    return this.claims.filter(({ token }) => token === 0);
  }

  ask(session: string, request: ClientRequest, nowMs: number): void {
    const { id, op } = request;
    if (op === "acquire") {
      const { borrower = "", timeoutMs = Infinity } = request;
      this.#borrow({ session, id, borrower, timeoutMs }, nowMs);
    } else if (op === "release") {
      const owned = (claim: NaiveClaim): boolean =>
        claim.token === request.token && claim.session === session;
      const isOwner = this.borrowed.some((claim) => owned(claim));
      this.#remove((claim) => isOwner && owned(claim), nowMs);
      this.#say(session, id, isOwner ? {} : "not-owner");
    } else if (op === "cancel") {
      this.#remove((claim) => claim.session === session && claim.id === request.target, nowMs);
      this.#say(session, id, {});
    } else if (this.#marks.isDone(session, id)) {
      this.#say(session, id, {});
    } else if (op === "return") {
      this.#giveBack(session, id, request.borrower, nowMs);
    } else if (op === "set-total") {
      const total = request.totalTokens ?? Infinity;
      if (total !== this.total) this.#marks.changed(session, id);
      this.total = total;
      this.#serve(nowMs);
      this.#say(session, id, {});
    }
  }

  end(session: string, nowMs: number): void {
    this.#remove((claim) => claim.session === session, nowMs);
  }

  revoke(token: number, nowMs: number): void {
    const claim = this.borrowed.find((each) => each.token === token);
    if (claim === undefined) return;
    this.#say(claim.session, "revoked", token);
    this.#remove((each) => each === claim, nowMs);
  }

  expire(silent: readonly string[], nowMs: number): void {
    const late = this.waiting.filter(({ deadlineMs }) => deadlineMs <= nowMs);
    for (const { session, id } of late) this.#say(session, id, "timeout");
    this.#remove((claim) => late.includes(claim) || silent.includes(claim.session), nowMs);
  }

  #borrow(
    asked: { session: string; id: number; borrower: string; timeoutMs: number },
    nowMs: number,
  ): void {
    const { session, id, borrower, timeoutMs } = asked;
    const known = this.claims.find((claim) => claim.session === session && claim.id === id);
    if (known !== undefined) {
      if (known.token > 0) this.#say(session, id, { token: known.token });
      return;
    }
    if (this.claims.some((claim) => claim.borrower === borrower)) {
      return this.#say(session, id, "already-borrowed");
    }
    if (timeoutMs === 0 && (this.waiting.length > 0 || this.borrowed.length >= this.total)) {
      return this.#say(session, id, "timeout");
    }
    this.claims.push({ session, id, borrower, deadlineMs: nowMs + timeoutMs, token: 0 });
    this.#serve(nowMs);
  }

  #giveBack(session: string, id: number, borrower: string, nowMs: number): void {
    const claim = this.borrowed.find((each) => each.borrower === borrower);
    if (claim === undefined) {
      this.#marks.refused(session, id);
      return this.#say(session, id, "not-borrowed");
    }
    this.#marks.changed(session, id);
    const { session: owner, token } = claim;
    this.#say(owner, owner === session ? "returned" : "revoked", token);
    this.#remove((each) => each === claim, nowMs);
    this.#say(session, id, {});
  }

  #remove(ended: (claim: NaiveClaim) => boolean, nowMs: number): void {
    this.claims = this.claims.filter((claim) => !ended(claim));
    this.#serve(nowMs);
  }

  #serve(nowMs: number): void {
    const [first] = this.waiting;
    if (first === undefined || this.borrowed.length >= this.total) return;
    this.#lastToken = Math.max(this.#lastToken + 1, nowMs * 1_000);
    first.token = this.#lastToken;
    this.#say(first.session, first.id, { token: first.token });
    this.#serve(nowMs);
  }

  #say(to: string, re: Said["re"], is: unknown): void {
    this.said.push({ to, re, is });
  }
}
