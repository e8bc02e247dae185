import { env } from "cloudflare:workers";
import { Hono, type Env as AnyEnv } from "hono";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { LinearRouter } from "hono/router/linear-router";
import { PatternRouter } from "hono/router/pattern-router";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { TrieRouter } from "hono/router/trie-router";
import { secureHeaders } from "hono/secure-headers";
import { describe, expect, test } from "vitest";
import { objectPath } from "../../sdk/protocol.ts";
import { latchworkApp } from "../../worker/library.ts";
import { AWKWARD_NAMES } from "./support/awkward_names.ts";
import { alone, doorTo, inside, type AnyBindings, type Embedding } from "./support/embedded.ts";
import { FakeNamespace } from "./support/fake_namespace.ts";
import { OPEN, openThrough, problemOf, refusedSocket, upgrade } from "./support/router.ts";

const objects = { ...env, ...OPEN };

function parent(options: ConstructorParameters<typeof Hono>[0] = {}): Hono<AnyBindings> {
  return new Hono<AnyBindings>(options);
}

function at(base: string, embedding: Embedding): Embedding {
  return { ...embedding, base };
}

/** An app that tells its hosts apart by putting them before the path, as Hono's documents show it. */
function byHost(request: Request): string {
  return `/${request.url.replace(/^https?:\/\/([^?]+).*$/, "$1")}`;
}

const shop = inside(parent(), "/lw");
const WAYS: readonly (readonly [way: string, embedding: Embedding])[] = [
  ["at the root of a host", alone("")],
  ["under a prefix", alone("/lw")],
  ["under a prefix of several segments", alone("/v1/api-2/~lw_.x")],
  ["in an app", shop],
  ["in an app that is not strict about slashes", inside(parent({ strict: false }), "/lw")],
  ["in an app with a base path", at("/a/b/lw", inside(parent().basePath("/a/b"), "/lw"))],
  ["at a place with a parameter", at("/tenant%20%2F7/lw", inside(parent(), "/:tenant/lw"))],
  [
    "at a place that is named like a parameter of its own",
    at("/v1/lw", inside(parent(), "/:name/lw")),
  ],
  [
    "in an app that knows its hosts",
    at("/lw", inside(parent({ getPath: byHost }), "/shop.test/lw")),
  ],
  ["at a place that is no ASCII", at("/%C3%A4", inside(parent(), "/ä"))],
  ["with a prefix, in an app", at("/in/lw", inside(parent(), "/in", { prefix: "/lw" }))],
  [
    "in an app in an app",
    at("/out/lw", { base: "", handler: parent().route("/out", nested()).fetch }),
  ],
  ["with the linear router", inside(parent({ router: new LinearRouter() }), "/lw")],
  ["with the pattern router", inside(parent({ router: new PatternRouter() }), "/lw")],
  ["with the trie router", inside(parent({ router: new TrieRouter() }), "/lw")],
  ["with the regular-expression router", regular()],
];

function nested(): Hono<AnyBindings> {
  return parent().route("/lw", latchworkApp<AnyBindings>());
}

/** It takes no routes that could be confused, so there is none before. */
function regular(): Embedding {
  const app = parent({ router: new RegExpRouter() });
  return { base: "/lw", handler: app.route("/lw", latchworkApp<AnyBindings>()).fetch };
}

describe.each(WAYS)("%s", (_, embedding) => {
  test("every name reaches its own object, in the path and in the query", async () => {
    for (const name of AWKWARD_NAMES) {
      const LOCKS = new FakeNamespace();
      const door = doorTo(embedding, { ...OPEN, LOCKS });
      const query = `/v1/default/lock?name=${encodeURIComponent(name)}`;
      for (const path of [objectPath("default", "lock", name), query]) {
        const { status } = await door.fetch(path, {});
        expect({ path, status }).toEqual({ path, status: 200 });
      }
      const object = { name: `default/${name}` };
      expect(LOCKS.reached).toMatchObject([object, object]);
    }
  });

  test("[LK1] a socket opens, holds, and its lease is revoked", async () => {
    const door = doorTo(embedding, objects);
    for (const name of ["a/b %2F", ".."]) {
      const path = objectPath("default", "lock", name);
      const client = await openThrough(door, path);
      const token = await client.acquire();
      expect(await (await door.fetch(path, {})).json()).toMatchObject({ owner: { token } });
      const [place, query = ""] = path.split("?");
      const lease = `${place}/leases/${token}${query && `?${query}`}`;
      expect((await door.fetch(lease, { method: "DELETE" })).status).toBe(204);
      expect(await client.notice("lost")).toMatchObject({ token, reason: "revoked" });
    }
  });

  test("what is no address is refused in words, on a socket too", async () => {
    const door = doorTo(embedding, objects);
    const places = ["/v1/default/lock/a/b", "/v1/default/lock/%FF", "/v1/default/lock/%00", "/v1"];
    for (const path of [...places, "/v1/default/lock/a/", "/v1/default/lock/a/leases/1/", "/x"]) {
      const { code } = await problemOf(await door.fetch(path, {}));
      const { messages } = await refusedSocket(await door.fetch(path, { headers: upgrade() }));
      expect({ path, messages }).toMatchObject({ path, messages: [{ error: { code } }] });
    }
  });

  test("a slash at the end is not part of a name", async () => {
    const path = "/v1/default/lock/a/";
    const { status, detail } = await problemOf(await doorTo(embedding, objects).fetch(path, {}));
    expect(status).toBe(400);
    expect(detail).toContain("A name is the last segment of the path");
  });

  test("it says that it is well", async () => {
    expect((await doorTo(embedding, {}).fetch("/healthz", {})).status).toBe(200);
    expect((await doorTo(embedding, {}).fetch("/healthz", { method: "HEAD" })).status).toBe(200);
  });
});

describe("the app around it keeps its own", () => {
  test.each([
    ["/", "the shop"],
    ["/orders/7", "order 7"],
    ["/about", "page about"],
  ])("%s", async (path, text) => {
    expect(await (await shop.handler(new Request(`https://shop.test${path}`), {})).text()).toBe(
      text,
    );
  });

  test("beside its prefix nothing is served, and that is said in words", async () => {
    const { handler } = alone("/lw");
    for (const path of [
      "/",
      "/lwx/v1/default/lock/a",
      "/v1/default/lock/a",
      "/LW/v1/default/lock/a",
    ]) {
      const response = await handler(new Request(`https://shop.test${path}`), objects);
      expect(await problemOf(response)).toMatchObject({ status: 404, code: "protocol" });
    }
  });

  test("what it does to answers, sockets included, is done", async () => {
    const app = parent();
    app.use(cors(), secureHeaders(), compress());
    app.use(async (c, next) => {
      await next();
      c.res.headers.set("X-Shop", "open");
    });
    const door = doorTo(inside(app, "/lw"), objects);
    const response = await door.fetch("/v1/default/lock/decorated", {});
    const socket = await door.fetch("/v1/default/lock/decorated", { headers: upgrade() });
    socket.webSocket?.accept();
    for (const { headers } of [response, socket]) {
      expect(headers.get("X-Shop")).toBe("open");
      expect(headers.get("Access-Control-Allow-Origin")).toBe("*");
    }
    expect(socket.status).toBe(101);
    const client = await openThrough(door, "/v1/default/lock/decorated");
    expect(await client.acquire()).toBeGreaterThan(0);
  });

  test("a header that it adds to an answer is added, to a socket's too", async () => {
    const app = parent().use(async (c, next) => {
      await next();
      c.res.headers.set("X-Shop", "open");
    });
    const door = doorTo(inside(app, "/lw"), objects);
    for (const headers of [{}, upgrade()]) {
      const response = await door.fetch("/v1/default/lock/labelled", { headers });
      response.webSocket?.accept();
      expect(response.headers.get("X-Shop")).toBe("open");
    }
  });

  test("a body that it has read before is no hindrance to what needs none", async () => {
    const app = parent().use(async (c, next) => {
      await c.req.text();
      await next();
    });
    const door = doorTo(inside(app, "/lw"), objects);
    const response = await door.fetch("/v1/default/lock/a", { method: "POST", body: "{}" });
    expect(response.status).toBe(405);
  });
});

test("two of them in one app are apart", async () => {
  const [first, second] = [new FakeNamespace(), new FakeNamespace()];
  const app = new Hono<AnyEnv>();
  app.route("/first", latchworkApp<AnyBindings>({ bindings: { lock: "FIRST" } }));
  app.route("/second", latchworkApp<AnyBindings>({ bindings: { lock: "SECOND" } }));
  const bindings = { FIRST: first, SECOND: second, ...OPEN };
  await app.request("/first/v1/default/lock/a", {}, bindings);
  await app.request("/second/v1/default/lock/b", {}, bindings);
  expect(first.reached).toMatchObject([{ name: "default/a" }]);
  expect(second.reached).toMatchObject([{ name: "default/b" }]);
});
