/** A provider delivers a webhook three times at once, and once later, to several instances: its order is shipped once. */
import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { memoryStore, oncePerKey, type ResponseStore } from "../middleware/index.ts";
import { connect } from "../sdk/index.ts";
import { another, check, stage } from "./support/stage.ts";

type Ship = (order: string, token: number | undefined) => Promise<void>;

// The part to copy. The store is what all instances share: Redis, Workers KV, a table; here it is in memory.
function webhooks(url: string, store: ResponseStore, ship: Ship): Hono {
  const app = new Hono();
  app.post(
    "/webhooks/paid",
    oncePerKey({
      latchwork: () => connect(url, { sessionTtlMs: 3_000 }), // one for each request: events are without number
      store,
      key: (c) => c.req.header("webhook-id"),
      prefix: "webhooks/",
      timeoutMs: 30_000, // a delivery that comes while another is carried out waits for its answer
    }),
    async (c) => {
      const { order } = await c.req.json<{ order: string }>();
      // Where orders are kept, a token is refused that is smaller than one it has seen.
      await ship(order, c.var.idempotency?.lease?.token);
      return c.json({ shipped: order }, 201);
    },
  );
  return app;
}

async function deliver(app: Hono, event: string, order: string) {
  const response = await app.request("/webhooks/paid", {
    method: "POST",
    headers: { "webhook-id": event },
    body: JSON.stringify({ order }),
  });
  const replayed = response.headers.get("Idempotency-Replayed") === "true";
  return { status: response.status, replayed, body: await response.text() };
}

const [role, url = "", event = ""] = process.argv.slice(2);
if (role === "instance") {
  // It dies over its delivery.
  const app = webhooks(url, memoryStore(), async (order, token) => {
    console.log(`ships ${order} with ${token}`);
    await new Promise(() => setInterval(() => {}, 1_000));
  });
  await deliver(app, event, "order-8");
} else {
  await using server = await stage();
  await delivered(server.url);
}

async function delivered(url: string): Promise<void> {
  const store = memoryStore();
  const shipped: { order: string; token: number | undefined }[] = [];
  const instance = (own: ResponseStore = store): Hono =>
    webhooks(url, own, (order, token) => {
      shipped.push({ order, token });
      return Promise.resolve();
    });
  const [one, two] = [instance(), instance()];
  const orders = (): string => shipped.map(({ order }) => order).join();

  const paid = randomUUID();
  const atOnce = await Promise.all([one, two, one].map((app) => deliver(app, paid, "order-7")));
  check("three deliveries at once: shipped once", orders() === "order-7");
  check(
    "all three have the same answer, and two are told that it is a repeat",
    atOnce.every(({ status, body }) => status === 201 && body === atOnce[0]?.body) &&
      atOnce.filter(({ replayed }) => replayed).length === 2,
  );
  const late = await deliver(two, paid, "order-7");
  check("a delivery that comes later has it, too", late.replayed && late.body === atOnce[0]?.body);
  check("with another order it is refused", (await deliver(one, paid, "order-0")).status === 422);
  const forgotten = await deliver(instance(memoryStore()), paid, "order-7");
  check("where the store has lost the answer it is not shipped again", forgotten.status === 409);

  const dying = randomUUID();
  const begun = Promise.withResolvers<number>();
  const victim = another(import.meta.filename, ["instance", url, dying], (line) => {
    begun.resolve(Number(/^ships order-8 with (\d+)$/.exec(line)?.[1]));
  });
  const token = await Promise.race([begun.promise, victim.ended.then(() => Number.NaN)]);
  const next = deliver(one, dying, "order-8");
  victim.process.kill("SIGKILL");
  const again = await next;
  check(
    "an instance dies over a delivery: the next is carried out",
    again.status === 201 && !again.replayed,
  );
  check(
    "with a greater token, by which the dead one's late writes are refused",
    Number(shipped[1]?.token) > token,
  );
  check("shipped altogether: order-7 and order-8, each once", orders() === "order-7,order-8");
}
