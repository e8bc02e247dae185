import { NotOwnerError, type LeaseLostError } from "./errors.ts";
import type { LeaseLossReason } from "./fault.ts";
import { checkFunction } from "./options.ts";
import { lossOf, type Holding, type HoldingOwner } from "./holding.ts";

/** What an acquire returns: the right to hold, for as long as the client is alive and can show it. */
export interface Lease extends AsyncDisposable {
  /**
   * The fencing token: greater than that of every earlier grant of the name (LE2). Hand it to whatever the lease
   * guards, and let that refuse a smaller one than it has seen: it is what helps against a holder that was paused.
   */
  readonly token: number;
  /** Aborted with a `LeaseLostError` before anyone else can be granted (LE4). */
  readonly signal: AbortSignal;
  /**
   * Gives it back; whoever is next in line has it in the same step. Calling it again is harmless.
   *
   * @throws NotOwnerError when the lease was lost before (LE3).
   * @throws ConnectionLostError when the server could not be told; it frees the lease when the session's TTL is over.
   */
  release(): Promise<void>;
  /** As `release`: what `await using` calls at the end of its block. */
  [Symbol.asyncDispose](): Promise<void>;
}

export class HeldLease implements Lease, Holding {
  readonly #owner: HoldingOwner;
  token: number;
  readonly #controller = new AbortController();
  #released: Promise<void> | null = null;

  constructor(owner: HoldingOwner, token: number) {
    this.#owner = owner;
    this.token = token;
  }

  get isHeld(): boolean {
    return this.#released === null && !this.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): Promise<void> {
    this.#released ??= this.signal.aborted
      ? Promise.reject(
          new NotOwnerError("The lease was lost before it was released.", {
            cause: this.signal.reason,
          }),
        )
      : this.#owner.release(this);
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** The connection has learnt that the lease is no more. After a release there is nothing left to lose. */
  lose(reason: LeaseLossReason | null): void {
    if (reason === null) this.#released ??= Promise.resolve();
    else if (this.#released === null) this.#controller.abort(lossOf("The lease", reason));
  }
}

/**
 * Acquires, and runs `work` while the lease is held, then releases it. Rejects with a `LeaseLostError` as soon as the lease is
 * lost; `work` is not stopped by that, unless it heeds `lease.signal`.
 */
export async function runHolding<Held extends Lease, Value>(
  acquire: () => Promise<Held>,
  work: (lease: Held) => Value | PromiseLike<Value>,
): Promise<Value> {
  checkFunction("What is run", work);
  const lease = await acquire();
  const { signal } = lease;
  let fail = (): void => {};
  const lost = new Promise<never>((_, reject) => {
    fail = () => reject(signal.reason as LeaseLostError);
    signal.addEventListener("abort", fail);
  });
  try {
    signal.throwIfAborted();
    const value = await Promise.race([callAsync(work, lease), lost]);
    await lease.release();
    return value;
  } catch (error) {
    await lease[Symbol.asyncDispose]().catch(() => {});
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", fail);
  }
}

async function callAsync<Held, Value>(
  work: (lease: Held) => Value | PromiseLike<Value>,
  lease: Held,
): Promise<Value> {
  return work(lease);
}
