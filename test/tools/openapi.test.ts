import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { openApi } from "../../worker/openapi/document.ts";

type Document = Parameters<Validator["validate"]>[0];

/** As a client reads it. */
function asSent(document: object): Document {
  return JSON.parse(JSON.stringify(document)) as Document;
}

test("the OpenAPI document is one, by a public validator", async () => {
  const { valid, errors } = await new Validator().validate(asSent(openApi()));
  expect([valid, errors]).toEqual([true, undefined]);
});

test("the validator would notice", async () => {
  const broken = { ...openApi(), paths: { "/x": { post: { responses: 1 } } } };
  expect((await new Validator().validate(asSent(broken))).valid).toBe(false);
});
