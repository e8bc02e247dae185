import { InvalidArgumentError } from "../sdk/index.ts";

/** An answer as it is kept. Plain JSON: `JSON.stringify` keeps all of it. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** In base64. `null` where there was none, or where it was too large to be kept (`tooLarge`). */
  readonly body: string | null;
  readonly tooLarge?: true;
  /** Of the request that it answers: another request with the same key is refused. */
  readonly fingerprint: string;
  /** The fencing token of the run. A store that can compare refuses a smaller one than it has. */
  readonly token: number;
}

/**
 * Where answers are kept: Workers KV, Redis, a table. All programs that serve the same keys use the same store. What it
 * has lost is never run again on that account; a store that forgets, or lags behind, makes repeats be refused.
 */
export interface ResponseStore {
  /** What is kept under the key; `null` or `undefined` if nothing is. */
  get(key: string): StoredResponse | null | undefined | Promise<StoredResponse | null | undefined>;
  /** Keeps an answer for `ttlMs` milliseconds, or longer. Settles when a later `get` will find it. */
  put(key: string, response: StoredResponse, options: { ttlMs: number }): unknown;
  /** Forgets an answer. Only `forgetKey` calls it. */
  delete?(key: string): unknown;
}

export interface MemoryStoreOptions {
  /** How many answers it keeps; the oldest goes first. Default 10,000. */
  readonly entriesMax?: number | undefined;
  /** How many characters of bodies and headers it keeps altogether; the oldest go first. Default 64 Mi. */
  readonly charactersMax?: number | undefined;
  /** Milliseconds on some clock. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

interface Entry {
  readonly response: StoredResponse;
  readonly expiresAtMs: number;
  readonly characters: number;
}

/** A store in this process's memory: for tests, and for a service that is one process and may forget when it ends. */
export function memoryStore({
  entriesMax = 10_000,
  charactersMax = 67_108_864,
  now = Date.now,
}: MemoryStoreOptions = {}): Required<ResponseStore> {
  for (const bound of [entriesMax, charactersMax]) {
    if (!(bound >= 1)) throw new InvalidArgumentError(`A store keeps at least 1, not ${bound}.`);
  }
  const entries = new Map<string, Entry>();
  let characters = 0;
  const drop = (key: string): void => {
    characters -= entries.get(key)?.characters ?? 0;
    entries.delete(key);
  };
  const find = (key: string): StoredResponse | null => {
    const entry = entries.get(key);
    if (entry !== undefined && entry.expiresAtMs > now()) return entry.response;
    drop(key);
    return null;
  };
  return {
    get: find,
    put(key, response, { ttlMs }) {
      if ((find(key)?.token ?? -1) > response.token) return;
      drop(key);
      const entry = { response, expiresAtMs: now() + ttlMs, characters: sizeOf(response) };
      entries.set(key, entry);
      characters += entry.characters;
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax && characters <= charactersMax) break;
        drop(oldest);
      }
    },
    delete: drop,
  };
}

function sizeOf({ body, headers }: StoredResponse): number {
  return (body?.length ?? 0) + JSON.stringify(headers).length;
}
