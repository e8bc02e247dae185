import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeNamespace, stubError } from "./support/fake_namespace.ts";
import { OPEN, problemOf, refusedSocket, router, upgrade } from "./support/router.ts";

const PATH = "/v1/default/lock/far";
const LEASE = `${PATH}/leases/1`;
const DELETE = { method: "DELETE" };

let logged = vi.spyOn(console, "error");
beforeEach(() => {
  logged = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

function before(LOCKS: FakeNamespace): ReturnType<typeof router> {
  return router({ ...OPEN, LOCKS });
}

const LOST = { retryable: true };
const OVERLOADED = { retryable: true, overloaded: true };

describe("an object that is overloaded sheds the request, once", () => {
  test.each([
    ["statistics", PATH, {}],
    ["a lease", LEASE, DELETE],
  ])("%s", async (_, path, init) => {
    const LOCKS = new FakeNamespace(stubError(OVERLOADED));
    const response = await before(LOCKS).fetch(path, init);
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).toBe("1");
    expect(await problemOf(response)).toMatchObject({ code: "overloaded", retryAfterMs: 1_000 });
    expect(LOCKS.reached).toHaveLength(1);
    expect(logged).not.toHaveBeenCalled();
  });

  test("a socket", async () => {
    const LOCKS = new FakeNamespace(stubError(OVERLOADED));
    const refused = await refusedSocket(await before(LOCKS).fetch(PATH, { headers: upgrade() }));
    expect(refused.messages).toMatchObject([
      { notice: "refused", error: { code: "overloaded", retryAfterMs: 1_000 } },
    ]);
    expect(LOCKS.reached).toHaveLength(1);
  });
});

describe("a call that was lost on the way is repeated once, with a new stub, if repeating does no harm", () => {
  test("statistics", async () => {
    const LOCKS = new FakeNamespace(stubError(LOST));
    expect((await before(LOCKS).fetch(PATH)).status).toBe(200);
    expect(LOCKS.stubs).toBe(2);
  });

  test("a socket", async () => {
    const LOCKS = new FakeNamespace(stubError(LOST));
    expect((await before(LOCKS).fetch(PATH, { headers: upgrade() })).status).toBe(101);
    expect(LOCKS.stubs).toBe(2);
  });

  test("twice lost is told: nothing was done, so the client may come back", async () => {
    const LOCKS = new FakeNamespace(stubError(LOST), stubError(LOST));
    const response = await before(LOCKS).fetch(PATH);
    expect(response.status).toBe(503);
    expect(await problemOf(response)).toMatchObject({ code: "overloaded", retryAfterMs: 1_000 });
    expect(LOCKS.stubs).toBe(2);
    expect(logged).toHaveBeenCalledTimes(1);
  });

  test("overloaded at the second try is not tried a third time", async () => {
    const LOCKS = new FakeNamespace(stubError(LOST), stubError(OVERLOADED));
    expect((await before(LOCKS).fetch(PATH)).status).toBe(503);
    expect(LOCKS.stubs).toBe(2);
  });

  test("a revocation is not repeated, and nobody claims to know whether it was done", async () => {
    const LOCKS = new FakeNamespace(stubError(LOST));
    const response = await before(LOCKS).fetch(LEASE, DELETE);
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).toBeNull();
    expect(await problemOf(response)).toMatchObject({ code: "connection-lost" });
    expect(LOCKS.stubs).toBe(1);
  });
});

test("an object that fails is not asked again, and nothing of its failure reaches a client", async () => {
  const LOCKS = new FakeNamespace(stubError({}));
  const response = await before(LOCKS).fetch(PATH);
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain("internal detail");
  expect(LOCKS.stubs).toBe(1);
  expect(logged).toHaveBeenCalledTimes(1);
});

describe("a call over HTTP that was lost on the way", () => {
  const post = (LOCKS: FakeNamespace, path: string, init: RequestInit = {}): Promise<Response> =>
    router({ ...OPEN, LOCKS, SEMAPHORES: LOCKS, STREAMS: LOCKS }).fetch(path, {
      method: "POST",
      ...init,
    });
  const ITEM = JSON.stringify({ item: 1 });

  test.each([
    ["semaphore/far/deposit", "{}"],
    ["stream/far/send", ITEM],
    ["stream/far/receive", '{"confirm": true}'],
    ["lock/far/release", '{"lease": "of.somebody"}'],
  ])(
    "[LE5] %s is not repeated: it may have been done, and nobody would know",
    async (path, body) => {
      const objects = new FakeNamespace(stubError(LOST));
      const response = await post(objects, `/v1/default/${path}`, { body });
      expect([response.status, objects.reached.length]).toEqual([503, 1]);
      expect((await problemOf(response)).code).toBe("connection-lost");
    },
  );

  test.each([
    ["lock/far/acquire", "{}", {}],
    ["stream/far/receive", "{}", {}],
    ["stream/far/send", ITEM, { "Idempotency-Key": "k" }],
    ["lock/far/renew", '{"lease": "of.somebody"}', {}],
  ])("[LE5] %s is, for it finds what it made", async (path, body, headers) => {
    const objects = new FakeNamespace(stubError(LOST), stubError(LOST));
    const response = await post(objects, `/v1/default/${path}`, { body, headers });
    expect([response.status, objects.reached.length]).toEqual([503, 2]);
    // It may have been done all the same.
    expect((await problemOf(response)).code).toBe("connection-lost");
  });
});
