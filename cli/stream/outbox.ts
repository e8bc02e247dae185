import type { SendStream } from "../../sdk/index.ts";

export interface OutboxOptions {
  readonly inFlightMax: number;
  /** Withdraws what was not accepted yet. */
  readonly signal: AbortSignal;
  /** Told once, of the first item that was not accepted. */
  readonly onFailure: (error: unknown) => void;
}

/** Sends items in order, with a bounded number on their way. After the first failure none is sent any more. */
export class Outbox {
  readonly #end: SendStream;
  readonly #options: OutboxOptions;
  readonly #inFlight = new Set<Promise<void>>();
  #accepted = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(end: SendStream, options: OutboxOptions) {
    this.#end = end;
    this.#options = options;
  }

  /** How many the server has accepted. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Settles when there is room for the next. @throws why an earlier one was not accepted. */
  async add(item: unknown): Promise<void> {
    this.#check();
    const sending = this.#send(item).finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
    while (this.#inFlight.size >= this.#options.inFlightMax) await Promise.race(this.#inFlight);
  }

  /** Settles when nothing is on its way any more. @throws why one was not accepted. */
  async drain(): Promise<void> {
    await Promise.all(this.#inFlight);
    this.#check();
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #send(item: unknown): Promise<void> {
    const { signal, onFailure } = this.#options;
    try {
      await this.#end.send(item, { signal });
      this.#accepted += 1;
    } catch (error) {
      if (this.#failure === null) onFailure(error);
      this.#failure ??= { error };
    }
  }
}
