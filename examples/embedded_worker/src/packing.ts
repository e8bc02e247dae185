import { latchworkClient } from "latchwork/worker";
import { BINDINGS } from "./sync.ts";

/** Who packs an order just now; null if nobody does. The Worker asks its own objects, without a socket or a key. */
export async function packerOf(order: string, warehouse: string, env: Env): Promise<string | null> {
  await using latchwork = latchworkClient<{ Bindings: Env }>(env, {
    bindings: BINDINGS,
    namespace: warehouse,
  });
  const { owner } = await latchwork.lock(`orders/${order}`).statistics();
  return owner?.client ?? null;
}
