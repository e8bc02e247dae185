import type { ClientRequest } from "../../../objects/core/machine.ts";
import { NaiveMarks } from "./naive_marks.ts";
import type { Model, Said } from "./tale.ts";

interface Waiter {
  readonly session: string;
  readonly id: number;
  readonly deadlineMs: number;
  /** It has been woken, and has not said yet that it knows. */
  woken: boolean;
}

/** What an event ought to do: a flag, and one list. */
export class NaiveEvent implements Model {
  said: Said[] = [];
  isSet = false;
  waiters: Waiter[] = [];
  readonly #marks = new NaiveMarks();

  get waiting(): Waiter[] {
    return this.waiters.filter(({ woken }) => !woken);
  }

  ask(session: string, request: ClientRequest, nowMs: number): void {
    const { id, op } = request;
    const done = (): number => this.said.push({ to: session, re: id, is: {} });
    if (op === "set" || op === "clear") {
      if (!this.#marks.isDone(session, id)) this.#turn(op === "set", session, id);
      done();
    } else if (op === "cancel") {
      this.#drop((each) => each.session === session && each.id === request.target);
      done();
    } else if (op === "wait") {
      const timeoutMs = request.timeoutMs ?? Infinity;
      const known = this.waiters.find((each) => each.session === session && each.id === id);
      if (known !== undefined) {
        if (known.woken) this.#wake(known);
      } else if (this.isSet) done();
      else if (timeoutMs === 0) this.said.push({ to: session, re: id, is: "timeout" });
      else this.waiters.push({ session, id, deadlineMs: nowMs + timeoutMs, woken: false });
    }
  }

  end(session: string): void {
    this.#drop((each) => each.session === session);
  }

  revoke(): void {}

  expire(silent: readonly string[], nowMs: number): void {
    const late = this.waiting.filter(({ deadlineMs }) => deadlineMs <= nowMs);
    for (const { session, id } of late) this.said.push({ to: session, re: id, is: "timeout" });
    this.#drop((each) => late.includes(each) || silent.includes(each.session));
  }

  #turn(isSet: boolean, session: string, id: number): void {
    if (this.isSet === isSet) return;
    this.isSet = isSet;
    this.#marks.changed(session, id);
    if (isSet) for (const waiter of this.waiting) this.#wake(waiter);
  }

  #wake(waiter: Waiter): void {
    Object.assign(waiter, { woken: true });
    this.said.push({ to: waiter.session, re: waiter.id, is: { remembered: true } });
  }

  #drop(ended: (waiter: Waiter) => boolean): void {
    this.waiters = this.waiters.filter((waiter) => !ended(waiter));
  }
}
