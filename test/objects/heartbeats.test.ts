import { expect, test, vi } from "vitest";
import { SqlStore } from "../../objects/host/sql_store.ts";
import { hello, type RawClient } from "../support/raw_client.ts";
import { HOUR_MS, stopClockAt } from "./support/clock.ts";
import { lock, type NamedObject } from "./support/named_object.ts";

const TTL_MS = 2 * HOUR_MS;

/** A holder that is heard now, while the objects' clock is an hour behind the platform's: pings come later. */
async function heldAnHourAgo(name: string): Promise<{ object: NamedObject; holder: RawClient }> {
  stopClockAt(Date.now() - HOUR_MS);
  const object = lock(name);
  const holder = await object.welcomed(hello({ ttlMs: TTL_MS }));
  await holder.acquire();
  return { object, holder };
}

test("a ping is answered while the object sleeps: it wakes nobody", async () => {
  const { object, holder } = await heldAnHourAgo("sleeps");
  await object.evict("hibernate");
  using starts = vi.spyOn(SqlStore.prototype, "load");
  for (let times = 0; times < 10; times += 1) await holder.ping();
  expect(starts).not.toHaveBeenCalled();
  await object.stub.inspect();
  expect(starts).toHaveBeenCalledTimes(1);
});

test.each([false, true])(
  "[LE1] a session that only pings is alive, and the alarm is armed for its TTL after its last ping (asleep: %s)",
  async (asleep) => {
    const { object, holder } = await heldAnHourAgo(`pings-${asleep}`);
    if (asleep) await object.evict("hibernate");
    await holder.ping();
    vi.setSystemTime(Date.now() + TTL_MS + 1_000);
    expect(await object.ring()).toBe(true);
    expect(await object.stub.inspect()).toMatchObject({ locked: true });

    const pingedAtMs = await object.inside((ctx) =>
      Math.max(
        ...ctx
          .getWebSockets()
          .map((socket) => ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0),
      ),
    );
    expect(await object.armedAtMs()).toBe(pingedAtMs + TTL_MS);
    vi.setSystemTime(pingedAtMs + TTL_MS);
    await object.ring();
    expect(await object.stub.inspect()).toMatchObject({ locked: false });
    expect(await holder.closed).toMatchObject({ code: 4410 });
  },
);

test("[LE1] the pings of one session keep no other alive", async () => {
  const { object, holder } = await heldAnHourAgo("other");
  const other = await object.welcomed(hello({ ttlMs: TTL_MS }));
  await other.ping();
  vi.setSystemTime(Date.now() + TTL_MS);
  await object.ring();
  expect(await holder.notice("session-ended")).toMatchObject({ reason: "expired" });
  expect(await object.stub.inspect()).toMatchObject({ locked: false });
  expect(other.unread).toEqual([]);
});
