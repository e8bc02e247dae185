import { Hono } from "hono";
import { oncePerKey, type ResponseStore } from "../../middleware/index.ts";
import type { Latchwork } from "../../sdk/index.ts";

export interface WebhooksOptions {
  /** A client for each request: one that lives on has a socket, for half a minute, for each event that it has seen. */
  readonly latchwork: () => Latchwork;
  /** Where answers are kept: the same for all instances. */
  readonly store: ResponseStore;
  /** Give `token` to what it writes to, which refuses a smaller one than it has seen. */
  readonly ship: (order: string, token: number) => Promise<void>;
}

/** However often an event is delivered, at whichever instance: its order is shipped once, and each delivery has that answer. */
export function webhooks({ latchwork, store, ship }: WebhooksOptions): Hono {
  const app = new Hono();
  app.post(
    "/webhooks/paid",
    oncePerKey({
      latchwork,
      store,
      key: (c) => c.req.header("webhook-id"),
      prefix: "webhooks/",
      timeoutMs: 30_000, // a delivery that comes while another is carried out waits for its answer
    }),
    async (c) => {
      const { order } = await c.req.json<{ order: string }>();
      const { lease } = c.var.idempotency ?? {};
      if (!lease) return c.text("The header webhook-id is missing.", 400);
      await ship(order, lease.token);
      return c.json({ shipped: order }, 201);
    },
  );
  return app;
}
