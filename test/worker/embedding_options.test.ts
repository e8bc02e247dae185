import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { afterEach, describe, expect, test, vi } from "vitest";
import { KINDS, objectPath, type Fault } from "../../sdk/protocol.ts";
import { latchworkApp, type Access } from "../../worker/library.ts";
import { alone, doorTo, inside, type AnyBindings, type AppOptions } from "./support/embedded.ts";
import { FakeNamespace } from "./support/fake_namespace.ts";
import { OPEN, openThrough, problemOf, refusedSocket, upgrade } from "./support/router.ts";

const PATH = "/v1/default/lock/guarded";

function doorWith(options: AppOptions, bindings: object): ReturnType<typeof doorTo> {
  return doorTo(inside(new Hono<AnyBindings>(), "/lw", options), bindings);
}

afterEach(() => {
  vi.restoreAllMocks();
});

async function socketFault(
  door: ReturnType<typeof doorTo>,
  headers: Record<string, string> = upgrade(),
): Promise<Fault> {
  const { messages } = await refusedSocket(await door.fetch(PATH, { headers }));
  const [message] = messages;
  if (message === undefined || !("error" in message)) throw new Error("Not a refusal.");
  return message.error;
}

describe("bindings", () => {
  test("each kind is found by the name that was chosen, and no other", async () => {
    for (const kind of KINDS) {
      const [right, wrong] = [new FakeNamespace(), new FakeNamespace()];
      const usual = { LOCKS: wrong, SEMAPHORES: wrong, EVENTS: wrong };
      const others = { CONDITIONS: wrong, LIMITERS: wrong, STREAMS: wrong };
      const door = doorWith(
        { bindings: { [kind]: "MINE" } },
        { ...usual, ...others, ...OPEN, MINE: right },
      );
      expect((await door.fetch(objectPath("default", kind, "x"), {})).status).toBe(200);
      expect(right.reached).toMatchObject([{ name: "default/x" }]);
      expect(wrong.reached).toEqual([]);
    }
  });

  test("real objects serve under names of one's own", async () => {
    const bindings = { lock: "SHOP_LOCKS" } as const;
    const door = doorWith({ bindings }, { SHOP_LOCKS: env.LOCKS, ...OPEN });
    const client = await openThrough(door, "/v1/default/lock/own-names");
    expect(await client.acquire()).toBeGreaterThan(0);
  });

  test.each<[string, AppOptions, object]>([
    ["a binding that is not there", {}, OPEN],
    ["a chosen binding that is not there", { bindings: { event: "MINE" } }, OPEN],
    [
      "a chosen name does not fall back on the usual",
      { bindings: { event: "MINE" } },
      { ...OPEN, EVENTS: env.EVENTS },
    ],
    ["a binding that is something else", {}, { ...OPEN, EVENTS: "text" }],
    ["a binding that is null", {}, { ...OPEN, EVENTS: null }],
  ])(
    "%s: the kind is refused with 404, on a socket too; others are served",
    async (_, options, bindings) => {
      const door = doorWith(options, { LOCKS: env.LOCKS, ...bindings });
      const { status, code, detail } = await problemOf(await door.fetch("/v1/default/event/x", {}));
      expect({ status, code }).toEqual({ status: 404, code: "protocol" });
      expect(detail).toContain("This server has no events");
      expect(detail).toContain("bindings.event");
      const socket = await door.fetch("/v1/default/event/x", { headers: upgrade() });
      const { messages } = await refusedSocket(socket);
      expect(messages).toMatchObject([{ notice: "refused", error: { code: "protocol" } }]);
      expect((await door.fetch("/v1/default/lock/x", {})).status).toBe(200);
    },
  );
});

describe("prefix", () => {
  test.each([
    "lw",
    "/lw/",
    "/",
    "//",
    "/a//b",
    "/:tenant",
    "/*",
    "/a b",
    "/ä",
    "/%20",
    "/..",
    "/a/./b",
    "/a?b",
    "/a#b",
  ])("%j is none", (prefix) => {
    expect(() => latchworkApp({ prefix })).toThrow(TypeError);
    expect(() => latchworkApp({ prefix })).toThrow("A prefix is a path");
  });

  test.each(["", "/lw", "/a/b", "/.well-known", "/...", "/a-b_c~d.e"])(
    "%j is one",
    async (prefix) => {
      const door = doorTo(alone(prefix), { LOCKS: new FakeNamespace(), ...OPEN });
      expect((await door.fetch(PATH, {})).status).toBe(200);
    },
  );
});

describe("it is closed by default", () => {
  test("whoever mounts it and says nothing serves nobody", async () => {
    const door = doorWith({}, env);
    expect((await door.fetch(PATH, {})).status).toBe(401);
    expect((await socketFault(door)).message).toContain("LATCHWORK_TOKEN");
  });

  test("the usual settings open it, and guard against pages of other hosts", async () => {
    const open = doorWith({}, { ...env, ...OPEN });
    expect((await open.fetch(PATH, {})).status).toBe(200);
    const page = await open.fetch(PATH, { headers: { Origin: "https://evil.example" } });
    expect(page.status).toBe(403);
    expect((await open.fetch(PATH, { headers: { Origin: "https://shop.test" } })).status).toBe(200);
    const guarded = doorWith({}, { ...env, LATCHWORK_TOKEN: "s3cret" });
    expect((await socketFault(guarded, upgrade("wrong"))).code).toBe("unauthorized");
    const headers = { Authorization: "Bearer s3cret" };
    expect((await guarded.fetch(PATH, { headers })).status).toBe(200);
  });

  test("settings of other names are read, named in refusals, and the usual ones ignored", async () => {
    const options = { variables: { token: "SHOP_TOKEN", open: "SHOP_OPEN" } };
    const closed = doorWith(options, { ...env, ...OPEN, LATCHWORK_TOKEN: "usual" });
    const { message } = await socketFault(closed, upgrade("usual"));
    expect(message).toContain("SHOP_TOKEN");
    expect(message).toContain("SHOP_OPEN");
    const guarded = doorWith(options, { ...env, SHOP_TOKEN: "s3cret" });
    expect((await socketFault(guarded, upgrade("wrong"))).message).toContain("SHOP_TOKEN");
    const headers = { Authorization: "Bearer s3cret" };
    expect((await guarded.fetch(PATH, { headers })).status).toBe(200);
    const open = doorWith(options, { ...env, SHOP_OPEN: "true" });
    expect((await open.fetch(PATH, {})).status).toBe(200);
    const page = await open.fetch(PATH, { headers: { Origin: "null" } });
    expect((await problemOf(page)).detail).toContain("SHOP_TOKEN");
  });

  test("a secret that is no text opens nothing", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const door = doorWith({}, { ...env, ...OPEN, LATCHWORK_TOKEN: { get: () => "s3cret" } });
    for (const token of [undefined, "s3cret", "[object Object]"]) {
      expect((await socketFault(door, upgrade(token))).code).toBe("connection-lost");
    }
    expect(String(logged.mock.calls[0])).toContain("LATCHWORK_TOKEN is not a text");
  });
});

describe("authorize", () => {
  test("is asked who wants what, once for each request, and reads the token wherever it travels", async () => {
    const asked: Access[] = [];
    const authorize = (_: unknown, access: Access): boolean => asked.push(access) > 0;
    const door = doorWith({ authorize }, env);
    const path = objectPath("tenant-a", "lock", "a/b %2F");
    const access = { namespace: "tenant-a", kind: "lock", name: "a/b %2F" };
    await door.fetch(path, {});
    await door.fetch(path, { headers: { Authorization: "Bearer in a header" } });
    const socket = await door.fetch(path, { headers: upgrade("as a subprotocol 🔑") });
    socket.webSocket?.accept();
    await door.fetch("/v1/tenant-b/event/leases/7?name=..", { method: "DELETE" });
    await door.fetch("/healthz", {});
    expect(asked).toEqual([
      { ...access, token: null },
      { ...access, token: "in a header" },
      { ...access, token: "as a subprotocol 🔑" },
      { token: null, namespace: "tenant-b", kind: "event", name: ".." },
    ]);
  });

  test("decides alone: neither token nor openness counts beside it", async () => {
    const settings = { ...env, ...OPEN, LATCHWORK_TOKEN: "s3cret" };
    const closed = doorWith({ authorize: () => false }, settings);
    const fault = await socketFault(closed, upgrade("s3cret"));
    expect(fault.code).toBe("unauthorized");
    const open = doorWith({ authorize: () => Promise.resolve(true) }, settings);
    const headers = { Origin: "https://elsewhere.example" };
    expect((await open.fetch(PATH, { headers })).status).toBe(200);
  });

  test("sees the bindings, and what a middleware before it has found out", async () => {
    interface Shop {
      readonly Bindings: { readonly OWNER: string };
      readonly Variables: { user: string };
    }
    const app = new Hono<Shop>();
    app.use(async (c, next) => {
      c.set("user", c.req.header("X-User") ?? "nobody");
      await next();
    });
    app.route("/lw", latchworkApp<Shop>({ authorize: (c) => c.get("user") === c.env.OWNER }));
    const bindings = { ...env, OWNER: "ada" };
    const ask = async (user: string): Promise<Response> =>
      app.request(`/lw${PATH}`, { headers: { "X-User": user } }, bindings);
    expect((await ask("ada")).status).toBe(200);
    expect((await ask("eve")).status).toBe(401);
  });

  test.each([
    ["a 401", new HTTPException(401, { message: "Your key has expired." }), 401, "unauthorized"],
    ["a 403", new HTTPException(403, { message: "Your key is for reading." }), 403, "forbidden"],
    ["a 429", new HTTPException(429, { message: "Your key is worn out." }), 403, "forbidden"],
    ["a 401 without words", new HTTPException(401), 401, "unauthorized"],
  ])("%s that it throws reaches the client in its words", async (_, exception, status, code) => {
    const authorize = (): never => {
      throw exception;
    };
    const door = doorWith({ authorize }, env);
    const problem = await problemOf(await door.fetch(PATH, {}));
    const words = exception.message || "did not let the request in";
    expect(problem).toMatchObject({ status, code });
    expect(problem.detail).toContain(words);
    expect(await socketFault(door)).toMatchObject({ code, message: problem.detail });
  });

  test.each([
    ["an error", new Error("internal detail")],
    ["a 500", new HTTPException(500, { message: "internal detail" })],
  ])("%s that it throws lets nobody in, and is for the log", async (_, error) => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const authorize = (): Promise<boolean> => Promise.reject(error);
    const door = doorWith({ authorize }, env);
    const response = await door.fetch(PATH, {});
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("internal detail");
    expect((await socketFault(door)).message).not.toContain("internal detail");
    expect(logged).toHaveBeenCalledWith(error);
  });

  test("only true lets anybody in", async () => {
    for (const answer of ["true", 1, {}, undefined, null, new Response()]) {
      const door = doorWith({ authorize: () => answer as boolean }, env);
      expect((await door.fetch(PATH, {})).status).toBe(401);
    }
  });

  test("and variables together are a contradiction", () => {
    const both = { authorize: () => true, variables: { token: "A" } } as unknown as AppOptions;
    expect(() => latchworkApp(both)).toThrow("give one of the two");
  });

  test("is asked before anything is looked for", async () => {
    const door = doorWith({ authorize: () => false }, {});
    const places = [`${PATH}/leases/x`, "/v1/default/event/x", PATH];
    for (const path of places) {
      const { status } = await door.fetch(path, { method: "PATCH" });
      expect({ path, status }).toEqual({ path, status: 401 });
    }
  });
});
