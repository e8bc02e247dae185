import { TIMEOUT_MS_MAX } from "./bounds.ts";
import { invalid } from "./checks.ts";
import { isCount } from "./decode.ts";
import { runtimeEnvironment, type Environment, type SocketConstructor } from "./environment.ts";
import { check, COMMON, errorAmong, InvalidArgumentError } from "./errors.ts";
import { ttlFault } from "./hello.ts";
import { clientFault, namespaceFault } from "./names.ts";

/** What `connect` takes besides the server's address. */
export interface ConnectOptions {
  /** Shown to the server; a function is asked anew for every connection. Left out on an open local server. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** Names in different namespaces never meet: `[a-z0-9-]{1,63}`. Default `"default"`. */
  readonly namespace?: string | undefined;
  /** A name that operators see, 1 to 128 characters. Default: random. */
  readonly client?: string | undefined;
  /** How long the server keeps what this client holds after it falls silent: 100 to 86,400,000 ms, default 15,000. */
  readonly sessionTtlMs?: number | undefined;
  /** A `WebSocket` constructor, for runtimes without a global one. */
  readonly WebSocket?: SocketConstructor | undefined;
}

const SESSION_TTL_MS = 15_000;

/** Where there is one, it is a constructor. */
interface Global {
  readonly WebSocket?: SocketConstructor;
}

/** The options, checked and filled in. */
export interface ClientSettings {
  readonly environment: Environment;
  /** The server's address, `ws:` or `wss:`, without a slash at the end. */
  readonly base: string;
  readonly namespace: string;
  readonly client: string;
  readonly ttlMs: number;
  readonly token: () => string | undefined | Promise<string | undefined>;
}

export function readOptions(
  url: string | URL,
  options: ConnectOptions,
  environment = environmentOf(options),
): ClientSettings {
  const { namespace = "default", sessionTtlMs = SESSION_TTL_MS } = options;
  const token = options.token ?? undefined;
  const { client = `client-${environment.newId().slice(0, 8)}` } = options;
  check(namespaceFault(namespace) ?? ttlFault(sessionTtlMs) ?? clientFault(client));
  if (!["string", "function", "undefined"].includes(typeof token)) {
    throw new InvalidArgumentError("A token is a string, or a function that gives one.");
  }
  return {
    environment,
    base: socketBase(url),
    namespace,
    client,
    ttlMs: sessionTtlMs,
    token: typeof token === "function" ? token : () => token,
  };
}

function environmentOf({
  WebSocket = (globalThis as unknown as Global).WebSocket,
}: ConnectOptions): Environment {
  if (typeof WebSocket === "function") return runtimeEnvironment(WebSocket);
  throw new InvalidArgumentError("This runtime has no WebSocket: pass one in the options.");
}

/**
 * The options of a call, checked as far as that needs no knowledge of the call.
 *
 * @throws InvalidArgumentError for what has no options, and for a `signal` that is none.
 */
export function checked<Options extends object>(options: Options): Options {
  const { signal } = Object(options) as { signal?: unknown };
  const isSignal = (signal ?? null) === null || "throwIfAborted" in (Object(signal) as object);
  if (typeof options === "object" && options !== null && isSignal) return options;
  throw new InvalidArgumentError("The options are an object, and its signal is an AbortSignal.");
}

/** Checks what is to be called. @throws InvalidArgumentError for what cannot be. */
export function checkFunction(what: string, given: unknown): void {
  if (typeof given !== "function") throw new InvalidArgumentError(`${what} is a function.`);
}

/** Checks a wait's time limit. An infinite one is none. */
export function readTimeoutMs(timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined || timeoutMs === Infinity) return undefined;
  const wholeMs = typeof timeoutMs === "number" && timeoutMs > 0 ? Math.ceil(timeoutMs) : timeoutMs;
  const isGood = isCount(wholeMs) && wholeMs <= TIMEOUT_MS_MAX;
  const rule = `timeoutMs is 0 to ${TIMEOUT_MS_MAX} milliseconds, or Infinity`;
  check(isGood ? null : invalid(rule, timeoutMs));
  return wholeMs;
}

function socketBase(url: string | URL): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && /^(http|ws)s?:$/.test(parsed.protocol)) {
    return parsed.origin.replace(/^http/, "ws") + parsed.pathname.replace(/\/+$/, "");
  }
  throw errorAmong(
    COMMON,
    invalid(`A server's address is a URL such as "http://127.0.0.1:8787"`, url),
  );
}
