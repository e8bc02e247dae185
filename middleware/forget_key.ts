import type { Latchwork } from "../sdk/index.ts";
import { DEFAULT_PREFIX, nameOfKey } from "./idempotency_key.ts";
import type { ResponseStore } from "./response_store.ts";

export interface ForgetKeyOptions {
  /** It is not closed. */
  readonly latchwork: Latchwork;
  /** Left out, the answer stays, and is replayed for as long as it is kept. */
  readonly store?: ResponseStore | undefined;
  /** As in `oncePerKey`. */
  readonly prefix?: string | undefined;
  readonly scope?: string | undefined;
  readonly key: string;
}

/**
 * Frees an idempotency key: the next request with it runs. For keys that no client will repeat any more, whose events
 * would be kept for ever, and for what an operator wants to be run again. A run that is under way is not disturbed,
 * and marks the key when it ends.
 *
 * @throws ConnectionLostError when the server could not be reached for as long as the session lives. The key may be
 * free or not. Otherwise whatever the store throws.
 */
export async function forgetKey({
  latchwork,
  store,
  prefix = DEFAULT_PREFIX,
  scope,
  key,
}: ForgetKeyOptions): Promise<void> {
  const name = await nameOfKey(prefix, scope, key);
  // In this order a crash between the two leaves a key that is refused, not one that is run.
  await store?.delete?.(name);
  await latchwork.event(name).clear();
}
