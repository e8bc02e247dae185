import { isIPv6 } from "node:net";
import { ServerError } from "./errors.ts";

/** How to start an embedded server. */
export interface ServerOptions {
  /** The port to listen on, 0 to 65,535; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** The address to listen on. Default 127.0.0.1; any that is not of the loopback needs a `token`. */
  readonly host?: string | undefined;
  /** Where the state is kept, and found again. Default: a temporary folder that is removed when the server stops. */
  readonly dir?: string | undefined;
  /** What every client must show. Without one the server is open, to programs on this machine. */
  readonly token?: string | undefined;
  /** Gets what the runtime has to say, a line at a time. Default: standard error. */
  readonly log?: ((line: string) => void) | undefined;
}

export interface ServerSettings {
  readonly port: number;
  readonly host: string;
  readonly dir: string | null;
  readonly token: string;
  readonly log: (line: string) => void;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

/** @throws ServerError for a port that is none, and for a door that would be open to the world. */
export function readServerOptions(options: ServerOptions): ServerSettings {
  const { port = 0, host = "127.0.0.1", dir, token = "", log = toStandardError } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ServerError(`A port is a whole number from 0 to 65535, not ${String(port)}.`);
  }
  if (dir === "") throw new ServerError("The folder for the state has no name.");
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (bare === "") throw new ServerError("The address to listen on is empty.");
  if (!LOOPBACK.test(bare) && token === "") {
    throw new ServerError(
      `On ${host} every machine of the network could take part. Set a token that clients must show (LATCHWORK_TOKEN), or listen on 127.0.0.1.`,
    );
  }
  return { port, host: bare, dir: dir ?? null, token, log };
}

/** How an address and a port are written together. */
export function authority(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}
