import type { Kind } from "../sdk/protocol.ts";
import type { Address } from "./address.ts";
import type { LatchworkBindings } from "./app_options.ts";
import type { Env, ObjectNamespace, ObjectStub } from "./env.ts";
import { Refusal } from "./refusal.ts";

/** Where the objects of each kind are found among the Worker's bindings. */
export const BINDINGS = {
  lock: "LOCKS",
  semaphore: "SEMAPHORES",
  event: "EVENTS",
  condition: "CONDITIONS",
  limiter: "LIMITERS",
  stream: "STREAMS",
} as const satisfies Record<Kind, keyof Env & keyof LatchworkBindings>;

/**
 * A new stub of the object behind an address. A namespace has no slash, so no two addresses share an object.
 *
 * @throws Refusal where this Worker has no objects of the kind.
 */
export function stubOf(env: Env, address: Address): ObjectStub {
  const { namespace, kind, name } = address;
  // Whoever was let in was let in for one object. A route that reads addresses in a way of its own must fail, not open.
  if (env.mounted?.gate?.isOpenFor(address) === false) {
    throw new Error(`A request was not authorized for the ${kind} that it reaches.`);
  }
  return namespaceOf(env, kind).getByName(`${namespace}/${name}`);
}

function namespaceOf(env: Env, kind: Kind): ObjectNamespace {
  const namespace = env[BINDINGS[kind]];
  if (namespace !== undefined) return namespace;
  const message = `This server has no ${kind}s: its Worker has no Durable Object binding for them (${BINDINGS[kind]}, unless its option bindings.${kind} says otherwise).`;
  throw new Refusal({ code: "protocol", message }, { status: 404 });
}
