import { describe, expect, test } from "vitest";
import type { Fault } from "../../sdk/protocol.ts";
import type { Env } from "../../worker/env.ts";
import { OPEN, problemOf, refusedSocket, router, upgrade } from "./support/router.ts";

const PATH = "/v1/default/lock/guarded";
const TOKEN = "s3cret-ü-🔑";

/** The code with which a request is refused; null where it is served. */
async function refusalOf(
  settings: Partial<Env>,
  headers: Record<string, string>,
): Promise<string | null> {
  const response = await router(settings).fetch(PATH, { headers });
  return response.ok ? null : (await problemOf(response)).code;
}

async function socketFault(
  settings: Partial<Env>,
  headers: Record<string, string>,
): Promise<Fault> {
  const { messages, code } = await refusedSocket(await router(settings).fetch(PATH, { headers }));
  expect(code).toBe(4400);
  const [message] = messages;
  if (message === undefined || !("error" in message)) throw new Error("Not a refusal.");
  return message.error;
}

describe("a server that was told nothing is closed", () => {
  test.each<[string, Partial<Env>]>([
    ["neither is set", {}],
    ["both are empty", { LATCHWORK_TOKEN: "", LATCHWORK_OPEN: "" }],
    ["LATCHWORK_OPEN is not the word true", { LATCHWORK_OPEN: "1" }],
    ["LATCHWORK_OPEN is false", { LATCHWORK_OPEN: "false" }],
  ])("%s", async (_, settings) => {
    const response = await router(settings).fetch(PATH, { headers: { Authorization: "Bearer x" } });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe("Bearer");
    const { code, detail } = await problemOf(response);
    expect(code).toBe("unauthorized");
    expect(detail).toContain("LATCHWORK_TOKEN");
    expect(detail).toContain("LATCHWORK_OPEN");
  });

  test("an empty token does not fit an empty setting", async () => {
    const settings = { LATCHWORK_TOKEN: "" };
    expect(await refusalOf(settings, { Authorization: "Bearer " })).toBe("unauthorized");
    expect((await socketFault(settings, upgrade(""))).code).toBe("unauthorized");
  });

  test("a socket is told which setting opens it", async () => {
    const { code, message } = await socketFault({}, upgrade());
    expect(code).toBe("unauthorized");
    expect(message).toContain("LATCHWORK_TOKEN");
  });
});

describe("a server with a token serves whoever shows it", () => {
  const settings: Partial<Env> = { LATCHWORK_TOKEN: "s3cret", LATCHWORK_OPEN: "true" };

  test.each<[string, Record<string, string>, string | null]>([
    ["the token", { Authorization: "Bearer s3cret" }, null],
    ["the scheme in small letters", { Authorization: "bearer s3cret" }, null],
    ["the token as a subprotocol", upgradeHeader("s3cret"), null],
    ["nothing", {}, "unauthorized"],
    ["another token", { Authorization: "Bearer s3cre" }, "unauthorized"],
    ["a longer token", { Authorization: "Bearer s3cret2" }, "unauthorized"],
    ["another scheme", { Authorization: "Basic s3cret" }, "unauthorized"],
    ["the bare token", { Authorization: "s3cret" }, "unauthorized"],
    ["another token as a subprotocol", upgradeHeader("s3cre"), "unauthorized"],
    ["a wrong header beside a right subprotocol", both("wrong", "s3cret"), "unauthorized"],
  ])("%s", async (_, headers, expected) => {
    expect(await refusalOf(settings, headers)).toBe(expected);
  });

  test("a page of any host may come in with the token", async () => {
    const headers = { Authorization: "Bearer s3cret", Origin: "https://app.example" };
    expect(await refusalOf(settings, headers)).toBeNull();
  });

  test("a token may be any text where it travels as a subprotocol", async () => {
    const response = await router({ LATCHWORK_TOKEN: TOKEN }).fetch(PATH, {
      headers: upgrade(TOKEN),
    });
    expect(response.status).toBe(101);
    response.webSocket?.accept();
    response.webSocket?.close(1000, "done");
  });

  test("a socket without the token, or with a wrong one, is told so in a frame", async () => {
    const without = await socketFault(settings, upgrade());
    expect(without.code).toBe("unauthorized");
    expect(without.message).toContain("wants a token");
    const wrong = await socketFault(settings, upgrade("wrong"));
    expect(wrong.code).toBe("unauthorized");
    expect(wrong.message).not.toContain("s3cret");
  });

  test("leases are guarded alike", async () => {
    const response = await router(settings).fetch(`${PATH}/leases/1`, { method: "DELETE" });
    expect(response.status).toBe(401);
  });
});

describe("an open server serves programs, and pages of its own machine", () => {
  const settings: Partial<Env> = OPEN;

  test.each([
    [undefined, null],
    ["http://localhost:3000", null],
    ["http://app.localhost:3000", null],
    ["https://127.0.0.1", null],
    ["http://127.8.8.8:1", null],
    ["http://[::1]:5173", null],
    ["http://latchwork.test", null],
    ["https://latchwork.test", null],
    ["https://evil.example", "forbidden"],
    ["http://latchwork.test:81", "forbidden"],
    ["http://latchwork.test.evil.example", "forbidden"],
    ["http://localhost.evil.example", "forbidden"],
    ["http://127.0.0.1.evil.example", "forbidden"],
    ["http://evillocalhost", "forbidden"],
    ["null", "forbidden"],
    ["", "forbidden"],
  ])("Origin: %s", async (origin, expected) => {
    const headers: Record<string, string> = origin === undefined ? {} : { Origin: origin };
    expect(await refusalOf(settings, headers)).toBe(expected);
  });

  test("a page's socket is refused in a frame, as its statistics are by status", async () => {
    const headers = { ...upgrade(), Origin: "https://evil.example" };
    const fault = await socketFault(settings, headers);
    expect(fault.code).toBe("forbidden");
    expect(fault.message).toContain("LATCHWORK_TOKEN");
    const response = await router(settings).fetch(PATH, { headers: { Origin: "null" } });
    expect(response.status).toBe(403);
  });
});

test("health needs no token, and tells nothing else", async () => {
  const response = await router({}).fetch("/healthz", { headers: { Origin: "https://x.example" } });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

/** Without the upgrade itself: the token counts wherever it stands. */
function upgradeHeader(token: string): Record<string, string> {
  const { Upgrade: _, ...headers } = upgrade(token);
  return headers;
}

function both(bearer: string, subprotocol: string): Record<string, string> {
  return { Authorization: `Bearer ${bearer}`, ...upgradeHeader(subprotocol) };
}
