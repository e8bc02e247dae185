import { beforeEach, describe, expect, test, vi } from "vitest";
import { Host } from "../../objects/host/host.ts";
import { errorOf, hello } from "../support/raw_client.ts";
import { advance, stopClock } from "./support/clock.ts";
import { lock } from "./support/named_object.ts";

const TTL_MS = 60_000;

describe("on the platform's own clock, with nobody there to wake the object,", () => {
  test.each([false, true])(
    "[W4] the alarm alone tells a waiter that its time is up (asleep: %s)",
    async (asleep) => {
      const object = lock(`timeout-${asleep}`);
      await (await object.welcomed()).acquire();
      const waiter = await object.welcomed();
      const waiting = waiter.post("acquire", { permits: 1, timeoutMs: 100 });
      if (asleep) await object.evict("hibernate");
      expect(errorOf(await waiter.reply(waiting))).toBe("timeout");
    },
  );

  test.each(["hibernate", "close"] as const)(
    "[LE1, LK2, W5] the alarm alone takes the lock from a silent holder, and grants it (sockets %s)",
    async (webSockets) => {
      const object = lock(`silent-${webSockets}`);
      const silent = await object.welcomed(hello({ ttlMs: 200 }));
      await silent.acquire();
      const first = await object.welcomed();
      const waiting = first.post("acquire", { permits: 1 });
      await first.ask("statistics", {});
      await object.evict(webSockets);
      const waiter = webSockets === "close" ? await object.welcomed(first.again()) : first;
      if (webSockets === "close") waiter.send({ id: waiting, op: "acquire", permits: 1 });
      expect(await waiter.reply(waiting)).toHaveProperty("ok");
    },
  );
});

describe("the alarm", () => {
  beforeEach(stopClock);

  test("[W4, LE1] is armed for what is due first, and moves only to what is earlier", async () => {
    const object = lock("earliest");
    const holder = await object.welcomed();
    const startMs = Date.now();
    expect(await object.armedAtMs()).toBeNull();
    const token = await holder.acquire();
    expect(await object.armedAtMs()).toBe(startMs + TTL_MS);
    const waiter = await object.welcomed();
    for (const timeoutMs of [3_000, 2_000, 4_000]) {
      waiter.post("acquire", { permits: 1, timeoutMs });
    }
    await waiter.ask("statistics", {});
    expect(await object.armedAtMs()).toBe(startMs + 2_000);
    await waiter.ask("cancel", { target: 2 });
    await holder.ask("release", { token });
    expect(await object.armedAtMs()).toBe(startMs + 2_000);
  });

  test("[LE1] is armed anew for what comes next, and not at all when nothing does", async () => {
    const object = lock("next");
    const holder = await object.welcomed();
    const token = await holder.acquire();
    advance(TTL_MS - 1);
    await holder.ask("statistics", {});
    advance(1);
    await object.ring();
    expect(await object.armedAtMs()).toBe(Date.now() - 1 + TTL_MS);
    await holder.ask("release", { token });
    advance(TTL_MS);
    await object.ring();
    expect(await object.armedAtMs()).toBeNull();
    expect(await holder.ask("statistics", {})).toHaveProperty("ok");
  });

  test.each([
    { webSockets: "hibernate", laterMs: 250 },
    { webSockets: "close", laterMs: 1_000 },
  ] as const)(
    "[LE1] that is missing is armed by whichever instance starts next (sockets $webSockets)",
    async ({ webSockets, laterMs }) => {
      const object = lock(`missing-${webSockets}`);
      const startMs = Date.now();
      await (await object.welcomed()).acquire();
      await object.inside((ctx) => ctx.storage.deleteAlarm());
      advance(1_000);
      await object.evict(webSockets);
      await object.stub.inspect();
      expect(await object.armedAtMs()).toBe(startMs + laterMs + TTL_MS);
      advance(TTL_MS);
      await object.ring();
      expect(await object.stub.inspect()).toMatchObject({ locked: false });
    },
  );

  test("[LE1] gives what it had to do to a new instance, when it fails", async () => {
    const object = lock("fails");
    const holder = await object.welcomed();
    const token = await holder.acquire();
    const failing = vi.spyOn(Host.prototype, "alarm").mockImplementationOnce(() => {
      throw new Error("Broken.");
    });
    advance(TTL_MS);
    await expect(object.ring()).rejects.toThrow("an alarm failed");
    await holder.closed;
    failing.mockRestore();
    expect(await object.stub.inspect()).toMatchObject({ locked: true, owner: { token } });
    expect(await object.armedAtMs()).toBe(Date.now());
    // The client lost its socket to the failure, and has a TTL to come back like any other.
    await object.ring();
    expect(await object.armedAtMs()).toBe(Date.now() + TTL_MS);
  });
});
