import type { ErrorCode } from "../sdk/protocol.ts";
import type { Refusal } from "./refusal.ts";

interface Kind {
  readonly status: number;
  readonly title: string;
}

/** How each fate looks over HTTP. */
const KINDS: Readonly<Record<ErrorCode, Kind>> = {
  "invalid-argument": { status: 400, title: "An argument is not valid" },
  "limit-exceeded": { status: 400, title: "A limit was exceeded" },
  protocol: { status: 400, title: "The request is not one that this server knows" },
  unauthorized: { status: 401, title: "No valid token" },
  forbidden: { status: 403, title: "Not allowed" },
  "not-configured": { status: 404, title: "Nobody has configured this name" },
  timeout: { status: 408, title: "The time allowed has passed" },
  "lease-lost": { status: 409, title: "The lease was lost" },
  "not-owner": { status: 409, title: "Not the holder" },
  "over-release": { status: 409, title: "More permits than there can be" },
  "already-borrowed": { status: 409, title: "Already borrowed" },
  "not-borrowed": { status: 409, title: "Not borrowed" },
  closed: { status: 409, title: "Closed" },
  broken: { status: 409, title: "The other end is gone" },
  "end-of-stream": { status: 409, title: "The stream has ended" },
  "config-mismatch": { status: 409, title: "Configured otherwise" },
  overloaded: { status: 503, title: "Overloaded" },
  "connection-lost": { status: 503, title: "The server failed before it could answer" },
};

/** The status of each. */
export const STATUSES = Object.fromEntries(
  Object.entries(KINDS).map(([code, { status }]) => [code, status]),
);

/**
 * A refusal as problem details (RFC 9457). The fault's own fields (`code`, `limit`, `retryAfterMs`…) are its
 * extension members. `type` is a tag URI (RFC 4151): it names the problem, and there is nothing to fetch.
 */
export function problem({ fault, status, headers }: Refusal): Response {
  const { message: detail, ...members } = fault;
  const kind = KINDS[fault.code];
  const body = {
    type: `tag:latchwork,2026:${fault.code}`,
    title: kind.title,
    status: status ?? kind.status,
    detail,
    ...members,
  };
  const answer = new Headers({
    ...headers,
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
  });
  if (fault.code === "unauthorized") answer.set("WWW-Authenticate", "Bearer");
  if (fault.retryAfterMs !== undefined) {
    answer.set("Retry-After", String(Math.ceil(fault.retryAfterMs / 1_000)));
  }
  return new Response(JSON.stringify(body), { status: body.status, headers: answer });
}
