/** An instance of the service, behind a balancer that sends it deliveries as it likes. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { fenced } from "../fencing/fence.ts";
import { openDatabase } from "../theatre/database.ts";
import { act, client } from "../theatre/part.ts";
import { tableStore } from "./table_store.ts";
import { webhooks } from "./webhooks.ts";

export interface InstanceRole {
  readonly name: string;
  readonly folder: string;
  /** Stands still over this order, before it is shipped. */
  readonly haltsOver?: string;
}

export type InstanceSaid =
  | { readonly is: "listens"; readonly port: number }
  | { readonly is: "is about to ship"; readonly order: string; readonly token: number };

await act<InstanceRole, InstanceSaid>(async ({ role, ending, say, told }) => {
  const database = openDatabase(role.folder);
  const app = webhooks({
    latchwork: () => client(role.name),
    store: tableStore(database),
    ship: async (order, token) => {
      say({ is: "is about to ship", order, token });
      if (order === role.haltsOver) await told("go on");
      fenced(database, { resource: order, token }, () =>
        database.prepare("INSERT INTO shipments VALUES (?, ?)").run(order, role.name),
      );
    },
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  say({ is: "listens", port: (server.address() as AddressInfo).port });
  if (!ending.aborted) await once(ending, "abort");
  server.close();
});
