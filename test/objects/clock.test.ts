import { beforeEach, describe, expect, test } from "vitest";
import { tokenOf } from "../support/raw_client.ts";
import { advance, stopClock } from "./support/clock.ts";
import { lock } from "./support/named_object.ts";

const BACK_MS = 600_000;

beforeEach(stopClock);

describe("a clock that is set back", () => {
  test.each([false, true])(
    "[LE2] does not keep tokens from growing (restart: %s)",
    async (restart) => {
      const object = lock(`tokens-${restart}`);
      const client = await object.welcomed();
      const token = await client.acquire();
      await client.ask("release", { token });
      advance(-BACK_MS);
      if (restart) await object.evict("hibernate");
      expect(await client.acquire()).toBe(token + 1);
    },
  );

  test("[LE2] does not bring back a token that was granted and given back within one turn", async () => {
    const object = lock("one-turn");
    const client = await object.welcomed();
    client.send({ id: 1, op: "acquire", permits: 1 }, { id: 2, op: "cancel", target: 1 });
    const token = tokenOf(await client.reply(1));
    await client.reply(2);
    advance(-BACK_MS);
    await object.evict("hibernate");
    expect(await client.acquire()).toBe(token + 1);
  });

  test("stands still for an object that is awake, until the time it knew has come again", async () => {
    const object = lock("awake");
    const client = await object.welcomed();
    const startMs = Date.now();
    advance(-BACK_MS);
    await client.acquire();
    expect(await object.stub.inspect()).toMatchObject({ owner: { since: startMs } });
  });
});
