import type { Connection } from "./connection.ts";
import { clientClosed } from "./errors.ts";

/** The connections of one client. It forgets those at rest, for a program may use names without number. */
export class Connections {
  /** By address; by itself, where a handle uses one that had been forgotten, and its address has another by now. */
  readonly #all = new Map<unknown, Connection>();
  #closed: Promise<unknown> | null = null;

  /** The one that handles of an address share. @throws ClosedResourceError after `close`. */
  at(url: string, open: () => Connection): Connection {
    if (this.#closed !== null) throw clientClosed();
    const connection = this.#all.get(url) ?? open();
    this.#all.set(url, connection);
    return connection;
  }

  forget(connection: Connection): void {
    if (this.#all.get(connection.url) === connection) this.#all.delete(connection.url);
    this.#all.delete(connection);
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
}
