/** What a user would pick instead of Latchwork. */
export interface Peer {
  readonly name: string;
  /** A client with a connection of its own, closed with `stack`, that wants the lock of this name. */
  readonly open: (lock: string, stack: AsyncDisposableStack) => Promise<Acquire>;
}

/** Waits for the lock; what it returns gives it back. */
export type Acquire = () => Promise<() => Promise<void>>;

/** How long a holder may be silent: longer than any hold in a round. */
export const LOCK_TTL_MS = 10_000;
