import { Connection } from "./connection.ts";
import { check, clientClosed, type ErrorClasses } from "./errors.ts";
import { nameFault, objectPath, type Kind } from "./names.ts";
import type { ClientSettings } from "./options.ts";

/** What a client has of connections: one for each name, opened at its first use. */
export class Connections {
  readonly #settings: ClientSettings & { readonly errors: ErrorClasses };
  readonly #byUrl = new Map<string, Connection>();
  #closed: Promise<void> | null = null;

  constructor(settings: ClientSettings & { readonly errors: ErrorClasses }) {
    this.#settings = settings;
  }

  /** @throws InvalidArgumentError, LimitExceededError for a bad name. ClosedResourceError after `close`. */
  to(kind: Kind, name: string): Connection {
    check(nameFault(name));
    if (this.#closed !== null) throw clientClosed();
    const { base, namespace, ...settings } = this.#settings;
    const url = base + objectPath(namespace, kind, name);
    const connection = this.#byUrl.get(url) ?? new Connection({ ...settings, url });
    this.#byUrl.set(url, connection);
    return connection;
  }

  close(): Promise<void> {
    const closing = [...this.#byUrl.values()].map((connection) => connection.close());
    this.#closed ??= Promise.all(closing).then(() => {});
    return this.#closed;
  }
}
