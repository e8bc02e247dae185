import { hostname, userInfo } from "node:os";
import { InvalidArgumentError, Option, type Command } from "commander";
import { connect, LIMITS, type Latchwork } from "../sdk/index.ts";
import { KINDS, type Kind } from "../sdk/protocol.ts";
import { withoutColours } from "./colours.ts";
import { durationMs } from "./durations.ts";
import { socketClass } from "./socket_class.ts";

const DEFAULT_URL = "http://127.0.0.1:8787";

/** What every command that prints takes. */
export interface PrintOptions {
  readonly json?: boolean;
}

/** Which server, and as whom. */
export interface ServerAccess extends PrintOptions {
  readonly url: string;
  readonly token?: string;
  readonly namespace: string;
}
export interface ClientAccess extends ServerAccess {
  readonly client: string;
}

/** Adds what says which server is meant. */
export function withServer(command: Command): Command {
  return command
    .addOption(new Option("--url <url>", "the server").env("LATCHWORK_URL").default(DEFAULT_URL))
    .addOption(
      new Option(
        "--token <secret>",
        "what the server wants to be shown. Better in the environment: arguments are visible to everybody on this machine",
      ).env("LATCHWORK_TOKEN"),
    )
    .addOption(
      new Option("--namespace <name>", "names of different namespaces never meet")
        .env("LATCHWORK_NAMESPACE")
        .default("default"),
    );
}

/** The same, and the name that operators see. */
export function withClient(command: Command): Command {
  return withServer(command).addOption(
    new Option("--client <name>", "what others see as holder or waiter").default(
      clientName(),
      "user@host:pid",
    ),
  );
}

export function withPrinting(command: Command, json: string): Command {
  return withColours(command.option("--json", json));
}

export function withColours(command: Command): Command {
  return command
    .option("--no-color", "no colours, not on a terminal either (NO_COLOR, FORCE_COLOR are heeded)")
    .on("option:no-color", withoutColours);
}

/** Which primitive a name stands for. The first is the default. */
export function kindOption(kinds: readonly Kind[] = KINDS): Option {
  return new Option("--kind <kind>", "what the name stands for").choices(kinds).default("lock");
}

export function duration(text: string): number {
  const ms = durationMs(text);
  if (ms !== null && ms <= LIMITS.timeoutMsMax) return ms;
  throw new InvalidArgumentError("Say it as 500ms, 30s, 5m or 1h; a bare number is seconds.");
}

export function count({ from, to }: { from: number; to: number }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It is a whole number from ${from} to ${to}.`);
  };
}

/** `user@host:pid`, as far as the server takes it. */
function clientName(): string {
  const host = hostname().replaceAll(/[\p{Cc}\p{Cs}]/gu, "");
  return `${userName()}@${host}`
    .slice(0, LIMITS.clientCharactersMax - 12)
    .concat(`:${process.pid}`);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that no user has.
    return String(process.getuid?.() ?? "somebody");
  }
}

export function openClient(
  { url, token, namespace, client }: ClientAccess,
  { ttlMs }: { ttlMs?: number | undefined } = {},
): Latchwork {
  // An empty variable is one that is not set.
  const shown = token === "" ? undefined : token;
  return connect(url, {
    token: shown,
    namespace,
    client,
    sessionTtlMs: ttlMs,
    WebSocket: socketClass(),
  });
}
