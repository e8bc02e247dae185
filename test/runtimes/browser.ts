import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** As Debian, and others, call it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** A new browser each time, that shows nothing and asks nobody for anything. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export const NO_CHROMIUM = "not installed (Debian: apt-get install chromium)";

/** How much of what it says is kept, to explain why it ended. */
const CHARACTERS_MAX = 4_000;

/** Where Chromium is; `null` if it is not installed. */
export function chromiumPath(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isProgram) ?? null;
}

/** Such as `156.0.8078.79`. */
export function chromiumVersion(path: string): string {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  return /[\d.]{5,}/.exec(stdout)?.[0] ?? stdout.trim();
}

/** A headless Chromium that shows one page, until the end of the scope that it was opened in. */
export class Browser implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #profile: string;
  /** Rejects if it ends before it is told to. */
  readonly died: Promise<never>;

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
    let said = "";
    process.stderr?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-CHARACTERS_MAX);
    });
    this.died = new Promise((_, reject) => {
      process.once("error", reject);
      process.once("close", (code) => {
        reject(new Error(`Chromium ended with ${code}. It said:\n${said}`));
      });
    });
    this.died.catch(() => {});
  }

  static async open(path: string, url: string): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), "latchwork-chromium-"));
    // A group of its own, so that all its processes can be ended.
    const child = spawn(path, [...FLAGS, `--user-data-dir=${profile}`, url], {
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    return new Browser(child, profile);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const closed = once(this.#process, "close");
      process.kill(-pid, "SIGKILL");
      await closed;
    }
    // Its helpers may still be writing.
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
