import type { OneShot, OneShotAnswer } from "../../objects/index.ts";
import { base64Url, objectPath } from "../../sdk/protocol.ts";
import type { Address } from "../address.ts";
import type { ObjectStub } from "../env.ts";
import { callObject, type Callee } from "../object_call.ts";
import { invalid, Refusal } from "../refusal.ts";
import type { Operation } from "./operations.ts";

/** A call as the Worker has read it. */
export interface Call {
  readonly callee: Pick<Callee, "env" | "address">;
  readonly operation: Operation;
  readonly op: string;
  /** As its schema has left it. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly identity: Identity | null;
  readonly signal: AbortSignal;
}

/** What a call with an idempotency key is known by. */
export interface Identity {
  readonly key: string;
  readonly fingerprint: string;
  readonly credentials: Credentials;
}

/** Names a session, and shows that it is the caller's; to callers a lease. */
export interface Credentials {
  readonly session: string;
  readonly secret: string;
}

/** What an object has answered; and for a caller who stood in line, the rest, which shows that it is still there. */
export interface Answered {
  readonly answer: OneShotAnswer;
  readonly credentials: Credentials;
  readonly rest: ReadableStreamDefaultReader<Uint8Array> | null;
}

/** Of the body, what is about the call and not for the primitive. */
const ABOUT_THE_CALL = new Set(["client", "ttlMs", "lease", "confirm"]);

/** Asks the object, and waits for its answer for as long as the caller does. */
export async function ask(call: Call): Promise<Answered> {
  const { body, identity, signal, callee } = call;
  const lease = typeof body["lease"] === "string" ? readLease(body["lease"]) : null;
  const credentials = lease ?? identity?.credentials ?? drawn();
  const oneShot: OneShot = {
    session: credentials.session,
    secretHash: await sha256(credentials.secret),
    client: lease === null ? textOf(body["client"], "http") : null,
    ttlMs: ttlOf(call, lease),
    body: requestOf(call, credentials),
    confirms: body["confirm"] === true,
    idempotency: identity,
  };
  const repeatable = isRepeatable(call, lease);
  const url = new URL(addressPath(callee.address), "http://object");
  const init = { method: "POST", body: JSON.stringify(oneShot), signal };
  const post = (stub: ObjectStub): Promise<Response> => stub.fetch(url, init);
  const response = await callObject({ ...callee, repeatable, changes: true, signal }, post);
  if (response.body === null) throw new Error("The object has answered a call with nothing.");
  return { ...(await readAnswer(response.body as ReadableStream<Uint8Array>)), credentials };
}

/**
 * What was answered is answered alike, and what left a claim finds it. Of the rest a second would be one more: the
 * session of a call that left nothing is gone with its answer.
 */
function isRepeatable({ identity, op, operation, body }: Call, lease: Credentials | null): boolean {
  if (identity !== null || op === "renew") return true;
  if (lease !== null || body["confirm"] === true) return false;
  return operation.answer !== "Done" || op === "wait";
}

/** That of a lease is changed by who renews it; another call that may begin one has stated it for that. */
function ttlOf({ body, operation }: Call, lease: Credentials | null): number | null {
  const isForAnother = lease !== null && operation.lease === "may";
  return isForAnother || typeof body["ttlMs"] !== "number" ? null : body["ttlMs"];
}

function requestOf({ op, operation, body }: Call, { session }: Credentials): OneShot["body"] {
  const fields = Object.entries(body).filter(([name]) => !ABOUT_THE_CALL.has(name));
  const request = { ...Object.fromEntries(fields), op: operation.op ?? op };
  if ("item" in request) return { ...request, item: JSON.stringify(request.item) };
  const borrows = op === "acquire" && callBorrows(operation) && body["borrower"] === undefined;
  return borrows ? { ...request, borrower: session } : request;
}

function callBorrows({ body }: Operation): boolean {
  return "borrower" in body.shape;
}

/** The answer is a line; what comes after it says nothing. */
async function readAnswer(
  body: ReadableStream<Uint8Array>,
): Promise<Omit<Answered, "credentials">> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  const answer = JSON.parse(text) as OneShotAnswer;
  if (answer.waited && answer.lease !== null) return { answer, rest: reader };
  await reader.cancel();
  return { answer, rest: null };
}

function addressPath({ namespace, kind, name }: Address): string {
  return objectPath(namespace, kind, name);
}

/** A lease begins with its session, and a shell takes what begins with a dash for an option. */
function notAnOption(session: string): string {
  return `s${session}`;
}

export function leaseOf({ session, secret }: Credentials): string {
  return `${session}.${secret}`;
}

function readLease(lease: string): Credentials {
  const [session, secret, ...more] = lease.split(".");
  if (session !== undefined && secret !== undefined && more.length === 0 && /^[\w.-]+$/.test(lease))
    return { session, secret };
  throw invalid("A lease is what the call was answered with that granted it.");
}

function drawn(): Credentials {
  const draw = (): string => base64Url(crypto.getRandomValues(new Uint8Array(16)));
  return { session: notAnOption(draw()), secret: draw() };
}

/**
 * What makes repeats of a call known. Callers with different tokens never meet; and whoever has token and key may have
 * the answer again, so the lease may be made of them.
 */
export async function identityOf(
  given: string,
  { token, address, asked }: { token: string | null; address: Address; asked: unknown },
): Promise<Identity> {
  const secret = JSON.stringify([token, given, address]);
  const [key, session, bearer, fingerprint] = await Promise.all([
    sha256(`key ${secret}`),
    sha256(`session ${secret}`),
    sha256(`secret ${secret}`),
    sha256(JSON.stringify(asked)),
  ]);
  return { key, fingerprint, credentials: { session: notAnOption(session), secret: bearer } };
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return base64Url(new Uint8Array(digest));
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

/** The answer as its caller reads it. @throws Refusal for one that refuses. */
export function answerBody({ answer, credentials }: Answered): object {
  const { reply, lease } = answer;
  if ("error" in reply) throw new Refusal(reply.error);
  const { remembered: _, items, ...ok } = reply.ok as Readonly<Record<string, unknown>>;
  const delivered = Array.isArray(items) ? { items: items.map(readItem) } : {};
  if (lease === null) return { ...ok, ...delivered };
  const { token, ttlMs, expiresAtMs } = lease;
  const held = { lease: leaseOf(credentials), ttlMs, expiresAtMs };
  return token === null
    ? { ...ok, ...delivered, ...held }
    : { ...ok, ...delivered, token, ...held };
}

function readItem(item: { seq: number; item: string; redelivered?: boolean }): object {
  return { ...item, item: JSON.parse(item.item) as unknown };
}
