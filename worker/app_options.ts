import type { Context, Env } from "hono";
import type {
  ConditionObject,
  EventObject,
  LimiterObject,
  LockObject,
  SemaphoreObject,
  StreamObject,
} from "../objects/index.ts";
import type { Kind } from "../sdk/protocol.ts";
import type { VariableNames } from "./mounted.ts";

/** How `latchworkApp` finds its objects, and whom it serves. */
export type LatchworkAppOptions<E extends Env = CloudflareEnv> = Common<E> &
  (ByVariables | ByAuthorize<E>);

/** Where nothing else is said, the bindings are those that `wrangler types` has found. */
export interface CloudflareEnv {
  readonly Bindings: Cloudflare.Env;
}

interface Common<E extends Env> {
  /**
   * Which of the Worker's Durable Object bindings has the objects of each kind. By default those are `LOCKS`,
   * `SEMAPHORES`, `EVENTS`, `CONDITIONS`, `LIMITERS` and `STREAMS`. A kind whose binding does not exist is refused
   * with status 404, so a Worker that needs only locks needs one binding only.
   */
  readonly bindings?: { readonly [kind in Kind]?: BindingName<E["Bindings"]> } | undefined;
  /**
   * The path that the app answers under, such as `"/latchwork"`, where it is called by its `fetch` rather than
   * mounted with `app.route`. Letters, digits and `-._~` between slashes. Default: none.
   */
  readonly prefix?: string | undefined;
}

interface ByVariables {
  /**
   * The names of the two settings that let clients in: `token` is the secret that all must show, and where there
   * is none, `open` says `"true"` if everyone may come in. Default: `LATCHWORK_TOKEN` and `LATCHWORK_OPEN`.
   */
  readonly variables?: Partial<VariableNames> | undefined;
  readonly authorize?: undefined;
}

interface ByAuthorize<E extends Env> {
  /**
   * Decides who comes in, instead of `LATCHWORK_TOKEN` and `LATCHWORK_OPEN`, which are then not looked at: true
   * lets the request in, false refuses it as `unauthorized`. To say more, throw an `HTTPException` of Hono's: its
   * message reaches the client, as `UnauthorizedError` for status 401, as `ForbiddenError` for any other from 400
   * to 499. Whatever else is thrown lets nobody in either, and is only told to the Worker's log.
   *
   * It is asked once for each request, and so once for each socket, not for what is sent on it. What a middleware
   * before it has set is there in `c.var`. Do not refuse in such a middleware: browsers tell a program nothing of a
   * socket that was refused with a status, so the SDK would try again and again.
   *
   * A browser sends its cookies with the sockets of every page, whosever it is: if a cookie is what counts, look
   * at the header `Origin` as well.
   */
  readonly authorize: (c: Context<E>, access: Access) => boolean | Promise<boolean>;
  readonly variables?: undefined;
}

/** What a request wants to use. */
export interface Access {
  /** What the client gave as `token` to `connect`, or as `Authorization: Bearer`; null if it gave nothing. */
  readonly token: string | null;
  /** Names in different namespaces never meet: one for each tenant, say. */
  readonly namespace: string;
  readonly kind: Kind;
  readonly name: string;
}

/**
 * The bindings that `latchworkApp` looks for unless it is told other names: for an `Env` written by hand,
 * `interface Env extends LatchworkBindings { … }`, or `Pick<LatchworkBindings, "LOCKS">`.
 */
export interface LatchworkBindings {
  readonly LOCKS: DurableObjectNamespace<LockObject>;
  readonly SEMAPHORES: DurableObjectNamespace<SemaphoreObject>;
  readonly EVENTS: DurableObjectNamespace<EventObject>;
  readonly CONDITIONS: DurableObjectNamespace<ConditionObject>;
  readonly LIMITERS: DurableObjectNamespace<LimiterObject>;
  readonly STREAMS: DurableObjectNamespace<StreamObject>;
  /** The secret that every client must show. */
  readonly LATCHWORK_TOKEN?: string;
  /** `"true"` lets everyone in where there is no `LATCHWORK_TOKEN`. */
  readonly LATCHWORK_OPEN?: string;
}

/** The names of those bindings that are Durable Object namespaces; any name, where the bindings are not known. */
type BindingName<Bindings> = [keyof Bindings] extends [never] ? string : NamespaceName<Bindings>;
type NamespaceName<Bindings> = {
  [Name in keyof Bindings & string]: unknown extends Bindings[Name]
    ? Name
    : Bindings[Name] extends { getByName(name: string): object }
      ? Name
      : never;
}[keyof Bindings & string];
