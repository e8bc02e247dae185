import { connect, type Latchwork } from "../../../sdk/index.ts";
import type { Setup } from "./setup.ts";

/** Clients that outlive the request which made them. */
const clients = new Map<string, Latchwork>();

/** What came of one request: `null` if all was well. */
export type Outcome = { readonly name: string; readonly message: string } | null;

interface Use {
  readonly serverUrl: string;
  readonly namespace: string;
  readonly name: string;
}

/** Uses a lock once, with the client of the request that came first for this name. */
export async function use({ serverUrl, namespace, name }: Use): Promise<Outcome> {
  const client = clients.get(name) ?? connect(serverUrl, { namespace });
  clients.set(name, client);
  try {
    const lease = await client.lock(name).acquire({ timeoutMs: 5_000 });
    await lease.release();
    return null;
  } catch (error) {
    return { name: (error as Error).name, message: (error as Error).message };
  }
}

/** Two uses of one client: each by a request of its own, where the runtime lives by requests. */
export async function useTwice(
  { ownUrl, serverUrl, namespace }: Setup,
  name: string,
): Promise<readonly [Outcome, Outcome]> {
  const body: Use = { serverUrl, namespace, name };
  const once = async (): Promise<Outcome> => {
    if (ownUrl === null) return use(body);
    const response = await fetch(ownUrl, { method: "POST", body: JSON.stringify(body) });
    return (await response.json()) as Outcome;
  };
  const outcomes = [await once(), await once()] as const;
  if (ownUrl === null) await clients.get(name)?.close();
  return outcomes;
}
