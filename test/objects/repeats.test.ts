import { beforeEach, describe, expect, test } from "vitest";
import { errorOf, tokenOf, type RawClient } from "../support/raw_client.ts";
import { stopClock } from "./support/clock.ts";
import { lock, semaphore, type NamedObject } from "./support/named_object.ts";

beforeEach(stopClock);

const CONFIG = { permits: 2, maxPermits: 4 };

/** The client that comes back after a crash took its socket. */
async function afterCrash(object: NamedObject, client: RawClient): Promise<RawClient> {
  await object.evict("close");
  await client.closed;
  return object.welcomed(client.again());
}

describe("a request that is repeated because its answer was lost", () => {
  test("[LE5] gets the same grant", async () => {
    const object = lock("granted");
    const client = await object.welcomed();
    const token = await client.acquire();
    const back = await afterCrash(object, client);
    back.send({ id: 1, op: "acquire", permits: 1 });
    expect(tokenOf(await back.reply(1))).toBe(token);
    const { claims } = await object.disk();
    expect(claims).toHaveLength(1);
  });

  test("[LE5] gets the same grant of several permits, once", async () => {
    const object = semaphore("granted");
    const client = await object.welcomed();
    const token = tokenOf(await client.ask("acquire", { permits: 2, config: CONFIG }));
    const back = await afterCrash(object, client);
    back.send({ id: 1, op: "acquire", permits: 2, config: CONFIG });
    expect(tokenOf(await back.reply(1))).toBe(token);
    expect(await object.stub.inspect()).toMatchObject({ value: 0 });
  });

  test("[LE3] finds nothing to release if it was released, and the welcome has said so", async () => {
    const object = lock("released");
    const client = await object.welcomed();
    const token = await client.acquire();
    await client.ask("release", { token });
    await object.evict("close");
    await client.closed;
    const back = await object.open(client.again());
    expect(await back.notice("welcome")).toMatchObject({ resumed: true, held: [] });
    back.send({ id: 2, op: "release", token });
    expect(errorOf(await back.reply(2))).toBe("not-owner");
  });

  test("[LE5] releases if it was not released", async () => {
    const object = lock("unreleased");
    const client = await object.welcomed();
    const token = await client.acquire();
    const back = await afterCrash(object, client);
    back.send({ id: 2, op: "release", token });
    expect(await back.reply(2)).toHaveProperty("ok");
    expect(await object.stub.inspect()).toMatchObject({ locked: false });
  });

  test("[LE5, SE1] deposits once", async () => {
    const object = semaphore("deposited");
    const client = await object.welcomed();
    await client.ask("deposit", { permits: 1, config: CONFIG });
    const back = await afterCrash(object, client);
    back.send({ id: 1, op: "deposit", permits: 1, config: CONFIG });
    expect(await back.reply(1)).toEqual({ re: 1, ok: {} });
    expect(await object.stub.inspect()).toMatchObject({ value: 3 });
  });

  test("[SE2] is judged anew if it was a deposit that was refused, though a later one was taken", async () => {
    const object = semaphore("refused");
    const client = await object.welcomed();
    expect(errorOf(await client.ask("deposit", { permits: 3, config: CONFIG }))).toBe(
      "over-release",
    );
    await client.ask("deposit", { permits: 1, config: CONFIG });
    const back = await afterCrash(object, client);
    back.send({ id: 1, op: "deposit", permits: 3 }, { id: 2, op: "deposit", permits: 1 });
    expect(errorOf(await back.reply(1))).toBe("over-release");
    expect(await back.reply(2)).toEqual({ re: 2, ok: {} });
    expect(await object.stub.inspect()).toMatchObject({ value: 3 });
  });

  test("[LE5, W3] withdraws what it names, granted or not, and twice is as good as once", async () => {
    const object = lock("withdrawn");
    const client = await object.welcomed();
    await client.acquire();
    await client.ask("cancel", { target: 1 });
    const back = await afterCrash(object, client);
    back.send({ id: 1, op: "acquire", permits: 1 }, { id: 2, op: "cancel", target: 1 });
    expect(await back.reply(2)).toEqual({ re: 2, ok: {} });
    expect(await object.stub.inspect()).toMatchObject({ locked: false });
  });
});
