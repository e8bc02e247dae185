import { SemaphoreMachine } from "./core/semaphore.ts";
import { PrimitiveObject } from "./host/durable_object.ts";

/** A named semaphore. */
export class SemaphoreObject extends PrimitiveObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, {
      kind: "semaphore",
      createMachine: (recovered) => new SemaphoreMachine(recovered),
    });
  }
}
