import { beforeEach, describe, expect, test } from "vitest";
import type { OneShot, OneShotAnswer } from "../../objects/index.ts";
import { SqlAnswers } from "../../objects/host/sql_answers.ts";
import type { StoredAnswer } from "../../objects/host/ports.ts";
import { LIMITS } from "../../sdk/protocol.ts";
import { stopClock } from "./support/clock.ts";
import { meter } from "./support/meter.ts";
import { lock, type NamedObject } from "./support/named_object.ts";

let calls = 0;

async function call(object: NamedObject, changes: Partial<OneShot>): Promise<OneShotAnswer> {
  calls += 1;
  const session = `call-${String(calls).padStart(12, "0")}`;
  const oneShot: OneShot = {
    session,
    secretHash: session,
    client: "a caller",
    ttlMs: 60_000,
    body: { op: "acquire" },
    confirms: false,
    idempotency: null,
    ...changes,
  };
  const init = { method: "POST", body: JSON.stringify(oneShot) };
  return (await object.stub.fetch("http://object/", init)).json();
}

/** Acquires and releases by calls. */
async function cycle(
  object: NamedObject,
  idempotency: OneShot["idempotency"] = null,
): Promise<void> {
  await call(object, { idempotency });
  const lease = `call-${String(calls).padStart(12, "0")}`;
  const about = { session: lease, secretHash: lease, client: null, ttlMs: null };
  expect((await call(object, { ...about, body: { op: "release" } })).reply).toEqual({ ok: {} });
}

describe("rows written by calls", () => {
  beforeEach(stopClock);

  test("four, by an acquire and its release; one more by an idempotency key", async () => {
    const object = lock("calls");
    await cycle(object);
    const written = await meter(object);
    await cycle(object);
    expect(written()).toEqual({ rows: 4, alarms: 0 });
    await cycle(object, { key: "first", fingerprint: "f" });
    written();
    await cycle(object, { key: "second", fingerprint: "f" });
    expect(written()).toEqual({ rows: 5, alarms: 0 });
  });

  test("none, by a try in vain", async () => {
    const object = lock("calls in vain");
    await call(object, {});
    const written = await meter(object);
    const { reply } = await call(object, { body: { op: "acquire", timeoutMs: 0 } });
    expect(reply).toMatchObject({ error: { code: "timeout" } });
    expect(written()).toEqual({ rows: 0, alarms: 0 });
  });
});

test("[LE5] an object keeps the latest answers, and finds them when it wakes", async () => {
  const answer = (expiresAtMs: number): StoredAnswer => ({
    fingerprint: "f",
    text: "{}",
    expiresAtMs,
  });
  await lock("answers").inside((ctx) => {
    const { sql } = ctx.storage;
    const answers = new SqlAnswers(sql);
    const many = Array.from(
      { length: LIMITS.answersMax },
      (_, n) => [`k${n}`, answer(1_000 + n)] as const,
    );
    ctx.storage.transactionSync(() => answers.put(new Map(many), 0));
    expect(answers.get("k0")).toEqual(answer(1_000));
    answers.put(new Map([["one more", answer(90_000)]]), 0);
    expect([answers.get("k0"), answers.get("one more")]).toEqual([null, answer(90_000)]);
    const woken = new SqlAnswers(sql);
    expect([woken.untilMs, woken.get("one more")]).toEqual([90_000, answer(90_000)]);
    // Those that have expired go when another comes.
    woken.put(new Map([["last", answer(99_000)]]), 90_000);
    expect([woken.get("one more"), woken.get("k9999"), woken.untilMs]).toEqual([
      null,
      null,
      99_000,
    ]);
  });
});
