import { describe, expect, test } from "vitest";
import { KINDS } from "../../sdk/protocol.ts";
import { OPERATIONS } from "../../worker/calls/operations.ts";
import { openApi, type Json } from "../../worker/openapi/document.ts";
import { STATISTICS } from "../../worker/openapi/statistics.ts";
import { OPEN, router } from "./support/router.ts";

const door = router(OPEN);

test("the document has every operation, and each can be called", async () => {
  const response = await door.fetch("/openapi.json");
  const { paths } = await response.json<ReturnType<typeof openApi>>();
  const named = KINDS.flatMap((kind) =>
    Object.keys(OPERATIONS[kind]).map((op) => `/v1/{namespace}/${kind}/{name}/${op}`),
  );
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(named));
  for (const path of named) {
    const url = path.replace("{namespace}", "default").replace("{name}", "documented");
    const body = JSON.stringify({ unknown: 1 });
    const refused = await door.fetch(url, { method: "POST", body });
    expect([path, refused.status]).toEqual([path, 400]);
  }
});

test("its bodies say what may be left out, and what not", () => {
  const { paths } = openApi();
  const body = (path: string): Json => {
    const post = paths[`/v1/{namespace}/${path}`]?.post as {
      requestBody: { content: { "application/json": { schema: Json } } };
    };
    return post.requestBody.content["application/json"].schema;
  };
  expect(body("lock/{name}/acquire")["required"]).toBeUndefined();
  expect(body("lock/{name}/release")["required"]).toEqual(["lease"]);
  expect(body("stream/{name}/send")["required"]).toEqual(["item"]);
  expect(body("limiter/{name}/set-total")["required"]).toEqual(["totalTokens"]);
  expect(body("lock/{name}/acquire")["additionalProperties"]).toBe(false);
});

test("the page shows every operation, and nothing from elsewhere", async () => {
  const response = await door.fetch("/docs");
  const page = await response.text();
  for (const kind of KINDS)
    for (const op of Object.keys(OPERATIONS[kind])) expect(page).toContain(`id="${kind}-${op}"`);
  expect(page).not.toMatch(/<script|src=|https?:/);
});

describe("what a GET answers is what the document says,", () => {
  const CONFIGS: Record<string, object> = {
    semaphore: { permits: 2 },
    limiter: { totalTokens: null },
    stream: { maxBufferSize: 1 },
  };
  const FIRST: Record<string, [op: string, body: object]> = {
    event: ["set", {}],
    stream: ["open", { side: "send" }],
  };

  test.each(KINDS)("of a %s", async (kind) => {
    const [op, body] = FIRST[kind] ?? ["acquire", {}];
    const config = CONFIGS[kind] === undefined ? {} : { config: CONFIGS[kind] };
    const init = { method: "POST", body: JSON.stringify({ ...body, ...config }) };
    expect((await door.fetch(`/v1/default/${kind}/seen/${op}`, init)).status).toBe(200);
    const seen = await (await door.fetch(`/v1/default/${kind}/seen`)).json();
    expect(STATISTICS[kind].strict().parse(seen)).toEqual(seen);
  });
});
