import { describe, expect, test } from "vitest";
import { OPEN, openThrough, problemOf, router } from "./support/router.ts";

const door = router(OPEN);

interface Answer {
  readonly token: number;
  readonly lease: string;
  readonly ttlMs: number;
  readonly expiresAtMs: number;
  readonly items: { seq: number; item: unknown; redelivered?: boolean }[];
  readonly woken: string;
}

function post(path: string, body?: unknown, init: RequestInit = {}): Promise<Response> {
  const text = body === undefined ? null : JSON.stringify(body);
  return door.fetch(`/v1/default/${path}`, { method: "POST", body: text, ...init });
}

async function done(path: string, body?: unknown, init: RequestInit = {}): Promise<Answer> {
  const response = await post(path, body, init);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

const keyed = (key: string): RequestInit => ({ headers: { "Idempotency-Key": key } });

async function inspect(path: string): Promise<{ tasksWaiting: number; locked: boolean }> {
  return (await door.fetch(`/v1/default/${path}`)).json();
}

async function until(
  path: string,
  holds: (seen: { tasksWaiting: number }) => boolean,
): Promise<void> {
  while (!holds(await inspect(path))) await scheduler.wait(5);
}

describe("a lock, by calls", () => {
  test("[LK1] [LE2] is acquired, renewed and released", async () => {
    const first = await done("lock/a/acquire", { client: "a shell", ttlMs: 5_000 });
    expect(first).toEqual({
      token: expect.any(Number) as number,
      // A shell would take what begins with a dash for an option.
      lease: expect.stringMatching(/^s[\w-]+\.[\w-]+$/) as string,
      ttlMs: 5_000,
      expiresAtMs: expect.any(Number) as number,
    });
    expect(await inspect("lock/a")).toMatchObject({ owner: { client: "a shell" } });
    const { lease } = first;
    const renewed = await done("lock/a/renew", { lease, ttlMs: 60_000 });
    expect(renewed).toMatchObject({ token: first.token, lease, ttlMs: 60_000 });
    expect(renewed.expiresAtMs).toBeGreaterThan(first.expiresAtMs);
    expect(await done("lock/a/release", { lease })).toEqual({});
    expect(await inspect("lock/a")).toMatchObject({ locked: false });
    const again = await post("lock/a/release", { lease });
    expect([again.status, await problemOf(again)]).toMatchObject([409, { code: "not-owner" }]);
    expect((await done("lock/a/acquire")).token).toBeGreaterThan(first.token);
  });

  test("[W1] [LK2] waits in one line with sockets", async () => {
    const socket = await openThrough(door, "/v1/default/lock/b");
    const token = await socket.acquire();
    const waiting = done("lock/b/acquire");
    await until("lock/b", ({ tasksWaiting }) => tasksWaiting === 1);
    socket.post("release", { token });
    expect((await waiting).token).toBeGreaterThan(token);
  });

  test("[W4] waits no longer than it said, and says so with 408", async () => {
    await done("lock/c/acquire");
    const late = await post("lock/c/acquire", { timeoutMs: 20 });
    expect([late.status, await problemOf(late)]).toMatchObject([408, { code: "timeout" }]);
    const now = await post("lock/c/acquire", { timeoutMs: 0 });
    expect(now.status).toBe(408);
  });

  test("[W3] leaves the line when its caller hangs up", async () => {
    const { lease } = await done("lock/d/acquire");
    const controller = new AbortController();
    const gone = post("lock/d/acquire", {}, { signal: controller.signal });
    await until("lock/d", ({ tasksWaiting }) => tasksWaiting === 1);
    const next = done("lock/d/acquire");
    await until("lock/d", ({ tasksWaiting }) => tasksWaiting === 2);
    controller.abort();
    await Promise.allSettled([gone]);
    await until("lock/d", ({ tasksWaiting }) => tasksWaiting === 1);
    await done("lock/d/release", { lease });
    expect(await next).toHaveProperty("token");
  });

  test("[W3] gives back what a caller in line was granted and did not take", async () => {
    const { lease } = await done("lock/e/acquire");
    const waiting = post("lock/e/acquire");
    await until("lock/e", ({ tasksWaiting }) => tasksWaiting === 1);
    await done("lock/e/release", { lease });
    const reader = (await waiting).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(await done("lock/e/acquire", { timeoutMs: 10_000 })).toHaveProperty("token");
  });

  test("[LE5] with an Idempotency-Key a repeat is answered alike, whatever has happened since", async () => {
    const first = await done("lock/f/acquire", { ttlMs: 5_000 }, keyed("k1"));
    expect(await done("lock/f/acquire", { ttlMs: 5_000 }, keyed("k1"))).toEqual(first);
    const release = { lease: first.lease };
    await done("lock/f/release", release, keyed("k2"));
    const repeated = await post("lock/f/release", release, keyed("k2"));
    expect([repeated.status, repeated.headers.get("Idempotency-Replayed")]).toEqual([200, "true"]);
    const acquire = await post("lock/f/acquire", { ttlMs: 5_000 }, keyed('"k1"'));
    expect(await acquire.json()).toEqual(first);
    expect(await inspect("lock/f")).toMatchObject({ locked: false });
  });

  test("a key has 1 to 255 printable characters", async () => {
    expect(await done("lock/keys/acquire", {}, keyed("k".repeat(255)))).toHaveProperty("token");
    const long = await post("lock/keys/acquire", {}, keyed("k".repeat(256)));
    expect((await problemOf(long)).detail).toMatch(/1 to 255/);
    expect((await post("lock/keys/acquire", {}, keyed('""'))).status).toBe(400);
  });

  test("a key that was used for another call is refused", async () => {
    await done("lock/g/acquire", {}, keyed("k"));
    const other = await post("lock/g/acquire", { ttlMs: 5_000 }, keyed("k"));
    expect([other.status, await problemOf(other)]).toMatchObject([
      400,
      { code: "invalid-argument" },
    ]);
    expect(await done("lock/h/acquire", {}, keyed("k"))).toHaveProperty("token");
  });

  test("names that no path can carry stand in the query", async () => {
    expect(await done("lock/acquire?name=..")).toHaveProperty("token");
    expect(await door.fetch("/v1/default/lock?name=..").then((seen) => seen.json())).toMatchObject({
      locked: true,
    });
    expect(await done("lock/leases/acquire")).toHaveProperty("token");
    expect(await done(`lock/${encodeURIComponent("a/b c%")}/acquire`)).toHaveProperty("token");
  });
});

describe("the others, by calls", () => {
  test("[SE1] [SE2] [SE3] a semaphore", async () => {
    const config = { permits: 1, maxPermits: 2 };
    const { lease } = await done("semaphore/a/acquire", { config });
    const waiting = done("semaphore/a/acquire", { permits: 1 });
    await until("semaphore/a", ({ tasksWaiting }) => tasksWaiting === 1);
    expect(await done("semaphore/a/deposit", {}, keyed("once"))).toEqual({});
    expect(await done("semaphore/a/deposit", {}, keyed("once"))).toEqual({});
    const second = await waiting;
    expect((await problemOf(await post("semaphore/a/deposit"))).code).toBe("over-release");
    await done("semaphore/a/release", { lease });
    await done("semaphore/a/release", { lease: second.lease });
    expect(await inspect("semaphore/a")).toMatchObject({ value: 2 });
    expect((await problemOf(await post("semaphore/b/acquire"))).code).toBe("not-configured");
  });

  test("[EV1] [EV2] [EV4] an event", async () => {
    const waiting = done("event/a/wait");
    await until("event/a", ({ tasksWaiting }) => tasksWaiting === 1);
    expect(await done("event/a/set")).toEqual({});
    expect(await waiting).toEqual({});
    expect(await done("event/a/wait", { timeoutMs: 0 })).toEqual({});
    await done("event/a/clear");
    expect((await post("event/a/wait", { timeoutMs: 0 })).status).toBe(408);
    expect(await inspect("event/a")).toMatchObject({ isSet: false, tasksWaiting: 0 });
  });

  test("[CO2] [CO3] [CO6] a condition", async () => {
    const first = await done("condition/a/acquire");
    const waiting = done("condition/a/wait", { lease: first.lease });
    const second = await done("condition/a/acquire");
    await done("condition/a/notify", { lease: second.lease });
    await done("condition/a/release", { lease: second.lease });
    const woken = await waiting;
    expect(woken).toMatchObject({ woken: "notified", lease: first.lease });
    expect(woken.token).toBeGreaterThan(second.token);
    const late = await done("condition/a/wait", { lease: first.lease, timeoutMs: 10 });
    expect(late.woken).toBe("timed-out");
    await done("condition/a/notify-all", { lease: first.lease });
    await done("condition/a/release", { lease: first.lease });
    const unheld = await problemOf(await post("condition/a/notify", { lease: first.lease }));
    expect(unheld.code).toBe("not-owner");
  });

  test("[CL1] [CL2] [CL3] [CL4] a limiter", async () => {
    const config = { totalTokens: 1 };
    await done("limiter/a/acquire", { borrower: "tenant-9", config });
    const twice = await problemOf(await post("limiter/a/acquire", { borrower: "tenant-9" }));
    expect(twice.code).toBe("already-borrowed");
    const waiting = done("limiter/a/acquire");
    await until("limiter/a", ({ tasksWaiting }) => tasksWaiting === 1);
    await done("limiter/a/set-total", { totalTokens: 2 });
    expect(await waiting).toHaveProperty("token");
    await done("limiter/a/return", { borrower: "tenant-9" });
    const nothing = await problemOf(await post("limiter/a/return", { borrower: "tenant-9" }));
    expect(nothing.code).toBe("not-borrowed");
    await done("limiter/a/set-total", { totalTokens: null });
    expect(await inspect("limiter/a")).toMatchObject({ totalTokens: null });
  });

  test("[ST1] [ST2] [ST3] a stream, item by item", async () => {
    const config = { maxBufferSize: 2 };
    for (const item of [{ n: 1 }, null]) await done("stream/a/send", { item, config });
    expect((await post("stream/a/send", { item: 3, timeoutMs: 0 })).status).toBe(408);
    const given = await done("stream/a/receive", { max: 5 });
    expect(given.items.map(({ item }) => item)).toEqual([{ n: 1 }, null]);
    await done("stream/a/release", { lease: given.lease });
    const again = await done("stream/a/receive");
    expect(again.items).toMatchObject([{ item: { n: 1 }, redelivered: true }]);
    expect(await done("stream/a/confirm", { lease: again.lease })).toEqual({});
    const last = await done("stream/a/receive", { confirm: true });
    expect(last).toEqual({
      items: [{ seq: expect.any(Number) as number, item: null, redelivered: true }],
    });
    expect((await post("stream/a/receive", { timeoutMs: 0 })).status).toBe(408);
  });

  test("[ST4] [ST5] a stream, by its ends", async () => {
    const send = await done("stream/b/open", { side: "send", config: { maxBufferSize: null } });
    const receive = await done("stream/b/open", { side: "receive" });
    await done("stream/b/send", { item: "a", lease: send.lease });
    await done("stream/b/close", { lease: send.lease });
    const { items } = await done("stream/b/receive", { lease: receive.lease });
    expect(items).toMatchObject([{ item: "a" }]);
    await done("stream/b/confirm", { lease: receive.lease });
    const over = await problemOf(await post("stream/b/receive", { lease: receive.lease }));
    expect(over.code).toBe("end-of-stream");
    expect((await problemOf(await post("stream/b/send", { item: 1 }))).code).toBe("closed");
    await done("stream/b/reset");
    await done("stream/b/send", { item: 1 });
  });
});

test("[LE1] a call that names a lease leaves its time to live as it was", async () => {
  const config = { maxBufferSize: 5 };
  const end = await done("stream/c/open", { side: "receive", ttlMs: 3_600_000, config });
  await done("stream/c/send", { item: 1 });
  const received = await done("stream/c/receive", { lease: end.lease });
  expect(received).toMatchObject({ lease: end.lease, ttlMs: 3_600_000 });
});

test("[LE5] an answer that is kept is never too large for the disk", async () => {
  const item = "\u2603".repeat(200_000);
  const config = { maxBufferSize: null };
  for (let n = 0; n < 4; n += 1) await done("stream/d/send", { item, config });
  const first = await done("stream/d/receive", { max: 4 }, keyed("k"));
  expect(first.items).toEqual([{ seq: expect.any(Number) as number, item }]);
  expect(await done("stream/d/receive", { max: 4 }, keyed("k"))).toEqual(first);
  expect((await done("stream/d/receive", { max: 4 })).items).toHaveLength(3);
});

describe("a call that is wrong", () => {
  test.each([
    ["lock/x/acquire", { timeoutMs: 300_001 }, "timeoutMs is a whole number from 0 to 300000."],
    ["lock/x/acquire", { ttlMs: 99 }, "ttlMs is a whole number from 100 to 86400000."],
    ["lock/x/acquire", { permits: 1 }, 'This operation takes no "permits".'],
    ["lock/x/acquire", [], "The body is one JSON object."],
    ["lock/x/release", {}, "lease is what the call was answered with that granted it."],
    [
      "lock/x/release",
      { lease: "nonsense" },
      "A lease is what the call was answered with that granted it.",
    ],
    ["stream/x/send", {}, "item is any JSON value."],
    [
      "limiter/x/return",
      { borrower: "" },
      'A name is 1 to 512 characters, none of them a control character or a lone surrogate, not "".',
    ],
  ])("%s with %j is told what is right", async (path, body, detail) => {
    const response = await post(path, body);
    expect([response.status, await problemOf(response)]).toMatchObject([
      400,
      { code: "invalid-argument", detail },
    ]);
  });

  test("what is no JSON is said to be none", async () => {
    const response = await post("lock/x/acquire", undefined, { body: "{" });
    expect((await problemOf(response)).detail).toMatch(/no JSON/);
  });

  test("an operation that there is not is named, with those that there are", async () => {
    const response = await post("event/x/acquire");
    expect([response.status, await problemOf(response)]).toMatchObject([
      404,
      { detail: expect.stringContaining("it has: wait, set, clear") as string },
    ]);
  });

  test("other methods are refused", async () => {
    const response = await door.fetch("/v1/default/lock/x/acquire");
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "POST"]);
    expect((await post("lock/x")).status).toBe(405);
  });

  test("without the token nothing is done", async () => {
    const closed = router({ LATCHWORK_TOKEN: "secret" });
    const response = await closed.fetch("/v1/default/lock/closed/acquire", { method: "POST" });
    expect(response.status).toBe(401);
    const headers = { Authorization: "Bearer secret" };
    const let_in = await closed.fetch("/v1/default/lock/closed/acquire", {
      method: "POST",
      headers,
    });
    expect(let_in.status).toBe(200);
  });
});
