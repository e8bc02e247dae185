import { Hono } from "hono";
import { streamText } from "hono/streaming";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  limitConcurrency,
  memoryStore,
  oncePerKey,
  oneAtATime,
  type LimitConcurrencyOptions,
} from "../../middleware/index.ts";
import { connect, type ConnectOptions, type Latchwork } from "../../sdk/index.ts";
import { startServer, type EmbeddedServer } from "../../server/index.ts";
import { gate, refusalIn, refused } from "../support/middleware/requests.ts";
import { served } from "../support/middleware/served.ts";

let server: EmbeddedServer;
let latchwork: Latchwork;
const clients: Latchwork[] = [];
beforeAll(async () => {
  server = await startServer();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});
afterAll(() => server.stop());

function client(url = server.url, options: ConnectOptions = {}): Latchwork {
  const made = connect(url, options);
  clients.push(made);
  return made;
}

/** An endless stream of lines, for one client at a time. */
function tickers(options: Partial<LimitConcurrencyOptions>): Hono {
  latchwork = client();
  const app = new Hono();
  app.get("/ticks", limitConcurrency({ latchwork, limit: 1, prefix: "ticks", ...options }), (c) =>
    streamText(c, async (stream) => {
      while (!stream.aborted) await stream.writeln("tick");
    }),
  );
  return app;
}

const borrowed = async (): Promise<number> =>
  (await latchwork.limiter("ticks").statistics()).borrowedTokens;
const waiting = async (): Promise<number> =>
  (await latchwork.limiter("ticks").statistics()).tasksWaiting;

test("a stream holds its permit until its client hangs up", async () => {
  await using web = await served(tickers({}));
  const hangUp = new AbortController();
  const { body } = await fetch(`${web.url}/ticks`, { signal: hangUp.signal });
  await body?.getReader().read();
  expect(await borrowed()).toBe(1);
  expect(await refusalIn(await fetch(`${web.url}/ticks`))).toEqual(
    refused(429, "concurrency-limit", "1"),
  );
  hangUp.abort();
  await expect.poll(borrowed, { timeout: 30_000 }).toBe(0);
});

test("a client that hangs up while it waits in line has left it", async () => {
  await using web = await served(tickers({ timeoutMs: 60_000 }));
  const holder = await latchwork.limiter("ticks").acquire({ timeoutMs: 30_000 });
  const hangUp = new AbortController();
  const response = fetch(`${web.url}/ticks`, { signal: hangUp.signal });
  await expect.poll(waiting, { timeout: 30_000 }).toBe(1);
  hangUp.abort();
  await expect(response).rejects.toThrow("aborted");
  await expect.poll(waiting, { timeout: 30_000 }).toBe(0);
  await holder.release();
  expect(await borrowed()).toBe(0);
});

test("a lock that an operator takes away: the answer is not sent", async () => {
  const handlers = gate();
  const app = new Hono();
  app.post(
    "/accounts/:id/close",
    oneAtATime({ latchwork: client(), prefix: "accounts/", key: (c) => c.req.param("id") }),
    async (c) => {
      void handlers.pass();
      const lost = c.var.lease?.signal;
      await new Promise((resolve) => lost?.addEventListener("abort", resolve));
      return c.text("closed, for all that I know");
    },
  );
  const response = app.request("/accounts/7/close", { method: "POST" });
  await Promise.race([handlers.reached(), response]); // `response` only if it was turned away
  const lock = client().lock("accounts/7");
  const { owner } = await lock.statistics();
  const lease = `${server.url}/v1/default/lock/accounts%2F7/leases/${owner?.token}`;
  expect((await fetch(lease, { method: "DELETE" })).status).toBe(204);
  expect(await refusalIn(await response)).toEqual(refused(409, "lease-lost"));
  expect(await lock.isLocked()).toBe(false);
});

test("a client for each request: a key runs once, and every client is closed", async () => {
  let [runs, open] = [0, 0];
  const app = new Hono();
  app.post(
    "/payments",
    oncePerKey({
      latchwork: () => {
        open += 1;
        const made = connect(server.url);
        return Object.assign(made, { close: closing(made, () => (open -= 1)) });
      },
      store: memoryStore(),
      timeoutMs: 60_000,
      prefix: "payments/",
    }),
    async (c) => {
      runs += 1;
      return c.json({ paid: await c.req.json(), run: runs }, 201);
    },
  );
  await using web = await served(app);
  const pay = (body: string): Promise<Response> =>
    fetch(`${web.url}/payments`, { method: "POST", headers: { "Idempotency-Key": "k" }, body });
  const answers = await Promise.all([pay("5"), pay("5"), pay("5"), pay("5")]);
  const bodies = await Promise.all(answers.map((answer) => answer.json()));
  expect(bodies).toEqual(Array.from({ length: 4 }, () => ({ paid: 5, run: 1 })));
  expect(answers.filter(({ headers }) => headers.has("Idempotency-Replayed"))).toHaveLength(3);
  expect((await pay("6")).status).toBe(422);
  await expect.poll(() => open, { timeout: 30_000 }).toBe(0);
});

test("a server that is away: 503, and no handler runs", async () => {
  const gone = await startServer();
  await gone.stop();
  let runs = 0;
  const app = new Hono();
  const lost = { latchwork: client(gone.url, { sessionTtlMs: 1_000 }), unavailableAfterMs: 200 };
  app.use("/limited", limitConcurrency({ ...lost, limit: 1 }));
  app.use("/locked", oneAtATime(lost));
  app.use("/once", oncePerKey({ ...lost, store: memoryStore() }));
  app.all("*", (c) => c.text(String((runs += 1))));
  for (const path of ["/limited", "/locked", "/once"]) {
    const request = { method: "POST", headers: { "Idempotency-Key": "k" } };
    const response = await app.request(path, request);
    expect(await refusalIn(response)).toEqual(refused(503, "connection-lost", "1"));
  }
  expect(runs).toBe(0);
});

function closing(made: Latchwork, closed: () => void): () => Promise<void> {
  const close = made.close.bind(made);
  return async () => {
    await close();
    closed();
  };
}
