import type { Latchwork } from "./client.ts";
import type { Condition } from "./condition.ts";
import { Connection } from "./connection.ts";
import { Connections } from "./connections.ts";
import { check, COMMON, type ErrorClasses } from "./errors.ts";
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
  const connections = new Connections();
  const close = (): Promise<void> => connections.close();
  const errors = { ...COMMON };
  const client: Record<PropertyKey, unknown> = { close, [Symbol.asyncDispose]: close };
  for (const [kind, Handle] of Object.entries(classes) as [Kind, HandleClass][]) {
    Object.assign(errors, Handle.errors);
    client[kind] = (name: string, options?: object) => {
      check(nameFault(name));
      const url = base + objectPath(namespace, kind, name);
      const open = (): Connection => new Connection({ ...settings, url, errors, connections });
      return new Handle(connections.at(url, open), options);
    };
  }
  return client as unknown as LatchworkWith<keyof Classes & Kind>;
}
