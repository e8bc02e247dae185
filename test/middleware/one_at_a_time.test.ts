import { Hono } from "hono";
import { beforeEach, describe, expect, expectTypeOf, it, test } from "vitest";
import { oneAtATime, type OneAtATimeOptions } from "../../middleware/index.ts";
import { NotOwnerError, type Lease } from "../../sdk/index.ts";
import { FakeLatchwork } from "../support/middleware/fake_latchwork.ts";
import { gate, refusalIn, refused } from "../support/middleware/requests.ts";

let fake: FakeLatchwork;
beforeEach(() => {
  fake = new FakeLatchwork();
});

const LINE = "lock(accounts/7)";

function appWith(
  options: Partial<OneAtATimeOptions> = {},
  answer: () => Response = () =>
    new Response("done", {
      headers: { "Content-Length": "4", "Set-Cookie": "a=b", "Access-Control-Allow-Origin": "*" },
    }),
) {
  const handlers = gate();
  const app = new Hono();
  app.onError((error, c) => c.text(error.message, 500));
  app.post(
    "/accounts/:id/close",
    oneAtATime({
      latchwork: fake.client,
      prefix: "accounts/",
      key: (c) => c.req.param("id"),
      ...options,
    }),
    async (c) => {
      expectTypeOf(c.var.lease).toEqualTypeOf<Lease | undefined>();
      await handlers.pass();
      return answer();
    },
  );
  const post = (): Promise<Response> =>
    Promise.resolve(app.request("/accounts/7/close", { method: "POST" }));
  return { post, handlers };
}

test("another request of the key gets 409 while one is handled, and is let in when its answer has been sent", async () => {
  const { post, handlers } = appWith();
  const first = post();
  await handlers.reached();
  expect(await refusalIn(await post())).toEqual(refused(409, "busy", "1"));
  handlers.open();
  const response = await first;
  expect((await post()).status).toBe(409);
  await response.text();
  expect((await post()).status).toBe(200);
});

test("the name is that of the lock that other programs open", async () => {
  const { post, handlers } = appWith();
  handlers.open();
  await (await post()).text();
  expect(fake.calls).toEqual([`${LINE}.acquire`]);
});

test("a handler that throws gives the lock back", async () => {
  const { post, handlers } = appWith({}, () => {
    throw new Error("broken");
  });
  handlers.open();
  const response = await post();
  expect([response.status, await response.text()]).toEqual([500, "broken"]);
  expect(fake.held).toBe(0);
});

describe("a lock that is lost", () => {
  it("while the handler runs: its answer is not sent, and nobody is told to come again", async () => {
    const { post, handlers } = appWith();
    const response = post();
    await handlers.reached();
    fake.line(LINE).lose();
    handlers.open();
    const { headers } = await response;
    expect(await refusalIn(await response)).toEqual(refused(409, "lease-lost"));
    expect([headers.get("Set-Cookie"), headers.get("Content-Length")]).toEqual([null, null]);
    expect(headers.get("Access-Control-Allow-Origin")).toBe("*");
  });

  it("onRefused may send what the handler answered", async () => {
    const { post, handlers } = appWith({ onRefused: (_, { answer }) => answer });
    const response = post();
    await handlers.reached();
    fake.line(LINE).lose();
    handlers.open();
    expect(await (await response).text()).toBe("done");
  });

  /** The server says so, and the client has not noticed. */
  function loseUnnoticed(): void {
    const [lease] = fake.line(LINE).holders;
    if (lease === undefined) throw new Error("Nobody holds it.");
    lease.release = () => Promise.reject(new NotOwnerError("It was lost before."));
  }

  it("just before it is given back, with no body to send: the same", async () => {
    const { post, handlers } = appWith({}, () => {
      loseUnnoticed();
      return new Response(null, { status: 204 });
    });
    handlers.open();
    expect(await refusalIn(await post())).toEqual(refused(409, "lease-lost"));
  });

  it("just before it is given back, when the body has been sent: that has no good end", async () => {
    const { post, handlers } = appWith({}, () => {
      loseUnnoticed();
      return new Response("done");
    });
    handlers.open();
    await expect((await post()).text()).rejects.toThrow("lost");
  });

  it("while the body is sent: it breaks off, and the handler's stream is cancelled", async () => {
    let cancelled = false;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("begun")),
      cancel: () => {
        cancelled = true;
      },
    });
    const { post, handlers } = appWith({}, () => new Response(body));
    handlers.open();
    const reader = (await post()).body?.getReader();
    await reader?.read();
    fake.line(LINE).lose();
    await expect(reader?.read()).rejects.toThrow("It is lost.");
    expect(cancelled).toBe(true);
  });
});
