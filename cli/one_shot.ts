import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionLostError, OverloadedError, ProtocolError, TimeoutError } from "../sdk/index.ts";
import { askServer, type Address } from "./http.ts";
import type { ClientAccess, ServerAccess } from "./options.ts";

/** How long one request may wait in line. Less than what the server allows: `fetch` gives up after 300 s. */
export const POLL_MS_MAX = 240_000;
/** For how long a server that cannot be reached is tried again. */
const PATIENCE_MS = 15_000;
const RETRY_MS = 250;

/** A lease that outlives the process that acquired it: whoever has the string holds it, until it is over. */
export interface OneShotLease {
  /** What `release` and `renew` want to be shown. A secret. */
  readonly lease: string;
  /** The fencing token. */
  readonly token: number;
  readonly ttlMs: number;
  readonly expiresAtMs: number;
}

export interface AcquireRequest {
  /** How long to wait, in milliseconds; 0 is "now or not at all"; without it, for ever. */
  readonly timeoutMs?: number | undefined;
  readonly ttlMs?: number | undefined;
  /** Of a semaphore: how many, all or nothing. */
  readonly permits?: number | undefined;
  readonly config?: object | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for a lease that this process need not stay alive for. A wait of more than four minutes is several requests
 * one after the other, and the place in line is kept within each of them only.
 *
 * @throws TimeoutError when `timeoutMs` passed; ConnectionLostError when the server could not be reached for 15 s;
 * otherwise what the server refuses with.
 */
export async function acquireLease(
  access: ClientAccess,
  address: Address,
  { timeoutMs = Infinity, signal, ...request }: AcquireRequest,
): Promise<OneShotLease> {
  const untilMs = performance.now() + timeoutMs;
  for (;;) {
    const leftMs = Math.max(0, Math.ceil(untilMs - performance.now()));
    const pollMs = Math.min(leftMs, POLL_MS_MAX);
    try {
      const body = { ...request, client: access.client, timeoutMs: pollMs };
      const call = { operation: "acquire", body, signal, untilMs } as const;
      return readLease(await post(access, address, call));
    } catch (error) {
      if (!(error instanceof TimeoutError) || pollMs === leftMs) throw error;
    }
  }
}

/** Gives a lease back. @throws NotOwnerError when it is no more. */
export async function releaseLease(
  access: ServerAccess,
  address: Address,
  lease: string,
): Promise<void> {
  await post(access, address, { operation: "release", body: { lease } });
}

/** Makes a lease last for its TTL, or another one, from now on. @throws NotOwnerError when it is no more. */
export async function renewLease(
  access: ServerAccess,
  address: Address,
  renewal: { lease: string; ttlMs?: number | undefined },
): Promise<OneShotLease> {
  return readLease(await post(access, address, { operation: "renew", body: renewal }));
}

interface Post {
  readonly operation: "acquire" | "release" | "renew";
  readonly body: object;
  readonly signal?: AbortSignal | undefined;
  /** On `performance.now()`'s clock: when to stop trying to reach the server, if that is before patience ends. */
  readonly untilMs?: number;
}

/** The same key with every attempt: what was done and not heard of is not done twice. */
async function post(access: ServerAccess, address: Address, call: Post): Promise<unknown> {
  const { operation: what, body, signal, untilMs = Infinity } = call;
  const headers = { "Idempotency-Key": randomUUID() };
  const options = signal === undefined ? {} : { signal };
  let failingSinceMs: number | null = null;
  for (;;) {
    const askedAtMs = performance.now();
    try {
      return await askServer(access, address, { method: "POST", what, body, headers, ...options });
    } catch (error) {
      const nowMs = performance.now();
      // Who was kept waiting for so long had been reached.
      if (failingSinceMs === null || nowMs - askedAtMs > PATIENCE_MS) failingSinceMs = nowMs;
      const waitMs = error instanceof OverloadedError ? error.retryAfterMs : RETRY_MS;
      const passes = error instanceof ConnectionLostError || error instanceof OverloadedError;
      const giveUpMs = Math.min(failingSinceMs + PATIENCE_MS, untilMs);
      if (!passes || nowMs + waitMs > giveUpMs) throw error;
      await sleep(waitMs * (1 + Math.random()), undefined, options);
    }
  }
}

function readLease(answer: unknown): OneShotLease {
  const { lease, token } = (answer ?? {}) as Partial<OneShotLease>;
  if (typeof lease === "string" && typeof token === "number") return answer as OneShotLease;
  throw new ProtocolError("The server's answer is no lease.");
}
