import { LimiterMachine } from "./core/limiter.ts";
import { PrimitiveObject } from "./host/durable_object.ts";

/** A named capacity limiter. */
export class LimiterObject extends PrimitiveObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, {
      kind: "limiter",
      createMachine: (recovered) => new LimiterMachine(recovered),
    });
  }
}
