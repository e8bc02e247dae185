import type { Latchwork } from "./client.ts";
import type { Condition } from "./condition.ts";
import { Connection } from "./connection.ts";
import { check, clientClosed, COMMON, type ErrorClasses } from "./errors.ts";
import type { Event } from "./event.ts";
import type { Limiter } from "./limiter.ts";
import type { Lock } from "./lock.ts";
import { nameFault, objectPath, type Kind } from "./names.ts";
import type { ClientSettings } from "./options.ts";
import type { Semaphore } from "./semaphore.ts";
import type { Stream } from "./stream.ts";

/** The classes of the primitives, each under the name of its method. */
export interface PrimitiveClasses {
  readonly lock: typeof Lock;
  readonly semaphore: typeof Semaphore;
  readonly event: typeof Event;
  readonly condition: typeof Condition;
  readonly limiter: typeof Limiter;
  readonly stream: typeof Stream;
}

/** A client with the methods of these primitives only. */
export type LatchworkWith<Name extends Kind> = Pick<
  Latchwork,
  Name | "close" | typeof Symbol.asyncDispose
>;

/** What all of those classes are. */
interface HandleClass {
  new (connection: Connection, options?: object): object;
  /** What the server may answer, besides what it may answer to anybody. */
  readonly errors?: ErrorClasses;
}

/** A client that has a method for each of these classes. */
export function clientOf<Classes extends Partial<PrimitiveClasses>>(
  { base, namespace, ...settings }: ClientSettings,
  classes: Classes,
): LatchworkWith<keyof Classes & Kind> {
  const connections = new Map<string, Connection>();
  let closed: Promise<unknown> | null = null;
  const close = async (): Promise<void> => {
    closed ??= Promise.all(Array.from(connections.values(), (connection) => connection.close()));
    await closed;
  };
  const errors = { ...COMMON };
  const client: Record<PropertyKey, unknown> = { close, [Symbol.asyncDispose]: close };
  for (const [kind, Handle] of Object.entries(classes) as [Kind, HandleClass][]) {
    Object.assign(errors, Handle.errors);
    client[kind] = (name: string, options?: object) => {
      check(nameFault(name));
      if (closed !== null) throw clientClosed();
      const url = base + objectPath(namespace, kind, name);
      const connection = connections.get(url) ?? new Connection({ ...settings, url, errors });
      connections.set(url, connection);
      return new Handle(connection, options);
    };
  }
  return client as unknown as LatchworkWith<keyof Classes & Kind>;
}
