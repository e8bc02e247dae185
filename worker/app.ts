import { Hono } from "hono";
import type { Env, HonoEnv } from "./env.ts";
import { objectRoutes } from "./object_routes.ts";
import { openApi } from "./openapi/document.ts";
import { docsPage } from "./openapi/page.ts";
import { problem } from "./problem.ts";
import { methodNotAllowed, noSuchAddress, Refusal } from "./refusal.ts";
import { report } from "./report.ts";
import { isUpgrade, refuseSocket } from "./upgrade.ts";

/** The router: finds the object that a request is for, and says in words why it will not. */
export function createApp(): Hono<HonoEnv> {
  const app = new Hono<HonoEnv>({ getPath: pathAsItCame });
  app.get("/healthz", (c) => c.json({ status: "ok" }, 200, { "Cache-Control": "no-store" }));
  app.all("/healthz", (c) => {
    throw methodNotAllowed(c.req.method, "GET, HEAD");
  });
  app.route("/v1", objectRoutes());
  app.get("/openapi.json", (c) => c.json(openApi()));
  app.get("/docs", (c) => c.html(docsPage(openApi())));
  app.notFound((c) => refuse(c.req.raw, noSuchAddress()));
  app.onError((error, c) => answerTo(error, c.req.raw));
  return app;
}

/** What a client reads of an error that its request has met. */
export function answerTo(error: Error, request: Request): Response {
  return refuse(request, error instanceof Refusal ? error : failed(error));
}

/**
 * Hono's own reading decodes the path before routes and parameters are found in it. A bad Host makes a URL none.
 * Where another app has mounted this one, the routes are below that place.
 */
function pathAsItCame({ url }: Request, { env }: { env?: Env } = {}): string {
  return env?.mounted?.path ?? (URL.canParse(url) ? new URL(url).pathname : "");
}

function refuse(request: Request, refusal: Refusal): Response {
  return isUpgrade(request) ? refuseSocket(request, refusal.fault) : problem(refusal);
}

/** What nobody foresaw is for the log; a client learns only that it happened. */
function failed(error: Error): Refusal {
  report(error);
  const message =
    "The server failed in a way that it did not foresee. What was asked may have been done or not; the server's log says more.";
  return new Refusal({ code: "connection-lost", message }, { status: 500 });
}
