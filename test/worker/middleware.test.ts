import { Hono } from "hono";
import { expect, test } from "vitest";
import { limitConcurrency, memoryStore, oncePerKey, oneAtATime } from "../../middleware/index.ts";
import { FakeLatchwork } from "../support/middleware/fake_latchwork.ts";

const fake = new FakeLatchwork();
const latchwork = fake.client;
const app = new Hono();
app.use("/limited", limitConcurrency({ latchwork, limit: 1 }));
app.use("/locked", oneAtATime({ latchwork, key: () => "k".repeat(1_000) }));
app.use("/once", oncePerKey({ latchwork, store: memoryStore() }));
app.all("*", async (c) => c.text(`said: ${await c.req.text()}`));

const post = (path: string): Promise<Response> =>
  Promise.resolve(
    app.request(path, { method: "POST", body: "x", headers: { "Idempotency-Key": "k" } }),
  );

test.each(["/limited", "/locked"])("in workerd %s is held until the body is read", async (path) => {
  const first = await post(path);
  const second = await post(path);
  expect(second.status).toBe(path === "/limited" ? 429 : 409);
  expect(await first.text()).toBe("said: x");
  expect((await post(path)).status).toBe(200);
});

test("in workerd a stream that is cancelled gives back what it held", async () => {
  const held = fake.held;
  const streams = new Hono();
  streams.get("/", limitConcurrency({ latchwork, limit: 1, prefix: "stream" }), (c) =>
    c.body(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(9)) })),
  );
  const response = await streams.request("/");
  const reader = response.body?.getReader();
  await reader?.read();
  expect(fake.held).toBe(held + 1);
  await reader?.cancel();
  expect(fake.held).toBe(held);
});

test("in workerd a key runs once, and its answer is replayed", async () => {
  expect(await (await post("/once")).text()).toBe("said: x");
  const again = await post("/once");
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await again.text()).toBe("said: x");
});
