/**
 * A webhook that is delivered more than once, to two instances of a service, and is carried out once.
 * `node examples/idempotent_webhook.ts`: with a server of its own, or that at LATCHWORK_URL. Ends with 1 if a promise
 * is broken.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { memoryStore, oncePerKey, type ResponseStore } from "../middleware/index.ts";
import { connect } from "../sdk/index.ts";
import { startServer } from "../server/index.ts";

const given = process.env["LATCHWORK_URL"];
await using server = given === undefined ? await startServer() : null;
const url = given ?? server?.url ?? "";

/** What both instances share; in real life Redis, Workers KV or a table. */
const store = memoryStore();
const shipments: string[] = [];

/** One instance of the service. It knows of the other only through Latchwork and the store. */
function instance(name: string, answers: ResponseStore = store): Hono {
  const app = new Hono();
  app.post(
    "/webhooks/paid",
    oncePerKey({
      latchwork: () => connect(url), // one for each request: there are as many names as events
      store: answers,
      key: (c) => c.req.header("webhook-id"),
      prefix: "webhooks/",
      timeoutMs: 30_000,
    }),
    async (c) => {
      const { order } = await c.req.json<{ order: string }>();
      shipments.push(order);
      return c.json({ shipped: order, by: name, token: c.var.idempotency?.lease?.token }, 201);
    },
  );
  return app;
}

const first = instance("first");
const second = instance("second");

const event = randomUUID();
async function deliver(app: Hono, order = "order-7") {
  const response = await app.request("/webhooks/paid", {
    method: "POST",
    headers: { "webhook-id": event },
    body: JSON.stringify({ order }),
  });
  const replayed = response.headers.get("Idempotency-Replayed") === "true";
  return { status: response.status, replayed, body: await response.text() };
}

const atOnce = await Promise.all([deliver(first), deliver(second), deliver(first)]);
const fresh = atOnce.filter(({ replayed }) => !replayed);
console.log(`delivered ${atOnce.length} times at once: ${shipments.length} shipment`);
console.log(`answers: ${fresh.length} fresh, ${atOnce.length - fresh.length} replayed`);
assert.deepEqual(shipments, ["order-7"]);
assert.equal(fresh.length, 1);
assert.deepEqual(new Set(atOnce.map(({ status }) => status)), new Set([201]));
assert.equal(new Set(atOnce.map(({ body }) => body)).size, 1, "all had the same answer");

const later = await deliver(second);
console.log(`delivered again later: ${later.status}, replayed: ${later.replayed}`);
assert.deepEqual(later, { status: 201, replayed: true, body: atOnce[0].body });

const other = await deliver(first, "order-8");
console.log(`another order with the same key: ${other.status}`);
assert.equal(other.status, 422);

const forgetful = await deliver(instance("third", memoryStore()));
console.log(`after the store has lost the answer: ${forgetful.status}`);
assert.equal(forgetful.status, 409);

console.log(`shipped altogether: ${shipments.join(", ")}`);
assert.deepEqual(shipments, ["order-7"]);
