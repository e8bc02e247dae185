import { Hono } from "hono";
import { cors } from "hono/cors";
import { beforeEach, describe, expect, expectTypeOf, it, test } from "vitest";
import { limitConcurrency, type LimitConcurrencyOptions } from "../../middleware/index.ts";
import { OverloadedError, UnauthorizedError, type Lease } from "../../sdk/index.ts";
import { FakeLatchwork, LOST } from "../support/middleware/fake_latchwork.ts";
import { gate, refusalIn, refused } from "../support/middleware/requests.ts";

let fake: FakeLatchwork;
beforeEach(() => {
  fake = new FakeLatchwork();
});

/** An app with one route, whose handlers wait at a gate. */
function appWith(options: Partial<LimitConcurrencyOptions> = {}) {
  const handlers = gate();
  const app = new Hono();
  app.onError((error, c) => c.text(error.message, 500));
  app.get(
    "/reports/:id",
    limitConcurrency({
      latchwork: fake.client,
      limit: 1,
      key: (c) => c.req.header("X-Tenant"),
      ...options,
    }),
    async (c) => {
      expectTypeOf(c.var.permit).toEqualTypeOf<Lease | undefined>();
      await handlers.pass();
      return c.text(`token ${c.var.permit?.token}`);
    },
  );
  const get = (tenant?: string, init: RequestInit = {}): Promise<Response> =>
    Promise.resolve(
      app.request("/reports/1", {
        headers: tenant === undefined ? {} : { "X-Tenant": tenant },
        ...init,
      }),
    );
  return { get, handlers };
}

const LINE = "limiter(/reports/:id#a)";

describe("so many of one key at a time", () => {
  it("lets so many in, refuses the next with 429, and lets one in again when one is done", async () => {
    const { get, handlers } = appWith({ limit: 2 });
    const first = get("a");
    const second = get("a");
    await handlers.reached(2);
    expect(await refusalIn(await get("a"))).toEqual(refused(429, "concurrency-limit", "1"));
    handlers.open();
    expect(await (await first).text()).toBe("token 1");
    await (await second).text();
    expect(await (await get("a")).text()).toBe("token 3");
    expect(fake.held).toBe(0);
  });

  it("keys do not stand in each other's way, and requests without one share a line", async () => {
    const { get, handlers } = appWith();
    const going = [get("a"), get("b"), get()];
    await handlers.reached(3);
    expect((await get("b")).status).toBe(429);
    expect((await get()).status).toBe(429);
    handlers.open();
    expect((await Promise.all(going)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it("a key of null is exempt", async () => {
    const { get, handlers } = appWith({ key: () => null, limit: 0 });
    handlers.open();
    expect(await (await get("a")).text()).toBe("token undefined");
    expect(fake.calls).toEqual([]);
  });

  it("with a timeoutMs a request waits in line, and is refused when its time is up", async () => {
    const { get, handlers } = appWith({ timeoutMs: 60_000, retryAfterMs: 2_500 });
    const first = get("a");
    await handlers.reached();
    const line = fake.line(LINE);
    const late = get("a");
    await expect.poll(() => line.waiters.size).toBe(1);
    line.timeUp();
    expect(await refusalIn(await late)).toEqual(refused(429, "concurrency-limit", "3"));
    const patient = get("a");
    await expect.poll(() => line.waiters.size).toBe(1);
    handlers.open();
    await (await first).text();
    expect(await (await patient).text()).toBe("token 2");
  });

  it("a client that hangs up has left the line", async () => {
    const { get, handlers } = appWith({ timeoutMs: 60_000 });
    const first = get("a");
    await handlers.reached();
    const controller = new AbortController();
    const waiting = get("a", { headers: { "X-Tenant": "a" }, signal: controller.signal });
    await expect.poll(() => fake.line(LINE).waiters.size).toBe(1);
    controller.abort();
    expect((await waiting).status).toBe(499);
    expect(fake.line(LINE).waiters.size).toBe(0);
    handlers.open();
    await (await first).text();
    expect(fake.held).toBe(0);
  });
});

describe("the limit", () => {
  it("of a new deploy holds for a name that an old one has used, up and down", async () => {
    const old = appWith({ limit: 1 });
    const going = [old.get("a")];
    await old.handlers.reached();
    const young = appWith({ limit: 3 });
    going.push(young.get("a"), young.get("a"));
    await young.handlers.reached(2);
    expect((await young.get("a")).status).toBe(429);
    expect((await old.get("a")).status).toBe(429);
    expect(fake.line(LINE).total).toBe(1);
    old.handlers.open();
    young.handlers.open();
    await Promise.all(going.map(async (response) => (await response).text()));
    expect(fake.held).toBe(0);
  });

  it("may be said for each request", async () => {
    const { get, handlers } = appWith({ limit: (c) => (c.req.header("X-Tenant") === "a" ? 2 : 0) });
    handlers.open();
    expect((await get("a")).status).toBe(200);
    expect((await get("b")).status).toBe(429);
  });

  it("is stated before the permit is asked for, and an error of that is the request's", async () => {
    const { get } = appWith();
    fake.meets = (call) => (call.includes("setTotalTokens") ? LOST : undefined);
    expect((await get("a")).status).toBe(503);
    expect(fake.calls).toEqual([`${LINE}.setTotalTokens 1`, `${LINE}.acquire`]);
    expect(fake.held + fake.line(LINE).waiters.size).toBe(0);
  });

  it.each([-1, 1.5, Number.NaN, 1_000_000_001])("of %d is refused when the app starts", (limit) => {
    expect(() => appWith({ limit })).toThrow("A limit is a whole number");
  });

  it("other options are looked at when the app starts, too", () => {
    expect(() => appWith({ timeoutMs: -1 })).toThrow("timeoutMs");
    expect(() => appWith({ unavailableAfterMs: Infinity })).toThrow("unavailableAfterMs");
    expect(() => appWith({ stalledAfterMs: Number.NaN })).toThrow("stalledAfterMs");
    expect(() => appWith({ prefix: "a\n" })).toThrow("prefix");
  });
});

describe("where Latchwork cannot be reached", () => {
  it.each([
    ["it is away", LOST, "connection-lost", "1"],
    ["it is overloaded", new OverloadedError("Later.", { retryAfterMs: 7_000 }), "overloaded", "7"],
    ["it is silent", "silence" as const, "connection-lost", "1"],
  ])("a request is refused with 503: %s", async (_, fate, problem, retryAfter) => {
    const { get } = appWith({ unavailableAfterMs: 5 });
    fake.meets = () => fate;
    expect(await refusalIn(await get("a"))).toEqual(refused(503, problem, retryAfter));
  });

  it("or proceeds, if that is chosen", async () => {
    const { get, handlers } = appWith({ onUnavailable: "proceed" });
    fake.meets = () => LOST;
    handlers.open();
    expect(await (await get("a")).text()).toBe("token undefined");
  });

  it("but a wrong token is nobody's limit: it is an error, whatever is chosen", async () => {
    const { get } = appWith({ onUnavailable: "proceed" });
    fake.meets = () => new UnauthorizedError("No valid token.");
    expect(await (await get("a")).text()).toBe("No valid token.");
  });

  it("a permit that cannot be given back is the operator's to hear of, not the client's", async () => {
    const faults: unknown[] = [];
    const { get, handlers } = appWith({ onFault: (error) => faults.push(error) });
    handlers.open();
    const response = await get("a");
    const [lease] = fake.line(LINE).holders;
    if (lease !== undefined) lease.release = () => Promise.reject(LOST);
    expect(await response.text()).toBe("token 1");
    expect(faults).toEqual([LOST]);
  });
});

describe("what is refused", () => {
  it("may be answered in one's own words", async () => {
    const { get } = appWith({
      limit: 0,
      onRefused: (c, { code, retryAfterMs }) => c.json({ code, retryAfterMs }, 418),
    });
    const response = await get("a");
    expect([response.status, await response.json()]).toEqual([
      418,
      { code: "concurrency-limit", retryAfterMs: 1_000 },
    ]);
  });

  it("may only be looked at", async () => {
    const seen: string[] = [];
    const { get } = appWith({ limit: 0, onRefused: (_, { code }) => void seen.push(code) });
    expect((await get("a")).status).toBe(429);
    expect(seen).toEqual(["concurrency-limit"]);
  });

  it("keeps the headers that other middlewares have set, and is not cached", async () => {
    const app = new Hono();
    app.use(cors({ origin: "https://example.com" }));
    app.get("/", limitConcurrency({ latchwork: fake.client, limit: 0 }), (c) => c.text("in"));
    const { headers } = await app.request("/", { headers: { Origin: "https://example.com" } });
    expect(headers.get("Access-Control-Allow-Origin")).toBe("https://example.com");
    expect(headers.get("Cache-Control")).toBe("no-store");
  });
});

test("a permit that is lost is told to the handler, whose answer is sent all the same", async () => {
  const { get, handlers } = appWith();
  const response = get("a");
  await handlers.reached();
  fake.line(LINE).lose();
  handlers.open();
  expect(await (await response).text()).toBe("token 1");
});

test("a client made for the request is closed when the body has been sent, or nobody was let in", async () => {
  const { get, handlers } = appWith({ latchwork: () => Promise.resolve(fake.client) });
  handlers.open();
  const response = await get("a");
  expect(fake.closed).toBe(0);
  await response.text();
  expect(fake.closed).toBe(1);
  fake.meets = () => LOST;
  await get("a");
  expect(fake.closed).toBe(2);
});

test("a client that is given is not closed", async () => {
  const { get, handlers } = appWith();
  handlers.open();
  await (await get("a")).text();
  expect(fake.closed).toBe(0);
});

test("routes have lines of their own; a prefix makes them share one", async () => {
  const app = new Hono();
  const { client: latchwork } = fake;
  app.get("/a", limitConcurrency({ latchwork, limit: 1 }), (c) => c.text("a"));
  app.get("/b", limitConcurrency({ latchwork, limit: 1, prefix: "both" }), (c) => c.text("b"));
  app.get("/c", limitConcurrency({ latchwork, limit: 1, prefix: "both" }), (c) => c.text("c"));
  const [, ...shared] = [await app.request("/a"), await app.request("/b"), await app.request("/c")];
  expect([...fake.lines.keys()]).toEqual(["limiter(/a#)", "limiter(both)"]);
  expect(shared.map(({ status }) => status)).toEqual([200, 429]);
});
