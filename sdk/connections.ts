import type { Connection } from "./connection.ts";
import { clientClosed } from "./errors.ts";

/** So many are kept in any case. */
const KEPT = 64;

/** The connections of one client. Those at rest are forgotten now and then: a program may use names without number. */
export class Connections {
  /** By address; by itself, where a handle uses one that had been forgotten, and its address has another by now. */
  readonly #all = new Map<unknown, Connection>();
  #keptMax = KEPT;
  #closed: Promise<unknown> | null = null;

  get size(): number {
    return this.#all.size;
  }

  /** The one that handles of an address share. @throws ClosedResourceError after `close`. */
  at(url: string, open: () => Connection): Connection {
    if (this.#closed !== null) throw clientClosed();
    const known = this.#all.get(url);
    if (known !== undefined) return known;
    this.#makeRoom();
    const connection = open();
    this.#all.set(url, connection);
    return connection;
  }

  /** It is used, and may have been forgotten. False after `close`: then it must not be. */
  remember(connection: Connection): boolean {
    if (this.#closed !== null) return false;
    const { url } = connection;
    const other = this.#all.get(url) ?? connection;
    this.#all.set(other === connection ? url : connection, connection);
    return true;
  }

  async close(): Promise<void> {
    this.#closed ??= Promise.all(Array.from(this.#all.values(), (each) => each.close()));
    await this.#closed;
  }

  /** Looks at all of them only when they have become twice as many. */
  #makeRoom(): void {
    if (this.#all.size < this.#keptMax) return;
    for (const [key, connection] of this.#all) if (connection.isAtRest) this.#all.delete(key);
    this.#keptMax = Math.max(KEPT, 2 * this.#all.size);
  }
}
