/** A shop's Worker, with Latchwork inside: its warehouses take part from wherever they are. */
import { Hono } from "hono";
import { packerOf } from "./packing.ts";
import { sync } from "./sync.ts";

// The platform makes the objects, and finds their classes here.
export { LockObject, StreamObject } from "latchwork/objects";

const app = new Hono<{ Bindings: Env }>();

app.get("/", (c) => c.text("The shop is open."));

app.get("/:warehouse/orders/:order", async (c) => {
  const { warehouse, order } = c.req.param();
  return c.json({ order, packer: await packerOf(order, warehouse, c.env) });
});

app.route("/sync", sync);

export default app;
