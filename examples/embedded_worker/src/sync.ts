import { timingSafeEqual } from "hono/utils/buffer";
import { latchworkApp } from "latchwork/worker";

/** Under which names the Worker's configuration has the objects. */
export const BINDINGS = { lock: "SHOP_LOCKS", stream: "SHOP_PARCELS" } as const;

/** Latchwork, for whoever can reach the Worker: `connect("https://shop.example/sync", { namespace, token })`. */
export const sync = latchworkApp<{ Bindings: Env }>({
  bindings: BINDINGS,
  // Each warehouse has a namespace of its own, and a key to it.
  authorize: async (c, { token, namespace }) => {
    const key = keyOf(namespace, c.env);
    return token !== null && key !== undefined && timingSafeEqual(token, key);
  },
});

/** The secret WAREHOUSE_KEYS has them all: `{"berlin":"…","lyon":"…"}`. */
function keyOf(warehouse: string, env: Env): string | undefined {
  const keys = JSON.parse(env.WAREHOUSE_KEYS) as Record<string, string>;
  return new Map(Object.entries(keys)).get(warehouse);
}
