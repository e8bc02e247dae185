import { parseArgs } from "node:util";
import { ServerError, startServer, type ServerOptions } from "../server/index.ts";

const DEFAULT_PORT = 8787;
const DEFAULT_DIR = ".latchwork";

export const HELP = `latchwork serve [--port N] [--host H] [--dir FOLDER]
  --port  to listen on; 0 takes a free one (default ${DEFAULT_PORT})
  --host  to listen on (default 127.0.0.1: only programs of this machine)
  --dir   where the state is kept, and found again (default ${DEFAULT_DIR})
The environment variable LATCHWORK_TOKEN, if set, is what every client must show.`;

/** Runs a server until it is told to stop; the exit code: 0 when stopped, 1 when it could not run, 2 for bad arguments. */
export async function serve(args: string[]): Promise<number> {
  const options = readArguments(args);
  if (options === "help") {
    console.log(HELP);
    return 0;
  }
  if (options === null) return 2;
  // From now on, so that a signal that comes while the server starts stops it too.
  const told = nextSignal();
  try {
    await using server = await startServer(options);
    console.log(`Latchwork is listening on ${server.url}`);
    console.log(`Its state is kept in ${server.dir}. Ctrl-C stops it.`);
    const end = await Promise.race([told, server.exited.then(() => null)]);
    if (end === null) {
      console.error("The server has died: what it said last stands above.");
      return 1;
    }
    console.log(`Stopped by ${end}.`);
    return 0;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function readArguments(args: string[]): ServerOptions | "help" | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: "string" },
        host: { type: "string" },
        dir: { type: "string", default: DEFAULT_DIR },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return "help";
    const { port = String(DEFAULT_PORT), host, dir } = values;
    // Number() takes "", "0x50" and "1e3" for ports.
    if (!/^\d{1,5}$/.test(port))
      throw new Error(`A port is a whole number from 0 to 65535, not ${JSON.stringify(port)}.`);
    return { port: Number(port), host, dir, token: process.env["LATCHWORK_TOKEN"] };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return null;
  }
}

/** Later signals change nothing: the server is being stopped. */
function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, resolve);
  });
}
