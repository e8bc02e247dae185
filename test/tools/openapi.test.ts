import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { openApi } from "../../worker/openapi/document.ts";

test("the OpenAPI document is one, by a public validator", async () => {
  const { valid, errors } = await new Validator().validate(JSON.stringify(openApi()));
  expect([valid, errors]).toEqual([true, undefined]);
});

test("the validator would notice", async () => {
  const broken = { ...openApi(), paths: { "/x": { post: { responses: 1 } } } };
  expect((await new Validator().validate(JSON.stringify(broken))).valid).toBe(false);
});
