import type { Context, Next } from "hono";
import { readOffer, type ErrorCode } from "../sdk/protocol.ts";
import { statedAddress } from "./address.ts";
import type { Env, HonoEnv } from "./env.ts";
import type { VariableNames } from "./mounted.ts";
import { Refusal } from "./refusal.ts";

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export const VARIABLES: VariableNames = { token: "LATCHWORK_TOKEN", open: "LATCHWORK_OPEN" };

/**
 * Lets in whoever may come in: who shows the token where there is one; everyone where the server is declared
 * open; and nobody where neither was said, so that no deployment is open by accident. A Worker that mounts this
 * one may decide for itself.
 */
export async function authenticate(c: Context<HonoEnv>, next: Next): Promise<void> {
  const gate = c.env.mounted?.gate ?? null;
  if (gate === null) await admit(c.req.raw, c.env);
  else await gate.pass(statedAddress(c));
  await next();
}

async function admit(request: Request, env: Env): Promise<void> {
  const { LATCHWORK_TOKEN: expected = "", LATCHWORK_OPEN: open, mounted } = env;
  const names = mounted?.variables ?? VARIABLES;
  if (expected !== "") return demandToken(request, expected, names);
  if (open !== "true") throw refusal("unauthorized", closed(names));
  guardAgainstPages(request, names);
}

async function demandToken(
  request: Request,
  expected: string,
  names: VariableNames,
): Promise<void> {
  const token = presentedToken(request);
  if (token === null) throw refusal("unauthorized", TOKEN_WANTED);
  if (!(await isSame(token, expected))) throw refusal("unauthorized", wrongToken(names));
}

/** What a client shows to be let in: in a header, or where a browser can set no other, as a subprotocol. */
export function presentedToken(request: Request): string | null {
  const bearer = /^Bearer +(.+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  return bearer ?? readOffer(request.headers.get("Sec-WebSocket-Protocol")).token;
}

/** Digests have one length, and comparing them takes one time: neither tells how much of a guess was right. */
async function isSame(token: string, expected: string): Promise<boolean> {
  const [a, b] = await Promise.all([token, expected].map(digest));
  return a !== undefined && b !== undefined && crypto.subtle.timingSafeEqual(a, b);
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

/**
 * Any page that a person visits can open sockets to a server on that person's own machine. Browsers say where
 * the page is from; programs, which say nothing, are let in.
 */
function guardAgainstPages(request: Request, names: VariableNames): void {
  const origin = request.headers.get("Origin");
  if (origin === null) return;
  const page = URL.canParse(origin) ? new URL(origin) : null;
  if (page !== null && LOOPBACK.test(page.hostname)) return;
  if (page !== null && page.host === new URL(request.url).host) return;
  throw refusal("forbidden", foreignPage(names));
}

function refusal(code: ErrorCode, message: string): Refusal {
  return new Refusal({ code, message });
}

const TOKEN_WANTED =
  "This server wants a token: pass `token` to connect(), or send the header Authorization: Bearer <token>.";

function closed({ token, open }: VariableNames): string {
  return `This server is closed until it is told whom to serve: set the secret ${token}, or ${open} to "true" to serve everyone.`;
}

function wrongToken({ token }: VariableNames): string {
  return `The token is not the one that this server was given as ${token}.`;
}

function foreignPage({ token }: VariableNames): string {
  return `This open server does not serve pages of other hosts: set ${token} and give the page a token.`;
}
