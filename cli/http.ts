import { ConnectionLostError, InvalidArgumentError } from "../sdk/index.ts";
import { errorFrom } from "../sdk/errors.ts";
import {
  isErrorCode,
  nameFault,
  namespaceFault,
  objectPath,
  type ErrorCode,
  type Fault,
  type Kind,
} from "../sdk/protocol.ts";
import type { ServerAccess } from "./options.ts";

/** Where a name is. */
export interface Address {
  readonly kind: Kind;
  readonly name: string;
}

export interface Asked {
  readonly method: "GET" | "POST" | "DELETE";
  /** What follows the name: `acquire`, `leases/17`. */
  readonly what?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Asks the server's HTTP side about one name; the answer's JSON, `null` if it has no body.
 *
 * @throws the SDK's error for what the server refuses; ConnectionLostError where it cannot be reached, or something
 * else answers in its place; `signal.reason` when aborted.
 */
export async function askServer(
  access: ServerAccess,
  address: Address,
  { method, what, body, headers = {}, signal }: Asked,
): Promise<unknown> {
  const { token } = access;
  const response = await reach(access.url, urlOf(access, address, what), {
    method,
    headers: {
      ...headers,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token === undefined || token === "" ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const answer = readJson(response.text);
  if (response.status >= 200 && response.status < 300) return answer;
  throw errorFrom(faultOf(response.status, answer));
}

/** The address of a name, or of what belongs to it. A name that no path can carry stands in the query. */
function urlOf({ url, namespace }: ServerAccess, { kind, name }: Address, what?: string): string {
  const fault = nameFault(name) ?? namespaceFault(namespace);
  if (fault !== null) throw errorFrom(fault);
  const [path = "", query] = objectPath(namespace, kind, name).split("?");
  const whole = what === undefined ? path : `${path}/${what}`;
  return baseOf(url) + whole + (query === undefined ? "" : `?${query}`);
}

function baseOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && /^(http|ws)s?:$/.test(parsed.protocol)) {
    return parsed.origin.replace(/^ws/, "http") + parsed.pathname.replace(/\/+$/, "");
  }
  throw new InvalidArgumentError(
    `A server's address is a URL such as "http://127.0.0.1:8787", not ${JSON.stringify(url)}.`,
  );
}

async function reach(
  server: string,
  url: string,
  init: RequestInit,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (init.signal?.aborted === true) throw init.signal.reason;
    throw new ConnectionLostError(`${server} cannot be reached: ${causeOf(error)}.`, {
      cause: error,
    });
  }
}

/** `fetch failed` says nothing; what it failed of is in its causes. */
function causeOf(error: unknown): string {
  const { cause, message } = error as Error;
  if (!(cause instanceof Error)) return message;
  const { code } = cause as NodeJS.ErrnoException;
  return code ?? cause.message;
}

function readJson(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** What a refusal says; what is no problem details of ours came from something on the way. */
function faultOf(status: number, answer: unknown): Fault {
  const problem = (answer ?? {}) as Partial<Fault> & { detail?: unknown };
  const { code, detail, ...rest } = problem;
  if (isErrorCode(code))
    return { ...rest, code, message: typeof detail === "string" ? detail : code };
  return { code: codeOfStatus(status), message: `The answer was ${status}, and not Latchwork's.` };
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  return status >= 500 || status === 429 ? "connection-lost" : "protocol";
}
