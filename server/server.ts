import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { workerModule } from "./bundle.ts";
import { DISK, runtimeConfig, SOCKET, WORKER_FILE } from "./config.ts";
import { ServerError } from "./errors.ts";
import {
  authority,
  readServerOptions,
  type ServerOptions,
  type ServerSettings,
} from "./options.ts";
import { Runtime } from "./runtime.ts";

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
    const runtime = await startRuntime(settings, dir);
    const port = await openPort(runtime, settings, dir);
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

async function ownFolder(given: string): Promise<string> {
  const dir = resolve(given);
  const probe = join(dir, ".writable");
  try {
    await mkdir(dir, { recursive: true });
    await writeFile(probe, "");
    await rm(probe);
  } catch (cause) {
    const { message } = cause as Error;
    throw new ServerError(
      `The folder ${dir} cannot be written (${message}): choose another with --dir (option dir).`,
      { cause },
    );
  }
  return dir;
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
      args: [
        "serve",
        config,
        `--socket-addr=${SOCKET}=${authority(host, port)}`,
        `--directory-path=${DISK}=${dir}`,
      ],
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

async function openPort(runtime: Runtime, settings: ServerSettings, dir: string): Promise<number> {
  const port = await runtime.listening;
  if (port !== null) return port;
  throw new ServerError(whyNot(runtime.lastLines, settings, dir));
}

function whyNot(said: string, { host, port }: ServerSettings, dir: string): string {
  if (/address already in use/i.test(said)) {
    return `Port ${port} of ${host} is taken by another program: choose another with --port (option port); 0 takes a free one.`;
  }
  if (/database is locked|SQLITE_BUSY/i.test(said)) {
    return `The folder ${dir} is in use by another server: stop that one, or choose another folder with --dir (option dir).`;
  }
  return `The server did not start. The runtime said:\n${said}`;
}
