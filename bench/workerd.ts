import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../server/bundle.ts";
import { DISK, SOCKET, WORKER_FILE } from "../server/config.ts";
import { Runtime } from "../server/runtime.ts";

/** A Worker of the bench's own on a runtime of its own, started as the embedded server starts its own. */
export interface BenchServer extends AsyncDisposable {
  readonly url: string;
  /** Settles when it has ended, of itself or not. */
  readonly exited: Promise<void>;
}

export interface BenchWorker {
  /** The Worker's file. */
  readonly main: string;
  /** The runtime's configuration. */
  readonly config: string;
  readonly env?: Readonly<Record<string, string>>;
}

export async function startWorker(
  { main, config, env = {} }: BenchWorker,
  log: (line: string) => void,
): Promise<BenchServer> {
  const dir = await mkdtemp(join(tmpdir(), "latchwork-bench-"));
  const tidy = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    const file = join(dir, "bench.capnp");
    await writeFile(file, config);
    await writeFile(join(dir, WORKER_FILE), await bundle(main));
    const runtime = new Runtime({
      cwd: dir,
      args: [
        "serve",
        file,
        `--socket-addr=${SOCKET}=127.0.0.1:0`,
        `--directory-path=${DISK}=${dir}`,
      ],
      socket: SOCKET,
      env,
      log,
    });
    const port = await runtime.listening;
    if (port === null) throw new Error(`${main} did not start:\n${runtime.lastWords}`);
    return {
      url: `http://127.0.0.1:${port}`,
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
