import type { Hono } from "hono";
import { latchworkApp, type LatchworkAppOptions } from "../../../worker/library.ts";
import type { Door } from "../../support/raw_client.ts";

type Handler = (request: Request, env: object) => Response | Promise<Response>;

/** A Worker of somebody's own, with Latchwork inside. */
export interface Embedding {
  /** The path that clients connect to. */
  readonly base: string;
  readonly handler: Handler;
}

/** Whose bindings the tests choose, so that there are no names to hold anybody to. */
export interface AnyBindings {
  readonly Bindings: Readonly<Record<string, unknown>>;
}

export type AppOptions = LatchworkAppOptions<AnyBindings>;

/** Mounted in an app that has routes of its own, before and after. */
export function inside(parent: Hono<AnyBindings>, place: string, options?: AppOptions): Embedding {
  parent.get("/", (c) => c.text("the shop"));
  parent.get("/orders/:order", (c) => c.text(`order ${c.req.param("order")}`));
  parent.route(place, latchworkApp<AnyBindings>(options));
  parent.get("/:page", (c) => c.text(`page ${c.req.param("page")}`));
  return { base: place, handler: parent.fetch };
}

/** Called by a handler that is no Hono app. */
export function alone(prefix: string, options?: AppOptions): Embedding {
  return { base: prefix, handler: latchworkApp<AnyBindings>({ ...options, prefix }).fetch };
}

/** Asks as a client would that was given the address of the embedding. */
export function doorTo(
  { base, handler }: Embedding,
  env: object,
  origin = "https://shop.test",
): Door {
  return {
    fetch: async (path, init) => handler(new Request(`${origin}${base}${path}`, init), env),
  };
}
