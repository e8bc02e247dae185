import type { Session } from "./claim.ts";
import { LeastFirst } from "./least_first.ts";
import type { Delivery, Effect, Item } from "./machine.ts";
import { Tokens } from "./tokens.ts";

/** What an item takes up besides its characters. */
const OVERHEAD = 64;

/** What an item counts towards `streamCharactersMax`. */
export function weightOf(text: string): number {
  return text.length + OVERHEAD;
}

/** A stream's items: the buffer, and what receivers have been given and have not confirmed (ST3). */
export class StreamItems {
  readonly #places: Tokens;
  readonly #buffer = new LeastFirst<Item>();
  readonly #delivered = new Map<number, Item>();
  readonly #bySession = new Map<string, Set<number>>();
  #weight = 0;

  constructor(items: readonly Item[]) {
    this.#places = new Tokens(items.reduce((last, { seq }) => Math.max(last, seq), 0));
    for (const item of items.toSorted((a, b) => a.seq - b.seq)) {
      this.#weight += weightOf(item.text);
      if (item.delivery === null) this.#buffer.set(item, item.seq);
      else this.#remember(item, item.delivery);
    }
  }

  /** How many wait in the buffer. */
  get buffered(): number {
    return this.#buffer.size;
  }

  /** What all items weigh that are here, buffered or unconfirmed. */
  get weight(): number {
    return this.#weight;
  }

  unconfirmedOf({ id }: Session): number {
    return this.#bySession.get(id)?.size ?? 0;
  }

  /** Takes an item in, behind all others. Its place follows the clock, so that it is never a past item's (ST2). */
  accept(text: string, nowMs: number): Effect {
    const item: Item = { seq: this.#places.next(nowMs), text, redelivered: false, delivery: null };
    this.#weight += weightOf(text);
    this.#buffer.set(item, item.seq);
    return { type: "put-item", item };
  }

  /** Gives the first items away: `max` at most, and not many more characters than `charactersMax`. */
  deliver(
    delivery: Delivery,
    { max, charactersMax }: { max: number; charactersMax: number },
  ): Item[] {
    const items: Item[] = [];
    let characters = 0;
    while (items.length < max && characters < charactersMax) {
      const first = this.#buffer.takeUpTo(Infinity);
      if (first === null) break;
      const item = { ...first, delivery };
      this.#remember(item, delivery);
      characters += item.text.length;
      items.push(item);
    }
    return items;
  }

  /** True if a later receive of the session has been given something that is not confirmed yet. */
  hasGivenAfter({ id }: Session, requestId: number): boolean {
    for (const seq of this.#bySession.get(id) ?? []) {
      if ((this.#delivered.get(seq)?.delivery?.requestId ?? 0) > requestId) return true;
    }
    return false;
  }

  /** What a receive was given, if it was (LE5). */
  deliveredTo({ id }: Session, requestId: number): Item[] {
    return this.#itemsOf(id).filter(({ delivery }) => delivery?.requestId === requestId);
  }

  /** What the session has been given and has not confirmed. */
  givenTo({ id }: Session): number[] {
    return [...(this.#bySession.get(id) ?? [])];
  }

  /** The receiver has it: it is gone. `null` where there is nothing to confirm. */
  confirm({ id }: Session, seq: number): Effect | null {
    const item = this.#delivered.get(seq);
    if (item?.delivery?.session.id !== id) return null;
    this.#forget(item, id);
    this.#weight -= weightOf(item.text);
    return { type: "drop-item", seq };
  }

  /** Puts back at the front what the session was given and `matches`; marked, where its client may have used it. */
  takeBack(
    { id }: Session,
    matches: (delivery: Delivery) => boolean,
    { mayHaveBeenUsed }: { mayHaveBeenUsed: boolean },
  ): Effect[] {
    return this.#itemsOf(id).flatMap((item): Effect[] => {
      if (item.delivery === null || !matches(item.delivery)) return [];
      this.#forget(item, id);
      const redelivered = item.redelivered || mayHaveBeenUsed;
      const back: Item = { ...item, delivery: null, redelivered };
      this.#buffer.set(back, back.seq);
      return [{ type: "put-item", item: back }];
    });
  }

  /** Drops everything. */
  clear(): Effect[] {
    const seqs = [...this.#delivered.keys()];
    for (let item = this.#buffer.takeUpTo(Infinity); item !== null;) {
      seqs.push(item.seq);
      item = this.#buffer.takeUpTo(Infinity);
    }
    this.#delivered.clear();
    this.#bySession.clear();
    this.#weight = 0;
    return seqs.map((seq) => ({ type: "drop-item", seq }));
  }

  #itemsOf(sessionId: string): Item[] {
    const seqs = [...(this.#bySession.get(sessionId) ?? [])].toSorted((a, b) => a - b);
    return seqs.flatMap((seq) => this.#delivered.get(seq) ?? []);
  }

  #remember(item: Item, { session }: Delivery): void {
    this.#delivered.set(item.seq, item);
    const own = this.#bySession.get(session.id);
    if (own === undefined) this.#bySession.set(session.id, new Set([item.seq]));
    else own.add(item.seq);
  }

  #forget({ seq }: Item, sessionId: string): void {
    this.#delivered.delete(seq);
    const own = this.#bySession.get(sessionId);
    own?.delete(seq);
    if (own?.size === 0) this.#bySession.delete(sessionId);
  }
}
