import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../server/bundle.ts";
import {
  COMPATIBILITY_DATE,
  COMPATIBILITY_FLAGS,
  DISK,
  SOCKET,
  WORKER_FILE,
} from "../../server/config.ts";
import { Runtime } from "../../server/runtime.ts";

/** The echo on a runtime of its own, started as the embedded server starts its own. */
export interface EchoServer extends AsyncDisposable {
  /** A WebSocket at `url/NAME/MODE` reaches an object; worker.ts says which modes there are. */
  readonly url: string;
  /** Settles when it has ended, of itself or not. */
  readonly exited: Promise<void>;
}

export async function startEcho(log: (line: string) => void): Promise<EchoServer> {
  const dir = await mkdtemp(join(tmpdir(), "latchwork-echo-"));
  const tidy = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    const config = join(dir, "echo.capnp");
    await writeFile(config, CONFIG);
    await writeFile(
      join(dir, WORKER_FILE),
      await bundle(fileURLToPath(new URL("worker.ts", import.meta.url))),
    );
    const runtime = new Runtime({
      cwd: dir,
      args: [
        "serve",
        config,
        `--socket-addr=${SOCKET}=127.0.0.1:0`,
        `--directory-path=${DISK}=${dir}`,
      ],
      socket: SOCKET,
      env: {},
      log,
    });
    const port = await runtime.listening;
    if (port === null) throw new Error(`The echo did not start:\n${runtime.lastWords}`);
    return {
      url: `ws://127.0.0.1:${port}`,
      exited: runtime.exited,
      async [Symbol.asyncDispose]() {
        await runtime.stop();
        await tidy();
      },
    };
  } catch (error) {
    await tidy();
    throw error;
  }
}

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "echo", worker = .echo), (name = "${DISK}", disk = (writable = true))],
  sockets = [(name = "${SOCKET}", http = (), service = "echo")],
);

const echo :Workerd.Worker = (
  modules = [(name = "${WORKER_FILE}", esModule = embed "${WORKER_FILE}")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ${JSON.stringify(COMPATIBILITY_FLAGS)},
  bindings = [(name = "ECHOES", durableObjectNamespace = "Echo")],
  durableObjectNamespaces = [(className = "Echo", uniqueKey = "echo", enableSql = true)],
  durableObjectStorage = (localDisk = "${DISK}"),
);
`;
