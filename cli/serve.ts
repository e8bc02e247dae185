import { Command, InvalidArgumentError } from "commander";
import type { EmbeddedServer } from "../server/index.ts";
import { EXIT, exitCodesHelp } from "./exit_codes.ts";
import { Failure } from "./failure.ts";
import { withPrinting, type PrintOptions } from "./options.ts";
import { printJson, printLine } from "./output.ts";

const DEFAULT_PORT = 8787;
const DEFAULT_DIR = ".latchwork";

interface ServeOptions extends PrintOptions {
  readonly port: number;
  readonly host?: string;
  readonly dir: string;
}

export const SERVE_USAGE = "[--port N] [--host H] [--dir FOLDER]";

const HELP = `
The environment variable LATCHWORK_TOKEN, if set, is what every client must show.
${exitCodesHelp(["0", "1", "2"])}`;

export function serveCommand(): Command {
  const command = new Command("serve")
    .usage(SERVE_USAGE)
    .summary("run a server on this machine")
    .description("Runs a server on this machine, with its state on disk, until it is told to stop.")
    .option("--port <n>", "to listen on; 0 takes a free one", readPort, DEFAULT_PORT)
    .option("--host <h>", "to listen on (default: 127.0.0.1, only programs of this machine)")
    .option("--dir <folder>", "where the state is kept, and found again", DEFAULT_DIR)
    .addHelpText("after", HELP)
    .action(serve);
  return withPrinting(command, "print a JSON object when it listens, and one when it has stopped");
}

async function serve(options: ServeOptions): Promise<void> {
  // Only here: no other command needs the server's code, and each is started often.
  const { ServerError, startServer } = await import("../server/index.ts");
  // From now on, so that a signal that comes while the server starts stops it too.
  const told = nextSignal();
  try {
    const { port, host, dir } = options;
    const token = process.env["LATCHWORK_TOKEN"];
    await using server = await startServer({ port, host, dir, token });
    await runUntil(told, server, options);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    throw serverFailure(error.message);
  }
}

async function runUntil(
  told: Promise<NodeJS.Signals>,
  { url, port, dir, exited }: EmbeddedServer,
  { json }: PrintOptions,
): Promise<void> {
  if (json) await printJson({ event: "listening", url, port, dir });
  else {
    await printLine(`Latchwork is listening on ${url}`);
    await printLine(`Its state is kept in ${dir}. Ctrl-C stops it.`);
  }
  const end = await Promise.race([told, exited.then(() => null)]);
  if (end === null) throw serverFailure("The server has died: what it said last stands above.");
  await (json ? printJson({ event: "stopped", signal: end }) : printLine(`Stopped by ${end}.`));
}

function serverFailure(message: string): Failure {
  return new Failure(message, { exitCode: EXIT.no, code: "server" });
}

/** Number() takes "", "0x50" and "1e3" for ports. */
function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
}

/** Later signals change nothing: the server is being stopped. */
function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, resolve);
  });
}
