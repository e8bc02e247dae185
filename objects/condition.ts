import { ConditionMachine } from "./core/condition.ts";
import { PrimitiveObject } from "./host/durable_object.ts";

/** A named condition. */
export class ConditionObject extends PrimitiveObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, {
      kind: "condition",
      createMachine: (recovered) => new ConditionMachine(recovered),
    });
  }
}
