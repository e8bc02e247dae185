import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { workerModule } from "./bundle.ts";
import { DISK, LOCK_SOCKET, runtimeConfig, SOCKET, WORKER_FILE } from "./config.ts";
import { ServerError } from "./errors.ts";
import { inUse, ownFolder } from "./folder.ts";
import {
  authority,
  readServerOptions,
  type ServerOptions,
  type ServerSettings,
} from "./options.ts";
import { Runtime } from "./runtime.ts";

/** How often a start is tried that meets another in its folder, and about how long that one is given each time. */
const STARTS_MAX = 5;
const BUSY_MS = 100;

/** A server that is running, in a process of its own. */
export interface EmbeddedServer extends AsyncDisposable {
  /** What to give to `connect`. */
  readonly url: string;
  readonly port: number;
  /** The folder that the state is kept in. */
  readonly dir: string;
  /** Settles when the server has ended, of itself or not. */
  readonly exited: Promise<void>;
  /** Ends the server. What it has answered is on disk, and found again by a server with the same `dir`. */
  stop(): Promise<void>;
  /** Ends it at once, as a power cut would: for tests of what happens then. A temporary `dir` is removed all the same. */
  kill(): Promise<void>;
}

/**
 * Starts a Latchwork server on this machine; settles when it takes connections.
 *
 * @throws ServerError when the port is taken, the folder cannot be written or is another server's, an option is
 * not valid, or the runtime is not installed. The message says what to do.
 */
export async function startServer(options: ServerOptions = {}): Promise<EmbeddedServer> {
  const settings = readServerOptions(options);
  const temporary = settings.dir === null;
  const dir = temporary
    ? await mkdtemp(join(tmpdir(), "latchwork-state-"))
    : await ownFolder(settings.dir);
  const tidy = async (): Promise<void> => {
    if (temporary) await rm(dir, { recursive: true, force: true });
  };
  try {
    const { runtime, port } = await startAlone(settings, dir);
    const end = async (ending: Promise<void>): Promise<void> => {
      await ending;
      await tidy();
    };
    return {
      url: `http://${authority(settings.host, port)}`,
      port,
      dir,
      exited: runtime.exited,
      stop: () => end(runtime.stop()),
      kill: () => end(runtime.kill()),
      [Symbol.asyncDispose]: () => end(runtime.stop()),
    };
  } catch (error) {
    await tidy();
    throw error;
  }
}

async function startRuntime(settings: ServerSettings, dir: string): Promise<Runtime> {
  const { host, port, token, log } = settings;
  const setup = await mkdtemp(join(tmpdir(), "latchwork-setup-"));
  try {
    const config = join(setup, "latchwork.capnp");
    await Promise.all([
      writeFile(config, runtimeConfig()),
      writeFile(join(setup, WORKER_FILE), await workerModule()),
    ]);
    const runtime = new Runtime({
      cwd: dir,
      args: [
        "serve",
        config,
        `--socket-addr=${SOCKET}=${authority(host, port)}`,
        `--directory-path=${DISK}=${dir}`,
      ],
      socket: SOCKET,
      env: { LATCHWORK_TOKEN: token, LATCHWORK_OPEN: token === "" ? "true" : "" },
      log,
    });
    // It has read its configuration when its socket is open.
    await runtime.listening;
    return runtime;
  } finally {
    await rm(setup, { recursive: true, force: true });
  }
}

/** Another server that starts in the folder just now may have the disk for a moment, before it finds that it is not alone. */
async function startAlone(
  settings: ServerSettings,
  dir: string,
): Promise<{ runtime: Runtime; port: number }> {
  for (let start = 1; ; start += 1) {
    const runtime = await startRuntime(settings, dir);
    const port = await runtime.listening;
    if (port !== null) return { runtime, port };
    const isBusy = runtime.lastWords.includes("SQLITE_BUSY");
    if (!isBusy || start === STARTS_MAX) throw whyNot(runtime.lastWords, settings, dir);
    await sleep(BUSY_MS * (0.5 + Math.random()));
    await ownFolder(dir);
  }
}

function whyNot(said: string, { host, port }: ServerSettings, dir: string): ServerError {
  const [, taken] = /Socket "(\w+)": .*address already in use/i.exec(said) ?? [];
  if (taken === LOCK_SOCKET) return inUse(dir);
  if (taken === SOCKET) {
    return new ServerError(
      `Port ${port} of ${host} is taken by another program: choose another with --port (option port); 0 takes a free one.`,
    );
  }
  return new ServerError(`The server did not start. The runtime said:\n${said}`);
}
