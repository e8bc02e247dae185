import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { startServer, type EmbeddedServer } from "../../../server/index.ts";
import { objectPath, type Kind } from "../../../sdk/protocol.ts";
import { newestRuntime } from "../world/server.ts";
import { Bystander } from "./bystander.ts";

/** The lock that the bystander uses, and most attacks are made at. */
export const LOCK = "hostile/lock";

export const PATH = objectPath("default", "lock", LOCK);

/** A server under attack, and somebody beside the attackers who must notice nothing. */
export class Siege implements AsyncDisposable {
  readonly server: EmbeddedServer;
  readonly bystander: Bystander;
  readonly #runtime: ChildProcess;

  private constructor(server: EmbeddedServer) {
    this.server = server;
    this.#runtime = newestRuntime();
    this.bystander = new Bystander(server, LOCK);
  }

  static async lay(): Promise<Siege> {
    // What it logs of refused requests is of no interest here.
    const siege = new Siege(await startServer({ log: () => {} }));
    await siege.bystander.cycles(50);
    return siege;
  }

  get port(): number {
    return this.server.port;
  }

  /** What the server's process has in memory, in MB; `null` where the system does not tell. */
  get memoryMb(): number | null {
    const file = `/proc/${String(this.#runtime.pid)}/status`;
    if (!existsSync(file)) return null;
    const [, kilobytes = "0"] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(file, "utf8")) ?? [];
    return Number(kilobytes) / 1_000;
  }

  /** Whoever is beside the attackers goes on, and the server is the process that it was. */
  async assertUnharmed({ cycles = 5 } = {}): Promise<void> {
    await this.bystander.cycles(cycles);
    assert.deepEqual(this.bystander.troubles, []);
    assert.equal(this.#runtime.exitCode ?? this.#runtime.signalCode, null, "the server has died");
  }

  async inspect(kind: Kind, name: string): Promise<Record<string, unknown>> {
    const response = await fetch(this.server.url + objectPath("default", kind, name));
    return (await response.json()) as Record<string, unknown>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bystander[Symbol.asyncDispose]();
    await this.server.stop();
  }
}
