import { TIMEOUT_MS_MAX } from "./bounds.ts";
import { countFault, invalid, OR_INFINITY } from "./checks.ts";
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
  url: string,
  options: ConnectOptions,
  environment = environmentOf(options),
): ClientSettings {
  const { namespace = "default", sessionTtlMs = SESSION_TTL_MS, token } = options;
  const { client = `client-${environment.newId().slice(0, 8)}` } = options;
  check(namespaceFault(namespace) ?? ttlFault(sessionTtlMs) ?? clientFault(client));
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
  if (WebSocket !== undefined) return runtimeEnvironment(WebSocket);
  throw new InvalidArgumentError("This runtime has no WebSocket: pass one in the options.");
}

/** Checks a wait's options. An infinite `timeoutMs` is none. */
export function readTimeoutMs(timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined || timeoutMs === Infinity) return undefined;
  const wholeMs = typeof timeoutMs === "number" && timeoutMs > 0 ? Math.ceil(timeoutMs) : timeoutMs;
  check(countFault("timeoutMs", wholeMs, { to: TIMEOUT_MS_MAX, or: OR_INFINITY }));
  return wholeMs;
}

function socketBase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && /^(http|ws)s?:$/.test(parsed.protocol)) {
    return parsed.origin.replace(/^http/, "ws") + parsed.pathname.replace(/\/+$/, "");
  }
  throw errorAmong(
    COMMON,
    invalid(`A server's address is a URL such as "http://127.0.0.1:8787"`, url),
  );
}
