import { Hono } from "hono";
import { expect, test } from "vitest";
import { limitConcurrency } from "../../middleware/index.ts";
import { connect, type Latchwork } from "../../sdk/index.ts";
import { startServer } from "../../server/index.ts";
import { gate } from "../support/middleware/requests.ts";

test("a limit is one for all instances, and the next deploy may state another", async () => {
  await using server = await startServer();
  await using before = connect(server.url);
  await using after = connect(server.url);
  const handlers = gate();
  const instance = (latchwork: Latchwork, limit: number): Hono => {
    const app = new Hono();
    const limited = limitConcurrency({ latchwork, limit, key: () => "tenant-1" });
    app.get("/reports", limited, async (c) => {
      await handlers.pass();
      return c.text("done");
    });
    return app;
  };
  const [old, fresh] = [instance(before, 1), instance(after, 2)];
  const first = old.request("/reports");
  await handlers.reached();

  const refused = await old.request("/reports");
  expect(refused.status).toBe(429);
  expect(refused.headers.get("Retry-After")).toBe("1");

  const second = fresh.request("/reports");
  await Promise.race([handlers.reached(2), second]); // `second` only if it was turned away
  handlers.open();
  const answers = await Promise.all([first, second]);
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(["done", "done"]);
});
