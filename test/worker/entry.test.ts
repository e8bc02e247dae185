import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import * as objects from "../../objects/index.ts";
import * as worker from "../../worker/index.ts";

test("the Worker that wrangler.toml names answers", async () => {
  const response = await exports.default.fetch("http://latchwork.test/healthz");
  expect(response.status).toBe(200);
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(await response.json()).toEqual({ status: "ok" });
});

test("the Worker's module has the router, the object classes and the service, and nothing else", () => {
  expect(worker).toMatchObject(objects);
  expect(Object.keys(worker).toSorted()).toEqual(
    [...Object.keys(objects), "LatchworkService", "default"].toSorted(),
  );
});
