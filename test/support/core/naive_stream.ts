import type { ClientRequest } from "../../../objects/core/machine.ts";
import type { Side } from "../../../sdk/protocol.ts";
import { NaiveMarks } from "./naive_marks.ts";
import type { Model, Said } from "./tale.ts";

interface Key {
  readonly session: string;
  readonly id: number;
}
interface NaiveEnd extends Key {
  readonly side: Side;
  readonly token: number;
}
interface NaiveCall extends Key {
  readonly side: Side;
  readonly end: number;
  readonly deadlineMs: number;
  readonly text: string;
  readonly max: number;
}
interface NaiveItem {
  readonly text: string;
  redelivered: boolean;
  /** Who was given it; `null` while it is in the buffer. */
  given: (Key & { readonly end: number }) | null;
}

/** What a call on no end says. */
const NONE = 0;

const NOTHING = { applied: "means nothing" };

type Asked<Op extends ClientRequest["op"]> = Extract<ClientRequest, { op: Op }>;

/** What a stream ought to do: a list of open ends, one of blocked calls, one of items in the order of their acceptance. */
export class NaiveStream implements Model {
  said: Said[] = [];
  ends: NaiveEnd[] = [];
  calls: NaiveCall[] = [];
  items: NaiveItem[] = [];
  readonly #maxBufferSize: number;
  readonly #textOf: (seq: number) => string;
  #opened: Record<Side, boolean> = { send: false, receive: false };
  readonly #marks = new NaiveMarks();
  readonly #sends = new Set<string>();
  /** The cancels of what is no send. */
  readonly #aboutNoSend = new Set<string>();
  #lastToken = 0;

  /** `textOf` tells the item that was delivered under a number; no two have the same text. */
  constructor(maxBufferSize: number, textOf: (seq: number) => string) {
    this.#maxBufferSize = maxBufferSize;
    this.#textOf = textOf;
  }

  get buffer(): NaiveItem[] {
    return this.items.filter(({ given }) => given === null);
  }

  /** What of that means something: `applied` does so only of a send (P-R27). */
  meant(said: Said): Said {
    const { to, re, is } = said;
    const isMeant = !this.#aboutNoSend.has(`${to} ${re}`) || !("applied" in (is as object));
    return isMeant ? said : { to, re, is: NOTHING };
  }

  blocked(side: Side): NaiveCall[] {
    return this.calls.filter((call) => call.side === side);
  }

  isGone(side: Side): boolean {
    return this.#opened[side] && this.ends.every((end) => end.side !== side);
  }

  ask(session: string, request: ClientRequest, nowMs: number): void {
    const { id } = request;
    switch (request.op) {
      case "open":
        return this.#open(session, request, nowMs);
      case "send":
        return this.#send(session, request, nowMs);
      case "receive":
        return this.#receive(session, request, nowMs);
      case "confirm": {
        const texts = request.items?.map((seq) => this.#textOf(seq));
        const gone = ({ text, given }: NaiveItem): boolean =>
          given?.session === session && (texts?.includes(text) ?? true);
        this.items = this.items.filter((item) => !gone(item));
        return this.#say(session, id, {});
      }
      case "release": {
        const end = this.ends.find((each) => each.token === request.token);
        const owned = end?.session === session;
        if (owned) this.#close([end], { used: false });
        this.#flow();
        return this.#say(session, id, owned ? {} : "not-owner");
      }
      case "reset":
        if (!this.#marks.isDone(session, id)) this.#reset(session, id);
        return this.#say(session, id, {});
      case "cancel":
        return this.#cancel(session, id, request.target);
      case "acquire":
      case "clear":
      case "deposit":
      case "notify":
      case "return":
      case "set":
      case "set-total":
      case "statistics":
      case "wait":
        throw new Error(`A tale of streams has no ${request.op}.`);
    }
  }

  end(session: string): void {
    this.#endAll([session]);
    this.#flow();
  }

  revoke(token: number): void {
    const end = this.ends.find((each) => each.token === token);
    if (end === undefined) return;
    this.#close([end], { used: true });
    this.#say(end.session, "revoked", token);
    this.#flow();
  }

  expire(silent: readonly string[], nowMs: number): void {
    this.#settle((call) => call.deadlineMs <= nowMs, "timeout");
    this.#endAll(silent);
    this.#flow();
  }

  #open(session: string, { id, side, from }: Asked<"open">, nowMs: number): void {
    const known = this.ends.find((end) => end.session === session && end.id === id);
    if (known !== undefined) return this.#say(session, id, { token: known.token });
    if (from !== undefined && !this.#owns(session, from, side)) {
      return this.#say(session, id, "closed");
    }
    if (this.isGone(side)) return this.#say(session, id, "closed");
    this.#lastToken = Math.max(this.#lastToken + 1, nowMs * 1_000);
    this.ends.push({ session, id, side, token: this.#lastToken });
    this.#opened = { ...this.#opened, [side]: true };
    this.#say(session, id, { token: this.#lastToken });
  }

  #send(session: string, { id, end = NONE, item, timeoutMs }: Asked<"send">, nowMs: number): void {
    this.#sends.add(`${session} ${id}`);
    if (this.#isBlocked(session, id)) return;
    if (this.#marks.isDone(session, id)) return this.#say(session, id, {});
    if (this.#isClosedTo(session, end, "send")) return this.#refuse(session, id, "closed");
    if (this.isGone("receive")) return this.#refuse(session, id, "broken");
    const deadlineMs = nowMs + (timeoutMs ?? Infinity);
    this.calls.push({ session, id, side: "send", end, deadlineMs, text: item, max: 0 });
    this.#flow();
    if (timeoutMs === 0) this.#settle((call) => isOf(call, session, id), "timeout");
  }

  #receive(session: string, request: Asked<"receive">, nowMs: number): void {
    const { id, end = NONE, max = 1, timeoutMs } = request;
    const given = this.items.filter((item) => item.given && isOf(item.given, session, id));
    if (given.length > 0) return this.#tell(session, id, given);
    if (this.#isBlocked(session, id)) return;
    if (this.#isClosedTo(session, end, "receive")) return this.#say(session, id, "closed");
    if (timeoutMs !== undefined && this.#hasGivenAfter(session, id)) {
      return this.#say(session, id, "timeout");
    }
    const deadlineMs = nowMs + (timeoutMs ?? Infinity);
    this.calls.push({ session, id, side: "receive", end, deadlineMs, text: "", max });
    this.#flow();
    if (timeoutMs === 0) this.#settle((call) => isOf(call, session, id), "timeout");
  }

  #hasGivenAfter(session: string, id: number): boolean {
    return this.items.some(({ given }) => given?.session === session && given.id > id);
  }

  #cancel(session: string, id: number, target: number): void {
    const applied = !this.#isLive(session, target) && this.#marks.isDone(session, target);
    if (!applied) this.#marks.refused(session, target);
    this.calls = this.calls.filter((call) => !isOf(call, session, target));
    this.#close(
      this.ends.filter((end) => isOf(end, session, target)),
      { used: false },
    );
    this.#takeBack((given) => isOf(given, session, target), { used: false });
    this.#flow();
    const meansNothing = !this.#sends.has(`${session} ${target}`);
    if (meansNothing) this.#aboutNoSend.add(`${session} ${id}`);
    this.#say(session, id, meansNothing ? NOTHING : { applied });
  }

  #endAll(sessions: readonly string[]): void {
    this.calls = this.calls.filter((call) => !sessions.includes(call.session));
    this.#close(
      this.ends.filter((end) => sessions.includes(end.session)),
      { used: true },
    );
    this.#takeBack(({ session }) => sessions.includes(session), { used: true });
  }

  #close(closed: readonly NaiveEnd[], { used }: { used: boolean }): void {
    const tokens = new Set(closed.map(({ token }) => token));
    this.ends = this.ends.filter(({ token }) => !tokens.has(token));
    this.#settle(({ end }) => tokens.has(end), "closed");
    this.#takeBack(({ end }) => tokens.has(end), { used });
  }

  #takeBack(matches: (given: Key & { end: number }) => boolean, { used }: { used: boolean }): void {
    for (const item of this.items) {
      if (item.given === null || !matches(item.given)) continue;
      item.given = null;
      item.redelivered ||= used;
    }
  }

  #reset(session: string, id: number): void {
    this.#marks.changed(session, id);
    for (const end of this.ends) this.#say(end.session, "revoked", end.token);
    this.#close(this.ends, { used: true });
    this.#settle(() => true, "closed");
    this.items = [];
    this.#opened = { send: false, receive: false };
  }

  /** Moves one item after the other, for as long as one can move. */
  #flow(): void {
    const [sender] = this.blocked("send");
    const [receiver] = this.blocked("receive");
    const [item] = this.buffer;
    const isHandOver = item === undefined && receiver !== undefined;
    if (sender !== undefined && (this.buffer.length < this.#maxBufferSize || isHandOver)) {
      this.calls = this.calls.filter((call) => call !== sender);
      this.items.push({ text: sender.text, redelivered: false, given: null });
      this.#marks.changed(sender.session, sender.id);
      this.#say(sender.session, sender.id, {});
      return this.#flow();
    }
    if (receiver !== undefined && item !== undefined) {
      const { session, id, end } = receiver;
      this.calls = this.calls.filter((call) => call !== receiver);
      const items = this.buffer.slice(0, receiver.max);
      for (const each of items) each.given = { session, id, end };
      this.#tell(session, id, items);
      return this.#flow();
    }
    if (this.isGone("send") && item === undefined)
      this.#settle(({ side }) => side === "receive", "end-of-stream");
    if (this.isGone("send")) this.#settle(({ side }) => side === "send", "closed");
    if (this.isGone("receive")) {
      this.#settle(({ side }) => side === "send", "broken");
      this.#settle(({ side }) => side === "receive", "closed");
    }
  }

  /** These calls end, for this reason. */
  #settle(ended: (call: NaiveCall) => boolean, why: string): void {
    const settled = this.calls.filter((call) => ended(call));
    this.calls = this.calls.filter((call) => !ended(call));
    for (const { session, id, side } of settled) {
      if (side === "send") this.#refuse(session, id, why);
      else this.#say(session, id, why);
    }
  }

  #refuse(session: string, id: number, why: string): void {
    this.#marks.refused(session, id);
    this.#say(session, id, why);
  }

  #tell(session: string, id: number, items: readonly NaiveItem[]): void {
    const delivered = items.map(({ text, redelivered }) => (redelivered ? `${text}!` : text));
    this.#say(session, id, { delivered });
  }

  #owns(session: string, token: number, side: Side): boolean {
    return this.ends.some(
      (end) => end.token === token && end.session === session && end.side === side,
    );
  }

  #isClosedTo(session: string, end: number, side: Side): boolean {
    return end === NONE ? this.isGone(side) : !this.#owns(session, end, side);
  }

  #isBlocked(session: string, id: number): boolean {
    return this.calls.some((call) => isOf(call, session, id));
  }

  #isLive(session: string, id: number): boolean {
    return this.#isBlocked(session, id) || this.ends.some((end) => isOf(end, session, id));
  }

  #say(to: string, re: Said["re"], is: unknown): void {
    this.said.push({ to, re, is });
  }
}

function isOf(key: Key, session: string, id: number): boolean {
  return key.session === session && key.id === id;
}
