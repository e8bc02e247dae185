import type { Context } from "hono";
import { LIMITS, type Kind } from "../../sdk/protocol.ts";
import type { Address } from "../address.ts";
import { presentedToken } from "../auth.ts";
import type { HonoEnv } from "../env.ts";
import { invalid, methodNotAllowed, Refusal } from "../refusal.ts";
import { answerBody, ask, identityOf, type Answered } from "./call.ts";
import { OPERATIONS, type Operation } from "./operations.ts";

/** Of UTF-8, for each that a string counts. */
const BYTES_PER_CHARACTER_MAX = 3;

/** Does what a POST to an object's operation asks for, and answers when it is done. */
export async function call(c: Context<HonoEnv>, address: Address, op: string): Promise<Response> {
  const operation = operationOf(address.kind, op);
  if (c.req.method !== "POST") throw methodNotAllowed(c.req.method, "POST");
  const asked = await readBody(c.req.raw, operation);
  const given = readKey(c.req.header("Idempotency-Key"));
  const token = presentedToken(c.req.raw);
  const identity =
    given === null ? null : await identityOf(given, { token, address, asked: { op, asked } });
  const callee = { env: c.env, address };
  const { signal } = c.req.raw;
  return respond(await ask({ callee, operation, op, body: asked, identity, signal }));
}

function operationOf(kind: Kind, op: string): Operation {
  const known = OPERATIONS[kind];
  const operation = Object.hasOwn(known, op) ? known[op] : undefined;
  if (operation !== undefined) return operation;
  const message = `A ${kind} has no operation ${JSON.stringify(op.slice(0, 40))}; it has: ${Object.keys(known).join(", ")}. A slash in a name is written as %2F.`;
  throw new Refusal({ code: "protocol", message }, { status: 404 });
}

async function readBody(
  request: Request,
  { body }: Operation,
): Promise<Readonly<Record<string, unknown>>> {
  // No character takes more bytes than this: what is longer is not even read.
  const stated = Number(request.headers.get("Content-Length") ?? 0);
  if (stated > BYTES_PER_CHARACTER_MAX * LIMITS.frameCharactersMax) throw tooLarge();
  const text = await request.text();
  if (text.length > LIMITS.frameCharactersMax) throw tooLarge();
  const read = body.safeParse(text.trim() === "" ? {} : parsed(text));
  if (read.success) return read.data;
  const { issues } = read.error;
  throw invalid(`${issues.map(explain).join("; ")}.`);
}

function tooLarge(): Refusal {
  const max = LIMITS.frameCharactersMax;
  const message = `A body has at most ${max} characters.`;
  return new Refusal({ code: "limit-exceeded", message, limit: "frameCharactersMax", max });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("The body is no JSON: it is one object, or left out.");
  }
}

function explain(issue: {
  code?: string;
  message: string;
  path: PropertyKey[];
  keys?: string[];
}): string {
  if (issue.code === "unrecognized_keys") {
    return `This operation takes no ${(issue.keys ?? []).map((key) => JSON.stringify(key.slice(0, 40))).join(", ")}`;
  }
  if (issue.path.length === 0) return "The body is one JSON object";
  return issue.message;
}

/** A structured-field string is quoted; most clients send the bare text. */
function readKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  const max = LIMITS.idempotencyKeyCharactersMax;
  if (/^[\x20-\x7e]+$/.test(key) && key.length <= max) return key;
  throw invalid(`An Idempotency-Key is 1 to ${max} printable characters of ASCII.`);
}

function respond(answered: Answered): Response {
  const headers = new Headers({ "Content-Type": "application/json", "Cache-Control": "no-store" });
  if (answered.answer.replayed) headers.set("Idempotency-Replayed", "true");
  try {
    const text = JSON.stringify(answerBody(answered));
    const { rest } = answered;
    return new Response(rest === null ? `${text}\n` : inTwoParts(text, rest), { headers });
  } catch (error) {
    if (error instanceof Refusal && answered.answer.replayed)
      error.headers["Idempotency-Replayed"] = "true";
    throw error;
  }
}

/** The object learns whether its caller has taken the rest, and so whether it is still there to hold anything. */
function inTwoParts(
  text: string,
  rest: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  let isSaid = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!isSaid) {
        isSaid = true;
        controller.enqueue(new TextEncoder().encode(text));
        return;
      }
      const { done, value } = await rest.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => rest.cancel(),
  });
}
