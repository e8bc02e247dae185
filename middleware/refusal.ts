import type { Context } from "hono";

/** Why a request was not let through, or its answer not sent. Stable, and safe to switch on. */
export type RefusalCode = keyof typeof KINDS;

interface Kind {
  readonly status: 400 | 409 | 422 | 429 | 503;
  readonly title: string;
}

/** How each fate looks over HTTP. */
const KINDS = {
  "concurrency-limit": { status: 429, title: "Too many at once" },
  busy: { status: 409, title: "Another request is at it" },
  "in-progress": { status: 409, title: "A request with this idempotency key is in progress" },
  "answer-gone": { status: 409, title: "It was done, and its answer is no longer at hand" },
  "lease-lost": { status: 409, title: "The lease was lost" },
  "key-reused": { status: 422, title: "The idempotency key was used for another request" },
  "key-missing": { status: 400, title: "The idempotency key is missing" },
  "key-invalid": { status: 400, title: "The idempotency key is not valid" },
  overloaded: { status: 503, title: "Overloaded" },
  "connection-lost": { status: 503, title: "Latchwork could not be reached" },
  "store-failed": { status: 503, title: "The store of answers could not be reached" },
} as const satisfies Record<string, Kind>;

/** What `onRefused` is given. */
export interface Refusal extends Kind {
  readonly code: RefusalCode;
  /** A sentence for people. */
  readonly detail: string;
  /** When it is worth to come again, in milliseconds; `Retry-After` says it in whole seconds. */
  readonly retryAfterMs?: number;
  /** For `lease-lost`: what the handler answered. */
  readonly answer?: Response;
  /** The error behind it, if there is one. */
  readonly cause?: unknown;
}

/** Makes a response of one's own for what was refused, or looks on: without a response the usual one is sent. */
export type OnRefused = (
  c: Context,
  refusal: Refusal,
) => Response | undefined | Promise<Response | undefined>;

export function refusal(
  code: RefusalCode,
  detail: string,
  { retryAfterMs, cause }: { retryAfterMs?: number | undefined; cause?: unknown } = {},
): Refusal {
  return {
    code,
    ...KINDS[code],
    detail,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** A refusal as `onRefused` will have it, or as problem details (RFC 9457), of the same types as the server's. */
export async function refuse(
  c: Context,
  refused: Refusal,
  onRefused: OnRefused | undefined,
): Promise<Response> {
  return (await onRefused?.(c, refused)) ?? problem(c, refused);
}

function problem(c: Context, { code, title, status, detail, retryAfterMs }: Refusal): Response {
  const body = {
    type: `tag:latchwork,2026:${code}`,
    title,
    status,
    detail,
    code,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  return c.body(JSON.stringify(body), status, {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    ...(retryAfterMs === undefined ? {} : { "Retry-After": retryAfterSeconds(retryAfterMs) }),
  });
}

/** Whole seconds; zero would mean "at once". */
function retryAfterSeconds(retryAfterMs: number): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));
}

export function leaseLost(cause: unknown): Refusal {
  return refusal(
    "lease-lost",
    "Sole access was lost while the request was handled, so another may have been handled beside it. What was done of it is not certain: look before you repeat it.",
    { cause },
  );
}

/** Puts a refusal in the place of the handler's answer. What lets a browser's page read an answer is left. */
export async function replace(
  c: Context,
  refused: Refusal,
  onRefused: OnRefused | undefined,
): Promise<void> {
  const answer = c.res;
  // Or its headers would be those of the refusal, too: its length, its cookies.
  c.res = undefined;
  const response = await refuse(c, { ...refused, answer }, onRefused);
  c.res = response;
  if (response === answer) return;
  for (const [name, value] of answer.headers) {
    if (name.startsWith("access-control-") || name === "vary") c.res.headers.set(name, value);
  }
  await answer.body?.cancel().catch(() => {});
}
