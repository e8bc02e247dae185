import type { Kind } from "../sdk/protocol.ts";
import type { Address } from "./address.ts";
import type { Env, ObjectNamespace, ObjectStub } from "./env.ts";

/** A new stub of the object behind an address. A namespace has no slash, so no two addresses share an object. */
export function stubOf(env: Env, { namespace, kind, name }: Address): ObjectStub {
  return namespaceOf(env, kind).getByName(`${namespace}/${name}`);
}

function namespaceOf(env: Env, kind: Kind): ObjectNamespace {
  switch (kind) {
    case "lock":
      return env.LOCKS;
    case "semaphore":
      return env.SEMAPHORES;
    case "event":
      return env.EVENTS;
    case "condition":
      return env.CONDITIONS;
    case "limiter":
      return env.LIMITERS;
    case "stream":
      return env.STREAMS;
  }
}
