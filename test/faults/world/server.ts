import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startServer, type EmbeddedServer } from "../../../server/index.ts";
import type { Random } from "../../simulation/world/random.ts";

/** Below those that systems give to whoever asks for none, so that nobody takes it while the server is down. */
const PORT_MIN = 10_000;
const PORT_MAX = 29_999;
const STARTS_MAX = 40;

const children = new Set<ChildProcess>();
subscribe("child_process", (message) => {
  const { process: child } = message as { process: ChildProcess };
  children.add(child);
});

/** The process of the runtime that was started last, which the embedded server keeps to itself. */
export function newestRuntime(): ChildProcess {
  const isRuntime = ({ spawnargs }: ChildProcess): boolean => spawnargs?.[1] === "serve";
  const newest = [...children].findLast(isRuntime);
  if (newest === undefined) throw new Error("No runtime was started.");
  return newest;
}

const folders = new Set<string>();

/** However this process ends: the folder is removed then. */
export function removeAtExit(folder: string): void {
  folders.add(folder);
}

/** Nothing of what was started and written here outlives this process, however it ends. */
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A server that dies and stands still, and comes back at the same port with what is on disk. */
export class MortalServer implements AsyncDisposable {
  readonly #dir: string;
  #running: { server: EmbeddedServer; runtime: ChildProcess } | null = null;
  #lastPort = 0;

  constructor(dir: string) {
    this.#dir = dir;
    removeAtExit(dir);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#lastPort}`;
  }

  /** `null` while it is down. */
  get port(): number | null {
    return this.#running === null ? null : this.#lastPort;
  }

  get pid(): number {
    return this.#running?.runtime.pid ?? 0;
  }

  async start(random: Random): Promise<void> {
    this.#lastPort = await freePort(random);
    await this.#start();
  }

  /** As if the machine had lost its power; then it starts again. */
  async killAndRestart(): Promise<void> {
    await this.#kill();
    await this.#start();
  }

  /** The process stands still, and goes on. */
  async freeze(forMs: number): Promise<void> {
    const runtime = this.#running?.runtime;
    runtime?.kill("SIGSTOP");
    await sleep(forMs);
    runtime?.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kill();
  }

  async #kill(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.server.kill();
  }

  async #start(): Promise<void> {
    for (let attempt = 1; this.#running === null; attempt += 1) {
      try {
        const server = await startServer({
          dir: this.#dir,
          port: this.#lastPort,
          log: () => {},
        });
        this.#running = { server, runtime: newestRuntime() };
      } catch (error) {
        if (attempt === STARTS_MAX) throw error;
        await sleep(250);
      }
    }
  }
}

async function freePort(random: Random): Promise<number> {
  for (;;) {
    const port = random.int(PORT_MIN, PORT_MAX);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
