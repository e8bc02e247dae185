import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import {
  memoryStore,
  oncePerKey,
  type OncePerKeyOptions,
  type ResponseStore,
} from "../../../middleware/index.ts";
import type { FakeLatchwork } from "./fake_latchwork.ts";
import { gate, type Gate } from "./requests.ts";

export interface Payments {
  readonly app: Hono;
  readonly handlers: Gate;
  /** How often the handler has begun. */
  readonly runs: () => number;
  readonly post: (key?: string, init?: RequestInit & { path?: string }) => Promise<Response>;
}

export interface PaymentsOptions extends Partial<OncePerKeyOptions> {
  readonly answer?: (run: number) => Response | Promise<Response>;
}

/** An app that takes payments, once per key. Its handlers wait at a gate, which is open unless a test says otherwise. */
export function payments(
  fake: FakeLatchwork,
  {
    answer = (run) => Response.json({ paid: run }, { status: 201 }),
    ...options
  }: PaymentsOptions = {},
): Payments {
  const handlers = gate();
  let runs = 0;
  const app = new Hono();
  app.onError((error, c) =>
    error instanceof HTTPException ? error.getResponse() : c.text(error.message, 500),
  );
  app.all(
    "/payments/*",
    oncePerKey({ latchwork: fake.client, store: memoryStore(), ...options }),
    async (c) => {
      runs += 1;
      const run = runs;
      await handlers.pass();
      c.header("X-Token", String(c.var.idempotency?.lease?.token));
      const response = await answer(run);
      return c.newResponse(response.body, response);
    },
  );
  const post = (
    key?: string,
    { path = "/payments/1", ...init }: RequestInit & { path?: string } = {},
  ) =>
    Promise.resolve(
      app.request(path, {
        method: "POST",
        body: '{"amount":5}',
        headers: key === undefined ? {} : { "Idempotency-Key": key },
        ...init,
      }),
    );
  return { app, handlers, runs: () => runs, post };
}

/** A store whose calls the test watches, and lets fail. */
export function watchedStore(): ResponseStore & {
  readonly inner: Required<ResponseStore>;
  before: (call: "get" | "put") => unknown;
} {
  const inner = memoryStore();
  return {
    inner,
    before: () => undefined,
    async get(key) {
      await this.before("get");
      return inner.get(key);
    },
    async put(key, response, options) {
      await this.before("put");
      inner.put(key, response, options);
    },
  };
}
