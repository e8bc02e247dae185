import { HTTPException } from "hono/http-exception";
import { beforeEach, describe, expect, it, test } from "vitest";
import { forgetKey, memoryStore, type StoredResponse } from "../../middleware/index.ts";
import { FakeLatchwork } from "../support/middleware/fake_latchwork.ts";
import { payments } from "../support/middleware/payments.ts";
import { refusalIn, refused } from "../support/middleware/requests.ts";

let fake: FakeLatchwork;
beforeEach(() => {
  fake = new FakeLatchwork();
});

const REPLAYED = "Idempotency-Replayed";
const seen = async (response: Response): Promise<object> => ({
  status: response.status,
  body: await response.text(),
  replayed: response.headers.get(REPLAYED),
});

describe("a request with an idempotency key", () => {
  it("runs once; a repeat gets the same answer, and is told so", async () => {
    const { post, handlers, runs } = payments(fake);
    handlers.open();
    const first = await post("k");
    const again = await post('"k"');
    expect(first.headers.get("X-Token")).toBe(again.headers.get("X-Token"));
    expect(again.headers.get("Content-Type")).toBe("application/json");
    expect(await seen(first)).toEqual({ status: 201, body: '{"paid":1}', replayed: null });
    expect(await seen(again)).toEqual({ status: 201, body: '{"paid":1}', replayed: "true" });
    expect([runs(), fake.held]).toEqual([1, 0]);
  });

  it("repeats that come while it runs get 409, and the answer later", async () => {
    const { post, handlers, runs } = payments(fake, { retryAfterMs: 3_000 });
    const first = post("k");
    await handlers.reached();
    expect(await refusalIn(await post("k"))).toEqual(refused(409, "in-progress", "3"));
    handlers.open();
    await first;
    expect((await post("k")).headers.get(REPLAYED)).toBe("true");
    expect(runs()).toBe(1);
  });

  it("or wait for its answer, for as long as they may", async () => {
    const { post, handlers, runs } = payments(fake, { timeoutMs: 60_000 });
    const first = post("k");
    await handlers.reached();
    const line = fake.line("lock(once/k)");
    const late = post("k");
    await expect.poll(() => line.waiters.size).toBe(1);
    line.timeUp();
    expect((await late).status).toBe(409);
    const patient = [post("k"), post("k")];
    await expect.poll(() => line.waiters.size).toBe(2);
    handlers.open();
    await first;
    for (const response of await Promise.all(patient)) {
      expect(response.headers.get(REPLAYED)).toBe("true");
    }
    expect(runs()).toBe(1);
  });

  it("whose time in line is up just when the other is done gets its answer", async () => {
    const { post, handlers } = payments(fake, { timeoutMs: 60_000 });
    const first = post("k");
    await handlers.reached();
    const line = fake.line("lock(once/k)");
    const late = post("k");
    await expect.poll(() => line.waiters.size).toBe(1);
    fake.meets = (call) => {
      if (call.endsWith(".set")) queueMicrotask(() => line.timeUp());
      return undefined;
    };
    handlers.open();
    await first;
    expect((await late).headers.get(REPLAYED)).toBe("true");
  });

  it("repeats of what was done do not wait for each other, and take no lock", async () => {
    const { post, handlers } = payments(fake);
    handlers.open();
    await post("k");
    fake.calls.length = 0;
    const responses = await Promise.all([post("k"), post("k"), post("k")]);
    expect(responses.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(fake.calls)).toEqual(new Set(["event(once/k).isSet"]));
  });

  it("a client that hangs up has left the line", async () => {
    const { post, handlers } = payments(fake, { timeoutMs: 60_000 });
    const first = post("k");
    await handlers.reached();
    const controller = new AbortController();
    const headers = { "Idempotency-Key": "k" };
    const waiting = post("k", { headers, signal: controller.signal });
    await expect.poll(() => fake.line("lock(once/k)").waiters.size).toBe(1);
    controller.abort();
    expect((await waiting).status).toBe(499);
    handlers.open();
    await first;
    expect(fake.held).toBe(0);
  });
});

describe("a repeat that is another request", () => {
  it.each([
    ["another body", { body: '{"amount":6}' }],
    ["another path", { path: "/payments/2" }],
    ["another query", { path: "/payments/1?fast" }],
    ["another method", { method: "PUT" }],
    ["another caller", { headers: { "Idempotency-Key": "k", Authorization: "Bearer b" } }],
  ])("gets 422: %s", async (_, init) => {
    const { post, handlers, runs } = payments(fake);
    handlers.open();
    await post("k");
    expect(await refusalIn(await post("k", init))).toEqual(refused(422, "key-reused"));
    expect(runs()).toBe(1);
  });

  it("is told from it by what the app says, if it says so", async () => {
    const { post, handlers, runs } = payments(fake, { fingerprint: (c) => c.req.path });
    handlers.open();
    await post("k");
    expect((await post("k", { body: "other" })).status).toBe(201);
    expect((await post("k", { path: "/payments/2" })).status).toBe(422);
    expect(runs()).toBe(1);
  });

  it("of another scope is another request altogether, and a new token of the same caller is not", async () => {
    const { post, handlers, runs } = payments(fake, { scope: (c) => c.req.header("X-User") });
    handlers.open();
    const as = (user: string, token: string) =>
      post("k", { headers: { "Idempotency-Key": "k", "X-User": user, Authorization: token } });
    expect((await as("a", "1")).headers.get(REPLAYED)).toBeNull();
    expect((await as("b", "1")).headers.get(REPLAYED)).toBeNull();
    expect((await as("a", "2")).headers.get(REPLAYED)).toBe("true");
    expect((await post("a/k")).headers.get(REPLAYED)).toBeNull();
    expect(runs()).toBe(3);
  });
});

describe("a request without a good key", () => {
  it.each([
    ["missing", undefined, "key-missing"],
    ["not valid", "kä", "key-invalid"],
    ["too long", "k".repeat(256), "key-invalid"],
  ])("gets 400: %s", async (_, key, problem) => {
    const { post, runs } = payments(fake);
    expect(await refusalIn(await post(key))).toEqual(refused(400, problem));
    expect([runs(), fake.calls]).toEqual([0, []]);
  });

  it("passes if none is required, but not with a bad one", async () => {
    const { post, handlers, runs } = payments(fake, { required: false });
    handlers.open();
    expect((await post()).status).toBe(201);
    expect((await post("")).status).toBe(400);
    expect([runs(), fake.calls]).toEqual([1, []]);
  });

  it("passes if its method is safe", async () => {
    const { app, handlers } = payments(fake);
    handlers.open();
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      expect((await app.request("/payments/1", { method })).status).toBe(201);
    }
    expect(fake.calls).toEqual([]);
  });

  it("may have one of its own, such as an event's id in its body; null exempts it", async () => {
    const { post, handlers, runs } = payments(fake, {
      key: async (c) => (await c.req.json<{ id?: string | null }>()).id,
    });
    handlers.open();
    await post(undefined, { body: '{"id":"evt_1"}' });
    expect((await post(undefined, { body: '{"id":"evt_1"}' })).headers.get(REPLAYED)).toBe("true");
    expect((await post(undefined, { body: '{"id":"evt_1","x":1}' })).status).toBe(422);
    expect((await post(undefined, { body: "{}" })).status).toBe(400);
    expect((await post(undefined, { body: '{"id":null}' })).status).toBe(201);
    expect(runs()).toBe(2);
  });
});

describe("the request's body", () => {
  it.each([
    ["as text through c.req", (c: { req: { text(): Promise<string> } }) => c.req.text()],
    ["through the raw request", (c: { req: { raw: Request } }) => c.req.raw.text()],
  ])("can be read by the handler: %s", async (_, read) => {
    const { app } = payments(fake);
    const { oncePerKey } = await import("../../middleware/index.ts");
    app.post("/read", oncePerKey({ latchwork: fake.client, store: memoryStore() }), async (c) =>
      c.text(await read(c)),
    );
    const init = { method: "POST", body: "said", headers: { "Idempotency-Key": "k" } };
    expect(await (await app.request("/read", init)).text()).toBe("said");
  });
});

describe("the key is free again", () => {
  it.each([
    ["the handler threw", () => Promise.reject(new Error("broken")), 500],
    ["it threw a no of Hono's", () => Promise.reject(new HTTPException(422)), 422],
    ["it answered 500", () => new Response("no", { status: 500 }), 500],
    ["it answered 429", () => new Response("later", { status: 429 }), 429],
    ["it answered 409", () => new Response("busy", { status: 409 }), 409],
    ["it answered 401", () => new Response("who?", { status: 401 }), 401],
  ])("where %s", async (_, fail, status) => {
    const { post, handlers, runs } = payments(fake, {
      answer: (run) => (run === 1 ? fail() : new Response("well")),
    });
    handlers.open();
    expect((await post("k")).status).toBe(status);
    expect(await seen(await post("k"))).toEqual({ status: 200, body: "well", replayed: null });
    expect((await post("k")).headers.get(REPLAYED)).toBe("true");
    expect([runs(), fake.held]).toEqual([2, 0]);
  });

  it("where the body of the answer fails", async () => {
    const broken = () =>
      new ReadableStream({ pull: (controller) => controller.error(new Error("broken off")) });
    const { post, handlers, runs } = payments(fake, {
      answer: (run) => new Response(run === 1 ? broken() : "well"),
    });
    handlers.open();
    expect(await (await post("k")).text()).toBe("broken off");
    expect((await post("k")).status).toBe(200);
    expect([runs(), fake.held]).toEqual([2, 0]);
  });

  it("and not where it answered anything else: what a no was stays a no", async () => {
    const { post, handlers, runs } = payments(fake, {
      answer: () => new Response("declined", { status: 402 }),
    });
    handlers.open();
    await post("k");
    expect(await seen(await post("k"))).toEqual({
      status: 402,
      body: "declined",
      replayed: "true",
    });
    expect(runs()).toBe(1);
  });

  it("where the app says so", async () => {
    const { post, handlers, runs } = payments(fake, { isFinal: ({ status }) => status === 200 });
    handlers.open();
    await post("k");
    await post("k");
    expect(runs()).toBe(2);
  });

  it("when it is forgotten", async () => {
    const store = memoryStore();
    const { post, handlers, runs } = payments(fake, { store, scope: () => "user/9" });
    handlers.open();
    await post("k");
    await forgetKey({ latchwork: fake.client, store, scope: "user/9", key: "k" });
    expect((await post("k")).headers.get(REPLAYED)).toBeNull();
    expect([runs(), fake.closed]).toEqual([2, 0]);
  });
});

describe("what is replayed", () => {
  it("is status, headers and bytes, but not what belonged to one exchange", async () => {
    const bytes = Uint8Array.from({ length: 700_000 }, (_, index) => index % 256);
    const { post, handlers } = payments(fake, {
      answer: () =>
        new Response(bytes, {
          status: 203,
          headers: {
            "Content-Type": "image/png",
            "Content-Length": "700000",
            Date: "Thu, 01 Jan 1970 00:00:00 GMT",
            "Set-Cookie": "session=1",
            "X-Own": "1",
          },
        }),
    });
    handlers.open();
    const first = await post("k");
    expect(first.headers.get("Set-Cookie")).toBe("session=1");
    expect(new Uint8Array(await first.arrayBuffer())).toEqual(bytes);
    const again = await post("k");
    expect(new Uint8Array(await again.arrayBuffer())).toEqual(bytes);
    expect([again.status, Object.fromEntries(again.headers)]).toEqual([
      203,
      {
        "content-type": "image/png",
        "idempotency-replayed": "true",
        "x-own": "1",
        "x-token": "1",
      },
    ]);
  });

  it("may be no body at all", async () => {
    const { post, handlers } = payments(fake, {
      answer: () => new Response(null, { status: 204 }),
    });
    handlers.open();
    await post("k");
    expect(await seen(await post("k"))).toEqual({ status: 204, body: "", replayed: "true" });
  });

  it("survives JSON, in which stores keep it", async () => {
    const texts = new Map<string, string>();
    const { post, handlers } = payments(fake, {
      store: {
        get: (key) => JSON.parse(texts.get(key) ?? "null") as StoredResponse | null,
        put: (key, response) => void texts.set(key, JSON.stringify(response)),
      },
    });
    handlers.open();
    await post("k");
    expect(await seen(await post("k"))).toEqual({
      status: 201,
      body: '{"paid":1}',
      replayed: "true",
    });
  });

  it("is not what is too large: that is sent whole, and a repeat learns that it was done", async () => {
    const { post, handlers, runs } = payments(fake, {
      bodyBytesMax: 10,
      answer: () => new Response("x".repeat(11)),
    });
    handlers.open();
    expect(await (await post("k")).text()).toBe("x".repeat(11));
    expect(await refusalIn(await post("k"))).toEqual(refused(409, "answer-gone"));
    expect([runs(), fake.held]).toEqual([1, 0]);
  });

  it("goes up to the limit", async () => {
    const { post, handlers } = payments(fake, {
      bodyBytesMax: 10,
      answer: () => new Response("x".repeat(10)),
    });
    handlers.open();
    await post("k");
    expect(await (await post("k")).text()).toBe("x".repeat(10));
  });

  it("is not known any more when the store has lost it: a repeat is refused, and never run", async () => {
    let nowMs = 0;
    const { post, handlers, runs } = payments(fake, {
      store: memoryStore({ now: () => nowMs }),
      ttlMs: 1_000,
    });
    handlers.open();
    await post("k");
    nowMs = 999;
    expect((await post("k")).status).toBe(201);
    nowMs = 1_000;
    expect(await refusalIn(await post("k"))).toEqual(refused(409, "answer-gone"));
    expect(runs()).toBe(1);
  });
});

test("a client made for the request is closed when it is over, whatever became of it", async () => {
  const { post, handlers } = payments(fake, { latchwork: () => fake.client });
  handlers.open();
  await post("k");
  await post("k");
  await post("k", { body: "other" });
  expect(fake.closed).toBe(3);
});
