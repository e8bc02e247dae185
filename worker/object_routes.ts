import { Hono, type Context, type Next } from "hono";
import { objectPath, readOffer } from "../sdk/protocol.ts";
import { nameIsOneSegment, readAddress, type Address } from "./address.ts";
import { authenticate } from "./auth.ts";
import type { HonoEnv } from "./env.ts";
import { isOperation } from "./calls/operations.ts";
import { call } from "./calls/routes.ts";
import { callObject } from "./object_call.ts";
import { invalid, methodNotAllowed, Refusal } from "./refusal.ts";
import { isUpgrade } from "./upgrade.ts";

type Handled = Context<HonoEnv>;

/**
 * One object: its socket, its statistics, and its leases for operators. A name that no path can carry (`.`, `..`)
 * stands in the query, as `?name=`.
 */
export function objectRoutes(): Hono<HonoEnv> {
  const routes = new Hono<HonoEnv>();
  routes.use(authenticate);
  routes.post("/:namespace/:kind/:operation", (c) => operation(c, null));
  routes.all("/:namespace/:kind/:name/:operation", (c, next) => orLeases(c, next));
  routes.all("/:namespace/:kind", (c) => object(c, null));
  routes.all("/:namespace/:kind/:name", (c) => object(c, -1));
  routes.all("/:namespace/:kind/leases/:token", (c) => lease(c, null));
  routes.all("/:namespace/:kind/:name/leases/:token", (c) => lease(c, -3));
  routes.all("/:namespace/:kind/*", nameIsOneSegment);
  return routes;
}

function object(c: Handled, nameAt: number | null): Promise<Response> {
  if (c.req.method !== "GET") throw methodNotAllowed(c.req.method, "GET");
  const address = readAddress(c, nameAt);
  return isUpgrade(c.req.raw) ? openSocket(c, address) : inspect(c, address);
}

/** A call. A name in the query leaves the path to the operation. */
function operation(c: Handled, nameAt: number | null): Promise<Response> {
  const isNamed = nameAt !== null || new URL(c.req.url).searchParams.has("name");
  if (!isNamed) throw methodNotAllowed(c.req.method, "GET");
  return call(c, readAddress(c, nameAt), c.req.param("operation") ?? "");
}

/** `leases/:token` after a kind is not a name and its operation, but where the name is in the query. */
function orLeases(c: Handled, next: Next): Promise<Response | void> {
  const isAmongLeases = c.req.param("name") === "leases";
  const isNamed = new URL(c.req.url).searchParams.has("name");
  if (isAmongLeases && (isNamed || c.req.method === "DELETE")) return next();
  const { kind = "", operation: op = "" } = c.req.param();
  // Who does not mean an operation has written a slash as it is.
  if (c.req.method !== "POST" && !isOperation(kind, op)) return nameIsOneSegment();
  return operation(c, -2);
}

function lease(c: Handled, nameAt: number | null): Promise<Response> {
  if (c.req.method !== "DELETE") throw methodNotAllowed(c.req.method, "DELETE");
  return revoke(c, readAddress(c, nameAt), readToken(c.req.param("token") ?? ""));
}

/** Hands the socket on to the object, with nothing of the request but the session's hello. */
function openSocket(c: Handled, address: Address): Promise<Response> {
  const { namespace, kind, name } = address;
  const { withoutToken } = readOffer(c.req.header("Sec-WebSocket-Protocol") ?? null);
  const url = new URL(objectPath(namespace, kind, name), "http://object");
  const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": withoutToken };
  // Repeatable: an object that sees the same hello twice closes the later socket, and the client comes again.
  return callObject({ env: c.env, address, repeatable: true }, (stub) =>
    stub.fetch(url, { headers }),
  );
}

/** Who holds and who waits (LK4). */
async function inspect(c: Handled, address: Address): Promise<Response> {
  const inspection = await callObject({ env: c.env, address, repeatable: true }, (stub) =>
    stub.inspect(),
  );
  if ("fault" in inspection) throw new Refusal(inspection.fault);
  return c.json(inspection, 200, { "Cache-Control": "no-store" });
}

/** An operator takes a lease away from whoever holds it. */
async function revoke(c: Handled, address: Address, token: number): Promise<Response> {
  const revoked = await callObject({ env: c.env, address, repeatable: false }, (stub) =>
    stub.revoke(token),
  );
  if (revoked) return c.body(null, 204);
  const message = `Nobody holds a lease with token ${token}.`;
  throw new Refusal({ code: "not-owner", message }, { status: 404 });
}

function readToken(text: string): number {
  const token = Number(text);
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(token)) return token;
  throw invalid(`A lease's token is a whole number, not ${JSON.stringify(text.slice(0, 80))}.`);
}
