import type { Latchwork } from "./client.ts";
import type { Condition } from "./condition.ts";
import type { Connection } from "./connection.ts";
import { Connections } from "./connections.ts";
import { COMMON, type ErrorClasses } from "./errors.ts";
import type { Event } from "./event.ts";
import type { Limiter } from "./limiter.ts";
import type { Lock } from "./lock.ts";
import type { Kind } from "./names.ts";
import { readOptions, type ClientSettings, type ConnectOptions } from "./options.ts";
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

/**
 * A client as `connect` makes it, of the primitives that you name: where a program's size matters, a bundler leaves
 * out the others.
 *
 *     const lw = connectWith("http://127.0.0.1:8787", { lock: Lock });
 *     await using lease = await lw.lock("invoices/42").acquire();
 *
 * @param kinds the classes of what you use, each under the name of its method: `{ lock: Lock, event: Event }`.
 * @throws as `connect`.
 */
export function connectWith<Classes extends Partial<PrimitiveClasses>>(
  url: string,
  kinds: Classes,
  options: ConnectOptions = {},
): LatchworkWith<keyof Classes & Kind> {
  return clientOf(readOptions(url, options), kinds);
}

/** A client that has a method for each of these classes. */
export function clientOf<Classes extends Partial<PrimitiveClasses>>(
  settings: ClientSettings,
  kinds: Classes,
): LatchworkWith<keyof Classes & Kind> {
  const classes = Object.entries(kinds) as [Kind, HandleClass][];
  const errors = { ...COMMON };
  for (const [, Handle] of classes) Object.assign(errors, Handle.errors);
  const connections = new Connections({ ...settings, errors });
  const close = (): Promise<void> => connections.close();
  const client: Record<PropertyKey, unknown> = { close, [Symbol.asyncDispose]: close };
  for (const [kind, Handle] of classes) {
    client[kind] = (name: string, options?: object) =>
      new Handle(connections.to(kind, name), options);
  }
  return client as unknown as LatchworkWith<keyof Classes & Kind>;
}

interface HandleClass {
  new (connection: Connection, options?: object): object;
  readonly errors?: ErrorClasses;
}
