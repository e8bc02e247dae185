import type { Host } from "../../../objects/host/host.ts";
import { SteadyClock } from "../../../objects/host/steady_clock.ts";
import type { Call } from "./call.ts";
import type { Connection } from "./network.ts";

/** Thrown by the world where an instance ends: nothing after it runs. */
export class Died extends Error {}

/** One instance of an object: its memory, for as long as it lasts. */
export class Instance {
  static readonly #owners = new WeakMap<Connection, Instance>();
  readonly #sockets = new Set<Connection>();
  isAlive = true;
  readonly clock: SteadyClock;
  /** What it has put off to the next round of the event loop. */
  pending = 0;
  /** Those that it has not answered whole. */
  readonly calls = new Set<Call>();
  #host: Host | null = null;

  constructor(sockets: Iterable<Connection>, wallMs: () => number) {
    this.clock = new SteadyClock(wallMs);
    for (const connection of sockets) this.adopt(connection);
  }

  /** The instance that has the connection's socket. */
  static of(connection: Connection): Instance | null {
    return Instance.#owners.get(connection) ?? null;
  }

  get host(): Host {
    if (this.#host === null) throw new Died("it has not started");
    return this.#host;
  }

  set host(host: Host) {
    this.#host = host;
  }

  get isBusy(): boolean {
    return this.pending > 0;
  }

  get sockets(): readonly Connection[] {
    return [...this.#sockets];
  }

  adopt(connection: Connection): void {
    Instance.#owners.set(connection, this);
    this.#sockets.add(connection);
    connection.clock = this.clock;
  }

  lost(connection: Connection): void {
    this.#sockets.delete(connection);
  }

  die(): void {
    this.isAlive = false;
    for (const connection of this.#sockets) connection.die();
    for (const call of this.calls) call.lost();
  }
}
