import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { limitConcurrency } from "../../middleware/index.ts";
import { FakeLatchwork } from "../support/middleware/fake_latchwork.ts";

let fake: FakeLatchwork;
beforeEach(() => {
  fake = new FakeLatchwork();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A body that the test writes. */
function writable() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const cancelling = Promise.withResolvers<void>();
  const cancelled: unknown[] = [];
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: (reason) => {
      cancelled.push(reason);
      return cancelling.promise;
    },
  });
  return {
    body,
    cancelled,
    write: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    close: () => controller?.close(),
    fail: (error: Error) => controller?.error(error),
    settleCancel: cancelling.resolve,
  };
}

async function request(
  response: Response,
  {
    method = "GET",
    ...outside
  }: { method?: string; around?: (response: Response) => Response } = {},
): Promise<Response> {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    if (outside.around !== undefined) c.res = outside.around(c.res);
  });
  app.get(
    "/",
    limitConcurrency({ latchwork: fake.client, limit: 1, stalledAfterMs: 1_000 }),
    () => response,
  );
  return app.request("/", { method });
}

describe("a permit is held until the body has been sent", () => {
  it("to its end; whoever has read to the end finds it given back", async () => {
    const source = writable();
    const { body, headers } = await request(
      new Response(source.body, { headers: { "X-Own": "kept" } }),
    );
    const reader = body?.getReader();
    source.write("one");
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("one");
    expect(fake.held).toBe(1);
    source.close();
    expect((await reader?.read())?.done).toBe(true);
    expect(fake.held).toBe(0);
    expect(headers.get("X-Own")).toBe("kept");
  });

  it("to the moment when the client cancels it, and the handler's stream has stopped", async () => {
    const source = writable();
    const { body } = await request(new Response(source.body));
    const reader = body?.getReader();
    source.write("one");
    await reader?.read();
    const cancelled = reader?.cancel("gone");
    await expect.poll(() => source.cancelled).toEqual(["gone"]);
    expect(fake.held).toBe(1);
    source.settleCancel();
    await cancelled;
    expect(fake.held).toBe(0);
  });

  it("the same while a read is under way", async () => {
    const source = writable();
    const { body } = await request(new Response(source.body));
    const reader = body?.getReader();
    const reading = reader?.read();
    const cancelled = reader?.cancel("gone");
    await reading;
    expect(fake.held).toBe(1);
    source.settleCancel();
    await cancelled;
    expect(fake.held).toBe(0);
  });

  it("to that when the handler's stream fails", async () => {
    const source = writable();
    const response = await request(new Response(source.body));
    source.fail(new Error("broken"));
    await expect(response.text()).rejects.toThrow("broken");
    expect(fake.held).toBe(0);
  });

  it("is read no faster than the client reads", async () => {
    let pulled = 0;
    const source = new ReadableStream({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
    await request(new Response(source));
    await new Promise(setImmediate);
    expect(pulled).toBe(0);
  });
});

describe("where there is nothing to send the permit is given back at once", () => {
  it.each([
    ["no body", () => new Response(null, { status: 204 }), "GET"],
    ["a HEAD request", () => new Response("body"), "HEAD"],
  ])("%s", async (_, response, method) => {
    expect((await request(response(), { method })).ok).toBe(true);
    expect(fake.held).toBe(0);
  });

  it("a HEAD request ends the handler's stream", async () => {
    const source = writable();
    source.settleCancel();
    const response = await request(new Response(source.body), { method: "HEAD" });
    expect(response.body).toBeNull();
    expect(source.cancelled).toHaveLength(1);
  });
});

describe("a body that nobody takes is given up after a while", () => {
  it.each([
    ["the client stalls", undefined],
    ["another middleware sends something else", () => new Response("else")],
  ])("%s", async (_, around) => {
    vi.useFakeTimers();
    const source = writable();
    source.settleCancel();
    await request(new Response(source.body), around === undefined ? {} : { around });
    await vi.advanceTimersByTimeAsync(999);
    expect(fake.held).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(fake.held).toBe(0);
    expect(source.cancelled).toHaveLength(1);
  });

  it("a handler that has nothing to say yet is no such body", async () => {
    vi.useFakeTimers();
    const source = writable();
    const response = await request(new Response(source.body));
    const reading = response.text();
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(fake.held).toBe(1);
    source.write("at last");
    source.close();
    expect(await reading).toBe("at last");
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("a Worker is told to stay until the permit is given back", async () => {
  const source = writable();
  const pending = new Set<Promise<unknown>>();
  const app = new Hono();
  app.get(
    "/",
    limitConcurrency({ latchwork: fake.client, limit: 1 }),
    () => new Response(source.body),
  );
  const context = {
    waitUntil: (work: Promise<unknown>) => {
      pending.add(work);
      void work.then(() => pending.delete(work));
    },
    passThroughOnException: () => {},
    props: {},
  };
  const response = await app.request("/", {}, {}, context);
  await new Promise(setImmediate);
  expect(pending.size).toBe(1);
  source.close();
  await response.text();
  await new Promise(setImmediate);
  expect([pending.size, fake.held]).toEqual([0, 0]);
});
