import { Hono, type Context, type Env as AnyEnv, type ExecutionContext } from "hono";
import { routePath } from "hono/route";
import { answerTo, createApp } from "./app.ts";
import type { CloudflareEnv, LatchworkAppOptions } from "./app_options.ts";
import { VARIABLES } from "./auth.ts";
import { chosenBindings } from "./chosen_bindings.ts";
import { gateOf } from "./gate.ts";

/**
 * Latchwork inside a Worker of your own: a Hono app that serves clients of the SDK, and everybody who speaks its
 * protocol, from the objects of that Worker. Export the object classes (`latchwork/objects`) from the Worker's main
 * module, bind them, and mount the app, either way:
 *
 * - in a Hono app: `app.route("/latchwork", latchworkApp())`;
 * - in any other handler: `latchworkApp({ prefix: "/latchwork" }).fetch(request, env, ctx)`.
 *
 * Clients then `connect("https://your.host/latchwork")`. Names reach their objects as they came over the wire,
 * whatever the app above makes of paths. The place of mounting may have parameters (`/:tenant/latchwork`), but no
 * optional ones, nor such as match a slash.
 *
 * It serves nobody until it is told whom: by the secret `LATCHWORK_TOKEN`, or by `authorize`.
 *
 * @throws TypeError for a prefix that is none, or for `authorize` and `variables` together.
 */
export function latchworkApp<E extends AnyEnv = CloudflareEnv>(
  options: LatchworkAppOptions<E> = {},
): Hono<E> {
  const { prefix = "", authorize } = options;
  if (authorize !== undefined && options.variables !== undefined) throw new TypeError(ONE_DECIDES);
  const envFrom = chosenBindings(options);
  const variables = { ...VARIABLES, ...options.variables };
  const router = createApp();
  const serve = async (c: Context<E>, path: string): Promise<Response> => {
    const gate = authorize === undefined ? null : gateOf(c, authorize);
    const env = { ...envFrom(c.env), mounted: { path, variables, gate } };
    const response = await router.fetch(c.req.raw, env, executionOf(c));
    // The headers of what an object answers cannot be changed, and a middleware above may want to.
    return new Response(response.body, response);
  };
  const app = new Hono<E>().basePath(checkedPrefix(prefix));
  app.all("/*", (c) => serve(c, pathBelow(c)));
  app.notFound((c) => serve(c, NOWHERE));
  app.onError((error, c) => answerTo(error, c.req.raw));
  return app;
}

/** A path that the router has nothing at, and says so. */
const NOWHERE = "/";

/**
 * What is below the place of mounting, of the path as it came. The app above may have decoded the path, but no slash
 * comes or goes by that (of `%2F` it leaves the sign as it is): it is as many segments from the end, but for a
 * slash at the very end, which an app that is not `strict` does not see.
 */
function pathBelow(c: Context): string {
  if (!URL.canParse(c.req.url)) return NOWHERE;
  const { pathname } = new URL(c.req.url);
  const above = segments(routePath(c)) - 1;
  const unseen = pathname.endsWith("/") && !c.req.path.endsWith("/") ? 1 : 0;
  const below = segments(c.req.path) - above + unseen;
  return below < 1 ? NOWHERE : `/${pathname.split("/").slice(-below).join("/")}`;
}

function segments(path: string): number {
  return path.split("/").length;
}

function executionOf(c: Context): ExecutionContext | undefined {
  try {
    return c.executionCtx;
  } catch {
    // Hono throws where its caller gave none, as tests may do.
    return undefined;
  }
}

function checkedPrefix(prefix: string): string {
  if (/^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/.test(prefix)) return prefix;
  throw new TypeError(
    `A prefix is a path such as "/latchwork", of letters, digits and -._~ between slashes, not ${JSON.stringify(prefix)}.`,
  );
}

const ONE_DECIDES =
  "Either authorize decides who comes in, or the settings that variables names: give one of the two.";
