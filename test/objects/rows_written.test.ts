import { beforeEach, describe, expect, test } from "vitest";
import { tokenOf, type RawClient } from "../support/raw_client.ts";
import { stopClock } from "./support/clock.ts";
import { meter } from "./support/meter.ts";
import { lock, semaphore } from "./support/named_object.ts";

beforeEach(stopClock);

async function cycle(client: RawClient): Promise<void> {
  await client.ask("release", { token: await client.acquire() });
}

describe("rows written", () => {
  test("two, by an acquire and the release of a free lock", async () => {
    const object = lock("free");
    const client = await object.welcomed();
    await cycle(client);
    const written = await meter(object);
    await cycle(client);
    expect(written()).toEqual({ rows: 2, alarms: 0 });
    await object.evict("hibernate");
    await cycle(client);
    expect(written()).toEqual({ rows: 2, alarms: 0 });
  });

  test("two, for each of many cycles, and the alarm is set once for all of them", async () => {
    const object = lock("many");
    const client = await object.welcomed();
    const written = await meter(object);
    await cycle(client);
    const { alarms } = written();
    for (let times = 0; times < 50; times += 1) await cycle(client);
    expect([alarms, written()]).toEqual([1, { rows: 100, alarms: 0 }]);
  });

  test("three, by an acquire that waits, its grant and its release", async () => {
    const object = lock("contended");
    const [first, second] = [await object.welcomed(), await object.welcomed()];
    await cycle(first);
    const written = await meter(object);
    const token = await first.acquire();
    const waiting = second.post("acquire", { permits: 1 });
    await second.ask("statistics", {});
    await first.ask("release", { token });
    await second.ask("release", { token: tokenOf(await second.reply(waiting)) });
    expect(written()).toEqual({ rows: 2 + 3, alarms: 0 });
  });

  test("one, by a session that opens, drops, comes back or ends", async () => {
    const object = lock("session");
    const [client] = [await object.welcomed(), await object.welcomed()];
    const written = await meter(object);
    await object.welcomed();
    expect(written()).toEqual({ rows: 1, alarms: 0 });
    await object.drop(client);
    await object.stub.inspect();
    expect(written()).toEqual({ rows: 1, alarms: 1 });
    const back = await object.welcomed(client.again());
    expect(written()).toEqual({ rows: 1, alarms: 0 });
    back.post("end", {});
    await object.drop(back);
    await object.stub.inspect();
    expect(written()).toEqual({ rows: 1, alarms: 0 });
  });

  test("two, by a deposit", async () => {
    const object = semaphore("deposit");
    const client = await object.welcomed();
    await client.ask("statistics", { config: { permits: 1 } });
    const written = await meter(object);
    await client.ask("deposit", { permits: 1 });
    expect(written()).toEqual({ rows: 2, alarms: 0 });
  });

  test("none, by what changes nothing: a ping, a look, a try that fails, a release of what is not held", async () => {
    const object = lock("nothing");
    const [holder, other] = [await object.welcomed(), await object.welcomed()];
    const token = await holder.acquire();
    const written = await meter(object);
    for (const client of [holder, other]) await client.ping();
    await other.ask("statistics", {});
    await other.ask("acquire", { permits: 1, timeoutMs: 0 });
    await other.ask("release", { token });
    await other.ask("cancel", { target: 1_000 });
    await object.stub.inspect();
    await object.stub.revoke(token + 1);
    expect(written()).toEqual({ rows: 0, alarms: 0 });
  });
});
