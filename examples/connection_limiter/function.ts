/** An instance of a function: the platform starts and kills it as it likes, and gives it several requests at a time. */
import { TimeoutError } from "../../sdk/index.ts";
import { act } from "../theatre/part.ts";
import { DatabaseConnection } from "./driver.ts";
import { withConnection } from "./with_connection.ts";

export interface FunctionRole {
  readonly name: string;
  readonly port: number;
  readonly requests: readonly number[];
  readonly totalTokens: number;
  readonly patienceMs: number;
}

export type FunctionSaid =
  | { readonly is: "has a connection"; readonly request: number }
  | { readonly is: "answers"; readonly request: number; readonly status: number };

await act<FunctionRole, FunctionSaid>(async ({ role, latchwork, say }) => {
  const { name, port, patienceMs } = role;
  const limiter = latchwork.limiter("orders-db", { totalTokens: role.totalTokens });

  async function handle(request: number): Promise<number> {
    const invocation = `${name}/request-${request}`;
    const open = () => DatabaseConnection.open(port);
    try {
      const options = { limiter, invocation, patienceMs, open };
      const found = await withConnection(options, (connection) => {
        say({ is: "has a connection", request });
        return connection.query(`order ${request}`);
      });
      return found === `rows for order ${request}` ? 200 : 500;
    } catch (error) {
      if (error instanceof TimeoutError) return 503; // with Retry-After
      throw error;
    }
  }

  await Promise.all(
    role.requests.map(async (request) => {
      say({ is: "answers", request, status: await handle(request) });
    }),
  );
});
