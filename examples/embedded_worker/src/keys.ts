import { timingSafeEqual } from "hono/utils/buffer";

/** Whether this is the key of the warehouse. The secret WAREHOUSE_KEYS has them all: `{"berlin":"…","lyon":"…"}`. */
export async function holdsKeyOf(warehouse: string, key: string | null, env: Env): Promise<boolean> {
  const keys = new Map(Object.entries(JSON.parse(env.WAREHOUSE_KEYS) as Record<string, string>));
  const expected = keys.get(warehouse);
  return expected !== undefined && key !== null && timingSafeEqual(key, expected);
}
