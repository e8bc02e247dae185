import { setTimeout as sleep } from "node:timers/promises";
import {
  connect,
  type Event,
  type Latchwork,
  type ReceiveStream,
  type SendStream,
} from "../../../sdk/index.ts";
import type { Random } from "../../simulation/world/random.ts";
import { NAMES, STREAMS } from "../reports.ts";

/** Longer than any fault lasts. */
const TTL_MS = 120_000;

/** A client that nothing happens to: it keeps the streams open on both sides, and sets and clears the event. */
export class Keeper implements AsyncDisposable {
  readonly #latchwork: Latchwork;
  readonly #event: Event;
  readonly #ends: { send: SendStream<string>; receive: ReceiveStream<string> }[] = [];
  readonly #random: Random;
  #setting: Promise<void> = Promise.resolve();
  #goesOn = true;
  operations = 0;
  /** What failed although nothing happens to it. */
  readonly troubles: string[] = [];
  /** When the latest `set` that has succeeded was begun. */
  lastSetNs = 0n;

  private constructor(latchwork: Latchwork, random: Random) {
    this.#latchwork = latchwork;
    this.#random = random;
    this.#event = latchwork.event(NAMES.event);
  }

  static async enter(url: string, random: Random): Promise<Keeper> {
    const latchwork = connect(url, { client: "keeper", sessionTtlMs: TTL_MS });
    const keeper = new Keeper(latchwork, random);
    for (const { name, maxBufferSize } of STREAMS) {
      const [send, receive] = await latchwork.stream<string>(name, { maxBufferSize }).open();
      keeper.#ends.push({ send, receive });
    }
    keeper.#setting = keeper.#setAndClear().catch((error: unknown) => {
      keeper.troubles.push(`the keeper: ${String(error)}`);
    });
    return keeper;
  }

  /** Sets the event no more, until `setForGood`. */
  async calm(): Promise<void> {
    this.#goesOn = false;
    await this.#setting;
  }

  async setForGood(): Promise<void> {
    await this.#event.set();
  }

  async wakeAll(): Promise<void> {
    await this.#latchwork.condition(NAMES.condition).run((held) => held.notifyAll());
    this.operations += 3;
  }

  /** Closes the send ends, and receives what is left. */
  async *drain(): AsyncGenerator<string> {
    for (const { send, receive } of this.#ends) {
      await send.close();
      yield* receive;
      await receive.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#goesOn = false;
    await this.#latchwork.close();
    await this.#setting;
  }

  /** EV2: whoever waits is woken, though it be cleared at once. */
  async #setAndClear(): Promise<void> {
    while (this.#goesOn) {
      const calledNs = process.hrtime.bigint();
      await Promise.all([this.#event.set(), this.#event.clear()]);
      this.lastSetNs = calledNs;
      this.operations += 2;
      await sleep(this.#random.delayMs(600));
    }
  }
}
