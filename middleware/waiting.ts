import type { Context } from "hono";
import { ConnectionLostError, type WaitOptions } from "../sdk/index.ts";
import type { CommonSettings } from "./options.ts";
import { refusal, type Refusal } from "./refusal.ts";

type Patience = Pick<CommonSettings, "timeoutMs" | "unavailableAfterMs">;

/**
 * Waits in line for as long as the settings and the client of this API allow: who hangs up has left the line. A server
 * that is away is waited for no longer than `unavailableAfterMs`, although the SDK would.
 *
 * @throws ConnectionLostError when the server is away. Otherwise as what `ask` does, and why the client hung up.
 */
export async function inLine<Value>(
  c: Context,
  { timeoutMs, unavailableAfterMs }: Patience,
  ask: (wait: Required<WaitOptions> & { signal: AbortSignal }) => Promise<Value>,
): Promise<Value> {
  const patience = startPatience(timeoutMs + unavailableAfterMs);
  try {
    const signal = AbortSignal.any([c.req.raw.signal, patience.signal]);
    return await ask({ timeoutMs, signal });
  } finally {
    patience.stop();
  }
}

/** The same for what does not wait in line, and cannot be taken back either: only the answer is not waited for. */
export async function answered<Value>(
  { unavailableAfterMs }: Pick<Patience, "unavailableAfterMs">,
  asked: Promise<Value>,
): Promise<Value> {
  const patience = startPatience(unavailableAfterMs);
  try {
    return await Promise.race([asked, patience.over]);
  } finally {
    patience.stop();
  }
}

function startPatience(ms: number): {
  signal: AbortSignal;
  over: Promise<never>;
  stop: () => void;
} {
  const controller = new AbortController();
  const { signal } = controller;
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });
  over.catch(() => {});
  const timer = setTimeout(() => {
    controller.abort(new ConnectionLostError(`Latchwork has not answered within ${ms} ms.`));
  }, ms);
  return { signal, over, stop: () => clearTimeout(timer) };
}

/** The code of an error of the SDK's. By code, not by class: an error may have come from another copy of it. */
export function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

/** True where the line, not the server, is what the request was up against. */
export function isCrowded(error: unknown): boolean {
  const code = codeOf(error);
  return code === "timeout" || code === "limit-exceeded";
}

/** The refusal where Latchwork cannot be reached; `null` where the error is of another kind. */
export function unavailable(error: unknown, retryAfterMs: number): Refusal | null {
  const code = codeOf(error);
  if (code !== "connection-lost" && code !== "overloaded") return null;
  const stated = (error as { retryAfterMs?: number }).retryAfterMs;
  return refusal(code, "Whether this may be done could not be found out. Nothing was done.", {
    retryAfterMs: stated ?? retryAfterMs,
    cause: error,
  });
}

/** Nobody reads it: the client is gone. Logs show the status that nginx made known for that. */
export function clientHungUp(c: Context): Response {
  return c.body(null, 499 as 400);
}
