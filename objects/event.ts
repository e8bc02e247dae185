import { EventMachine } from "./core/event.ts";
import { PrimitiveObject } from "./host/durable_object.ts";

/** A named event. */
export class EventObject extends PrimitiveObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, {
      kind: "event",
      createMachine: (recovered) => new EventMachine(recovered),
    });
  }
}
