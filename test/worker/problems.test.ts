import { afterEach, expect, test, vi } from "vitest";
import { ERROR_CODES, LIMITS } from "../../sdk/protocol.ts";
import { problem } from "../../worker/problem.ts";
import { Refusal } from "../../worker/refusal.ts";
import { OPEN, problemOf, refusedSocket, router, upgrade } from "./support/router.ts";

const door = router(OPEN);

afterEach(() => {
  vi.restoreAllMocks();
});

test("a refusal is a problem with a type, a title, a status, a detail and the fault's own fields", async () => {
  const response = await door.fetch(`/v1/default/lock/${"x".repeat(513)}`);
  expect(response.status).toBe(400);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(await response.json()).toEqual({
    type: "tag:latchwork,2026:limit-exceeded",
    title: "A limit was exceeded",
    status: 400,
    detail: expect.stringContaining("this one has 513") as unknown,
    code: "limit-exceeded",
    limit: "nameCharactersMax",
    max: LIMITS.nameCharactersMax,
  });
});

test("every code has a status of its own kind", async () => {
  const statuses: Record<string, number> = {};
  for (const code of ERROR_CODES) {
    const response = problem(new Refusal({ code, message: "so it is" }));
    const body = await problemOf(response);
    expect(body).toMatchObject({ code, detail: "so it is", status: response.status });
    statuses[code] = response.status;
  }
  expect(statuses).toMatchObject({
    "invalid-argument": 400,
    "limit-exceeded": 400,
    protocol: 400,
    unauthorized: 401,
    forbidden: 403,
    "not-configured": 404,
    timeout: 408,
    "not-owner": 409,
    "config-mismatch": 409,
    overloaded: 503,
    "connection-lost": 503,
  });
  expect(Object.values(statuses).every((status) => status >= 400)).toBe(true);
});

test("only a 401 asks for a token", () => {
  for (const code of ERROR_CODES) {
    const response = problem(new Refusal({ code, message: "" }));
    expect(response.headers.get("WWW-Authenticate")).toBe(
      response.status === 401 ? "Bearer" : null,
    );
  }
});

test("a time to stay away is told in whole seconds too, rounded up", () => {
  const fault = { code: "overloaded", message: "", retryAfterMs: 1_001 } as const;
  expect(problem(new Refusal(fault)).headers.get("Retry-After")).toBe("2");
});

test.each(["/", "/v1", "/v1/", "/v1/default", "/v2/default/lock/x", "/healthz/", "/favicon.ico"])(
  "nothing is at %s",
  async (path) => {
    const response = await door.fetch(path);
    expect(response.status).toBe(404);
    const { code, detail } = await problemOf(response);
    expect(code).toBe("protocol");
    expect(detail).toContain("/v1/:namespace/:kind/:name");
  },
);

test.each([
  ["POST", "/v1/default/lock/x", "GET"],
  ["PUT", "/v1/default/lock/x", "GET"],
  ["DELETE", "/v1/default/lock/x", "GET"],
  ["OPTIONS", "/v1/default/lock/x", "GET"],
  ["PATCH", "/v1/default/lock?name=x", "GET"],
  ["GET", "/v1/default/lock/x/leases/1", "DELETE"],
  ["POST", "/v1/default/lock/leases/1?name=x", "DELETE"],
  ["POST", "/healthz", "GET, HEAD"],
])("%s %s is not allowed, and the answer says what is", async (method, path, allowed) => {
  const response = await door.fetch(path, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get("Allow")).toBe(allowed);
  const { code, detail, status } = await problemOf(response);
  expect(status).toBe(405);
  expect(code).toBe("protocol");
  expect(detail).toContain(method);
});

test("HEAD is for health alone", async () => {
  expect((await door.fetch("/healthz", { method: "HEAD" })).status).toBe(200);
  const response = await door.fetch("/v1/default/lock/x", { method: "HEAD" });
  expect(response.status).toBe(405);
  expect(response.headers.get("Allow")).toBe("GET");
});

test("what nobody foresaw is for the log, and nothing of it for the client", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const LOCKS = {
    getByName(): never {
      throw new TypeError("secret internals at line 7");
    },
  };
  const broken = router({ ...OPEN, LOCKS });

  const response = await broken.fetch("/v1/default/lock/x");
  expect(response.status).toBe(500);
  const text = await response.clone().text();
  expect(text).not.toMatch(/secret|line 7|TypeError|\.ts/);
  expect(await problemOf(response)).toMatchObject({ status: 500, code: "connection-lost" });

  const socket = await broken.fetch("/v1/default/lock/x", { headers: upgrade() });
  const { messages } = await refusedSocket(socket);
  expect(messages).toMatchObject([{ notice: "refused", error: { code: "connection-lost" } }]);
  expect(JSON.stringify(messages)).not.toContain("secret");
  expect(logged).toHaveBeenCalledTimes(2);
});
