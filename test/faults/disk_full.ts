import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connect, type Latchwork, type Lease } from "../../sdk/index.ts";
import { objectPath } from "../../sdk/protocol.ts";
import { temporaryFolder } from "../support/folders.ts";
import type { Random } from "../simulation/world/random.ts";
import { removeAtExit } from "./world/server.ts";
import type { DiskOrder, DiskReport } from "./programs/small_disk.ts";

/** With all that it starts the program ends when it is killed, and so does its mount. */
const APART = ["--mount", "--pid", "--fork", "--kill-child"];
const PROGRAM = fileURLToPath(new URL("./programs/small_disk.ts", import.meta.url));
const OLD_LOCKS = 8;
const NEW_LOCKS = 24;
const FULL_MS = 2_000;
const PATIENCE_MS = 60_000;

export interface DiskFilled {
  readonly summary: string;
  readonly violations: readonly string[];
}

/**
 * A server on a disk that is full: whoever was granted something while it was is found to hold it when the server has
 * been killed and started again, and everybody goes on when there is room.
 */
export async function fillDisk(random: Random): Promise<DiskFilled> {
  const whyNot = unsupported();
  if (whyNot !== null) return { summary: `skipped, ${whyNot}`, violations: [] };
  await using folder = await temporaryFolder();
  removeAtExit(folder.path);
  await using disk = new SmallDisk(folder.path);
  const started = await disk.next();
  if (started.is !== "ready") {
    const why = started.is === "impossible" ? started.why : "it did not start";
    return { summary: `skipped, ${why}`, violations: [] };
  }
  await using latchwork = connect(started.url, { client: "disk full", sessionTtlMs: 120_000 });
  return await onSmallDisk({ disk, latchwork, url: started.url, random });
}

interface Scene {
  readonly disk: SmallDisk;
  readonly latchwork: Latchwork;
  readonly url: string;
  readonly random: Random;
}

async function onSmallDisk({ disk, latchwork, url, random }: Scene): Promise<DiskFilled> {
  const violations: string[] = [];
  const names = Array.from({ length: OLD_LOCKS + NEW_LOCKS }, (_, index) => `disk/${index}`);
  for (const name of names.slice(0, OLD_LOCKS)) await latchwork.lock(name).run(() => {});
  const stream = latchwork.stream<string>("disk/items", { maxBufferSize: Infinity });
  const [send, receive] = await stream.open();
  await send.send("before");

  await disk.ask("fill");
  const granted = new Map<string, Lease>();
  const acquiring = names.map(async (name) => {
    const lease = await latchwork.lock(name).acquire();
    granted.set(name, lease);
  });
  let accepted = 0;
  const text = "x".repeat(20_000);
  const sending = Array.from({ length: 100 }, async (_, index) => {
    await send.send(`${index} ${text}`);
    accepted += 1;
  });
  await sleep(FULL_MS + random.delayMs(200));
  const whileFull = new Map(granted);
  const acceptedWhileFull = accepted;
  await disk.ask("kill");
  const afterKill = new Map(granted);
  await disk.ask("free");
  await disk.ask("start");

  for (const [name, { token }] of afterKill) {
    const response = await fetch(url + objectPath("default", "lock", name));
    const { owner } = (await response.json()) as { owner: { token: number } | null };
    if (owner?.token !== token) violations.push(`disk full: ${name} was granted and not written`);
  }
  const all = Promise.all([...acquiring, ...sending]);
  const isWell = await Promise.race([
    all.then(() => true),
    sleep(PATIENCE_MS, false, { ref: false }),
  ]);
  if (!isWell) violations.push("disk full: not everybody went on when there was room again");
  else {
    await send.close();
    const received: string[] = [];
    for await (const item of receive) received.push(item);
    if (new Set(received).size !== received.length)
      violations.push("disk full: an item came twice");
    if (received.length !== 101) violations.push(`disk full: ${received.length} of 101 items`);
    for (const lease of granted.values()) await lease.release();
  }
  const refused = names.length - whileFull.size + 100 - acceptedWhileFull;
  return {
    summary: `${refused} of ${names.length + 100} requests waited for room, ${whileFull.size} locks were granted without any and kept across a SIGKILL`,
    violations,
  };
}

function unsupported(): string | null {
  if (process.platform !== "linux") return "there are no private mounts on this system";
  if (process.getuid?.() !== 0) return "only root can mount a small disk";
  const { status } = spawnSync("unshare", [...APART, "true"]);
  return status === 0 ? null : "a private mount is not allowed here";
}

/** The program that has the disk, which is gone with it. */
class SmallDisk implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(folder: string) {
    this.#child = spawn("unshare", [...APART, process.execPath, PROGRAM, folder], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#ended = new Promise((resolve) => this.#child.once("exit", () => resolve()));
  }

  next(): Promise<DiskReport> {
    return new Promise((resolve, reject) => {
      this.#child.once("message", (message) => resolve(message as DiskReport));
      void this.#ended.then(() => reject(new Error("The program with the small disk has ended.")));
    });
  }

  ask(order: DiskOrder): Promise<DiskReport> {
    const done = this.next();
    this.#child.send(order);
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await this.#ended;
    clearTimeout(timer);
  }
}
