import { expect, it } from "vitest";
import { memoryStore, type StoredResponse } from "../../middleware/index.ts";

const answer = (body: string, token = 1): StoredResponse => ({
  status: 200,
  headers: {},
  body,
  fingerprint: "f",
  token,
});
const FOREVER = { ttlMs: 1e9 };

it("keeps an answer for its time", async () => {
  let nowMs = 0;
  const store = memoryStore({ now: () => nowMs });
  await store.put("a", answer("1"), { ttlMs: 10 });
  nowMs = 9;
  expect(await store.get("a")).toEqual(answer("1"));
  nowMs = 10;
  expect(await store.get("a")).toBeNull();
});

it("keeps so many, and loses the oldest first", async () => {
  const store = memoryStore({ entriesMax: 2 });
  for (const key of ["a", "b", "c"]) await store.put(key, answer(key), FOREVER);
  expect([await store.get("a"), await store.get("b"), await store.get("c")]).toEqual([
    null,
    answer("b"),
    answer("c"),
  ]);
});

it("keeps so many characters", async () => {
  const store = memoryStore({ charactersMax: 100 });
  await store.put("a", answer("x".repeat(60)), FOREVER);
  await store.put("a", answer("x".repeat(60)), FOREVER);
  await store.put("b", answer("x".repeat(36)), FOREVER);
  expect(await store.get("a")).not.toBeNull();
  await store.put("c", answer("x"), FOREVER);
  expect(await store.get("a")).toBeNull();
  expect(await store.get("b")).not.toBeNull();
  await store.put("d", answer("x".repeat(200)), FOREVER);
  expect(await store.get("d")).toBeNull();
});

it("does not take the answer of an older run for a newer one", async () => {
  const store = memoryStore();
  await store.put("a", answer("new", 2), FOREVER);
  await store.put("a", answer("old", 1), FOREVER);
  expect(await store.get("a")).toEqual(answer("new", 2));
  await store.delete("a");
  expect(await store.get("a")).toBeNull();
});

it.each([{ entriesMax: 0 }, { charactersMax: Number.NaN }])("%o is no bound", (options) => {
  expect(() => memoryStore(options)).toThrow("at least 1");
});
