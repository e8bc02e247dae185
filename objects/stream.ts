import { StreamMachine } from "./core/stream.ts";
import { PrimitiveObject } from "./host/durable_object.ts";

/** A named stream. */
export class StreamObject extends PrimitiveObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, {
      kind: "stream",
      createMachine: (recovered) => new StreamMachine(recovered),
    });
  }
}
