import type { ClientRequest } from "../../../objects/core/machine.ts";
import { NaiveMarks } from "./naive_marks.ts";
import type { Model, Said } from "./tale.ts";

interface NaiveClaim {
  readonly session: string;
  readonly id: number;
  /** `null` is an acquire, which never waited to be notified. */
  fate: "parked" | "notified" | "timed-out" | "cancelled" | null;
  /** Infinity, too, once it stands in the lock's line for having waited. */
  deadlineMs: number;
  /** 0 while it waits. */
  token: number;
}

type Asked<Op extends ClientRequest["op"]> = Extract<ClientRequest, { op: Op }>;

/** What a condition ought to do: those in the lock's line, whose first may hold it, and those who are parked. */
export class NaiveCondition implements Model {
  said: Said[] = [];
  line: NaiveClaim[] = [];
  parked: NaiveClaim[] = [];
  holder: NaiveClaim | null = null;
  readonly #marks = new NaiveMarks();
  #lastToken = 0;
  #owed = 0;

  ask(session: string, request: ClientRequest, nowMs: number): void {
    switch (request.op) {
      case "acquire":
        return this.#acquire(session, request, nowMs);
      case "wait":
        return this.#wait(session, request, nowMs);
      case "notify":
        return this.#notify(session, request);
      case "release": {
        const owned = this.#owns(session, request.token);
        if (owned) this.#remove((claim) => claim === this.holder, nowMs, { used: true });
        return this.#say(session, request.id, owned ? {} : "not-owner");
      }
      case "cancel":
        this.#cancel(session, request.target, nowMs);
        return this.#say(session, request.id, {});
      case "clear":
      case "confirm":
      case "deposit":
      case "open":
      case "receive":
      case "reset":
      case "return":
      case "send":
      case "set":
      case "set-total":
      case "statistics":
        throw new Error(`A tale of conditions has no ${request.op}.`);
    }
  }

  end(session: string, nowMs: number): void {
    this.#remove((claim) => claim.session === session, nowMs);
  }

  revoke(token: number, nowMs: number): void {
    if (this.holder?.token !== token) return;
    this.#say(this.holder.session, "revoked", token);
    this.#remove((claim) => claim === this.holder, nowMs);
  }

  expire(silent: readonly string[], nowMs: number): void {
    const isLate = ({ deadlineMs }: NaiveClaim): boolean => deadlineMs <= nowMs;
    for (const { session, id } of this.line.filter(isLate)) this.#say(session, id, "timeout");
    this.line = this.line.filter((claim) => !isLate(claim));
    const late = this.parked.filter(isLate);
    for (const claim of late.toSorted((a, b) => a.deadlineMs - b.deadlineMs)) {
      this.#toLine(claim, "timed-out");
    }
    this.#remove((claim) => silent.includes(claim.session), nowMs);
  }

  #acquire(session: string, { id, timeoutMs = Infinity }: Asked<"acquire">, nowMs: number): void {
    const known = this.#find(session, id);
    if (known === this.holder && known !== null) this.#tell(known);
    if (known !== null) return;
    if (timeoutMs === 0 && (this.holder !== null || this.line.length > 0)) {
      return this.#say(session, id, "timeout");
    }
    this.line.push({ session, id, fate: null, deadlineMs: nowMs + timeoutMs, token: 0 });
    this.#serve(nowMs);
  }

  #wait(session: string, request: Asked<"wait">, nowMs: number): void {
    const { id, token = 0, timeoutMs = Infinity } = request;
    const known = this.#find(session, id);
    if (known === this.holder && known !== null) this.#tell(known);
    if (known !== null) return;
    if (!this.#owns(session, token)) return this.#say(session, id, "not-owner");
    this.parked.push({ session, id, fate: "parked", deadlineMs: nowMs + timeoutMs, token: 0 });
    this.holder = null;
    this.#serve(nowMs);
  }

  #notify(session: string, { id, token, count = Infinity }: Asked<"notify">): void {
    if (!this.#marks.isDone(session, id)) {
      if (!this.#owns(session, token)) {
        this.#marks.refused(session, id);
        return this.#say(session, id, "not-owner");
      }
      const first = this.parked.slice(0, count);
      for (const claim of first) this.#toLine(claim, "notified");
      if (first.length > 0) this.#marks.changed(session, id);
    }
    this.#say(session, id, {});
  }

  #cancel(session: string, target: number, nowMs: number): void {
    const claim = this.#find(session, target);
    if (claim === null) return;
    if (claim.fate === null) return this.#remove((each) => each === claim, nowMs);
    if (claim.fate === "parked") this.#toLine(claim, "cancelled");
    if (claim.fate === "notified") {
      claim.fate = "cancelled";
      this.#owed += 1;
    }
    this.#serve(nowMs);
  }

  /** `used`: its owner has had the lock, and with it its notification. */
  #remove(
    ended: (claim: NaiveClaim) => boolean,
    nowMs: number,
    { used = false }: { used?: boolean } = {},
  ): void {
    const gone = this.#all().filter((claim) => ended(claim));
    if (!used) this.#owed += gone.filter(({ fate }) => fate === "notified").length;
    if (this.holder !== null && gone.includes(this.holder)) this.holder = null;
    this.line = this.line.filter((claim) => !gone.includes(claim));
    this.parked = this.parked.filter((claim) => !gone.includes(claim));
    this.#serve(nowMs);
  }

  #serve(nowMs: number): void {
    for (const claim of this.parked.slice(0, this.#owed)) this.#toLine(claim, "notified");
    this.#owed = 0;
    if (this.holder !== null) return;
    this.holder = this.line.shift() ?? null;
    if (this.holder === null) return;
    this.#lastToken = Math.max(this.#lastToken + 1, nowMs * 1_000);
    this.holder.token = this.#lastToken;
    this.#tell(this.holder);
  }

  #toLine(claim: NaiveClaim, fate: NaiveClaim["fate"]): void {
    this.parked = this.parked.filter((each) => each !== claim);
    this.line.push({ ...claim, fate, deadlineMs: Infinity });
  }

  #tell({ session, id, token, fate }: NaiveClaim): void {
    this.#say(session, id, fate === null ? { token } : { token, woken: fate });
  }

  #owns(session: string, token: number): boolean {
    return this.holder?.token === token && this.holder.session === session;
  }

  #find(session: string, id: number): NaiveClaim | null {
    return this.#all().find((each) => each.session === session && each.id === id) ?? null;
  }

  #all(): NaiveClaim[] {
    return [...(this.holder === null ? [] : [this.holder]), ...this.line, ...this.parked];
  }

  #say(to: string, re: Said["re"], is: unknown): void {
    this.said.push({ to, re, is });
  }
}
