import { keyOf, sync } from "./sync.ts";

/**
 * Who packs an order just now; null if nobody does.
 *
 * This is the one place where the Worker itself asks Latchwork something. It asks as a client from outside would,
 * without leaving the Worker.
 */
export async function packerOf(order: string, warehouse: string, env: Env): Promise<string | null> {
  const path = `/v1/${encodeURIComponent(warehouse)}/lock/${encodeURIComponent(`orders/${order}`)}`;
  const headers = { Authorization: `Bearer ${keyOf(warehouse, env) ?? ""}` };
  const answer = await sync.request(path, { headers }, env);
  if (!answer.ok) return null;
  const { owner } = await answer.json<{ owner: { client: string } | null }>();
  return owner?.client ?? null;
}
