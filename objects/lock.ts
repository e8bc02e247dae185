import { LockMachine } from "./core/lock.ts";
import { PrimitiveObject } from "./host/durable_object.ts";

/** A named lock. */
export class LockObject extends PrimitiveObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, {
      kind: "lock",
      createMachine: (recovered) => new LockMachine(recovered),
    });
  }
}
