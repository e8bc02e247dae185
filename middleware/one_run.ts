import type { Context, Next } from "hono";
import type { Latchwork, Lease } from "../sdk/index.ts";
import type { OncePerKeySettings } from "./once_options.ts";
import { leaseLost, refusal, refuse, replace, type Refusal } from "./refusal.ts";
import type { StoredResponse } from "./response_store.ts";
import { replay, takeIn } from "./stored_response.ts";
import { answered, clientHungUp, codeOf, inLine, isCrowded, unavailable } from "./waiting.ts";

export interface OneRunOptions {
  readonly c: Context;
  readonly next: Next;
  readonly settings: OncePerKeySettings;
  readonly latchwork: Latchwork;
  /** Of the lock and of the event, and the key of the store. */
  readonly name: string;
  readonly fingerprint: string;
  /** The handler is told what it holds. */
  readonly tell: (lease: Lease | null) => void;
}

/** The store has failed before anything was done. */
class StoreFailure extends Error {}

/**
 * One request with an idempotency key. The order is what it is all about: the lock, then a look whether it was done, then
 * the run; then the store has the answer, then the event says so, then the lock is released. Whoever dies in between
 * leaves either nothing, or an answer that the next one finds, or both.
 */
export class OneRun {
  readonly #options: OneRunOptions;
  #hasRun = false;

  constructor(options: OneRunOptions) {
    this.#options = options;
  }

  async answer(): Promise<Response | void> {
    const { c, settings } = this.#options;
    try {
      // Without the lock: repeats of what was done do not stand in each other's way.
      if (await this.#isDone()) return await this.#answerDone();
      return await this.#holding((lease) => this.#unlessDone(lease));
    } catch (error) {
      // Then it is no longer true that nothing was done.
      if (this.#hasRun) throw error;
      if (c.req.raw.signal.aborted && error === c.req.raw.signal.reason) return clientHungUp(c);
      const refused = this.#unavailable(error);
      if (refused === null) throw error;
      return this.#withoutLatchwork(refused, settings.proceeds);
    }
  }

  /** Runs this with the lock; who does not get it finds out what has become of the one that has it. */
  async #holding(work: (lease: Lease) => Promise<Response | void>): Promise<Response | void> {
    const { c, settings, latchwork, name } = this.#options;
    let lease: Lease;
    try {
      lease = await inLine(c, settings, (wait) => latchwork.lock(name).acquire(wait));
    } catch (error) {
      if (!isCrowded(error)) throw error;
      return (await this.#isDone())
        ? this.#answerDone()
        : this.#refuse(inProgress(settings, error));
    }
    try {
      return await work(lease);
    } finally {
      await this.#release(lease);
    }
  }

  async #unlessDone(lease: Lease): Promise<Response | void> {
    const isDone = await this.#isDone();
    const stored = await this.#stored();
    // Whoever ran it died, or lost touch, before the event was set.
    if (stored !== null && !isDone) await this.#mark();
    if (isDone || stored !== null) return this.#answerWith(stored);
    return this.#run(lease);
  }

  async #run(lease: Lease | null): Promise<void> {
    const { c, next, settings, tell, fingerprint } = this.#options;
    tell(lease);
    this.#hasRun = true;
    await next();
    if (c.error !== undefined || !settings.isFinal(c.res, c)) return;
    const { kept, response } = await takeIn(c.res, settings.bodyBytesMax);
    c.res = response;
    if (lease?.signal.aborted === true) return this.#lost(lease);
    await this.#keep({ ...kept, fingerprint, token: lease?.token ?? 0 });
    if (lease !== null) await this.#mark();
  }

  /** It ran, and perhaps another beside it: whoever has the lock to the end says what the answer is. */
  #lost({ signal }: Lease): Promise<void> {
    const { c, settings } = this.#options;
    const { retryAfterMs, onRefused } = settings;
    return replace(c, { ...leaseLost(signal.reason), retryAfterMs }, onRefused);
  }

  /** What was done is done, whether its answer can be kept or not: the event is set all the same. */
  async #keep(response: StoredResponse): Promise<void> {
    const { c, settings, name } = this.#options;
    try {
      await settings.store.put(name, response, { ttlMs: settings.ttlMs });
    } catch (error) {
      settings.onFault(error, c);
    }
  }

  /** If it cannot be told, the answer in the store tells it, to the next that has the lock. */
  async #mark(): Promise<void> {
    const { c, settings, latchwork, name } = this.#options;
    try {
      await answered(settings, latchwork.event(name).set());
    } catch (error) {
      settings.onFault(error, c);
    }
  }

  #isDone(): Promise<boolean> {
    const { settings, latchwork, name } = this.#options;
    return answered(settings, latchwork.event(name).isSet());
  }

  async #stored(): Promise<StoredResponse | null> {
    const { settings, name } = this.#options;
    try {
      return (await settings.store.get(name)) ?? null;
    } catch (error) {
      throw new StoreFailure("The store of answers has failed.", { cause: error });
    }
  }

  async #answerDone(): Promise<Response> {
    return this.#answerWith(await this.#stored());
  }

  #answerWith(stored: StoredResponse | null): Response | Promise<Response> {
    const { c, fingerprint } = this.#options;
    if (stored === null) return this.#refuse(GONE);
    if (stored.fingerprint !== fingerprint) return this.#refuse(REUSED);
    return stored.tooLarge === true ? this.#refuse(TOO_LARGE) : replay(c, stored);
  }

  /** A stored answer is that of a run that ended, and can be told whoever is away. */
  async #withoutLatchwork(refused: Refusal, proceeds: boolean): Promise<Response | void> {
    const { c, settings } = this.#options;
    const stored = refused.code === "store-failed" ? null : await this.#stored().catch(() => null);
    if (stored !== null) return this.#answerWith(stored);
    if (!proceeds) return this.#refuse(refused);
    settings.onFault(refused.cause, c);
    return this.#run(null);
  }

  #unavailable(error: unknown): Refusal | null {
    const { retryAfterMs } = this.#options.settings;
    if (!(error instanceof StoreFailure)) return unavailable(error, retryAfterMs);
    return refusal(
      "store-failed",
      "Whether this was done before could not be found out. Nothing was done.",
      {
        retryAfterMs,
        cause: error.cause,
      },
    );
  }

  async #release(lease: Lease): Promise<void> {
    const { c, settings } = this.#options;
    try {
      await answered(settings, lease.release());
    } catch (error) {
      // To have lost it has been answered already, or came after all was kept.
      if (codeOf(error) !== "not-owner") settings.onFault(error, c);
    }
  }

  #refuse(refused: Refusal): Promise<Response> {
    const { c, settings } = this.#options;
    return refuse(c, refused, settings.onRefused);
  }
}

const GONE = refusal(
  "answer-gone",
  "The request with this idempotency key was carried out, and will not be again. Its answer is no longer at hand.",
);
const TOO_LARGE = refusal(
  "answer-gone",
  "The request with this idempotency key was carried out, and will not be again. Its answer was too large to be kept.",
);
const REUSED = refusal(
  "key-reused",
  "This idempotency key was used for a request with another method, path, body or caller.",
);

function inProgress({ retryAfterMs }: OncePerKeySettings, cause: unknown): Refusal {
  return refusal(
    "in-progress",
    "A request with this idempotency key is being carried out. Repeat it in a while to get its answer.",
    { retryAfterMs, cause },
  );
}
