import { beforeEach, describe, expect, test } from "vitest";
import { advance, stopClock } from "./support/clock.ts";
import { lock, semaphore, type NamedObject } from "./support/named_object.ts";

const DAY_MS = 86_400_000;

beforeEach(stopClock);

/** Uses the name once; the token that it gave. */
async function used(object: NamedObject): Promise<number> {
  const client = await object.welcomed();
  const token = await client.acquire();
  await client.ask("release", { token });
  await client.ask("end", {});
  return token;
}

/** Lets the alarm go off for as long as it is armed, each time when it is due. */
async function ringOut(object: NamedObject): Promise<void> {
  for (let rings = 0; rings < 5; rings += 1) {
    const atMs = await object.armedAtMs();
    if (atMs === null) return;
    advance(Math.max(atMs - Date.now(), 0));
    await object.ring();
  }
  throw new Error("The alarm never comes to rest.");
}

describe("a name that nobody has used for a day", () => {
  test("is wiped, its alarm too", async () => {
    const object = lock("wiped");
    await used(object);
    const startMs = Date.now();
    await ringOut(object);
    expect(await object.tables()).toEqual([]);
    expect(Date.now() - startMs).toBe(DAY_MS);
    await object.evict("close");
    expect(await object.armedAtMs()).toBeNull();
  });

  test.each([false, true])(
    "[LE2] gives a greater token when it is used again (restart: %s)",
    async (restart) => {
      const object = lock(`again-${restart}`);
      const token = await used(object);
      await ringOut(object);
      if (restart) await object.evict("close");
      expect(await used(object)).toBeGreaterThan(token);
    },
  );

  test("is as good as new for whoever uses it next, even in the same moment", async () => {
    const object = lock("next");
    await used(object);
    await ringOut(object);
    const client = await object.welcomed();
    const token = await client.acquire();
    expect(await object.armedAtMs()).toBe(Date.now() + client.hello.ttlMs);
    await object.evict("hibernate");
    expect(await client.ask("statistics", {})).toMatchObject({ ok: { owner: { token } } });
  });

  test("is kept while a session is open, and while it is a semaphore that was configured", async () => {
    const open = lock("open");
    await open.welcomed();
    const configured = semaphore("configured");
    const client = await configured.welcomed();
    await client.ask("statistics", { config: { permits: 3 } });
    await client.ask("end", {});
    for (const object of [open, configured]) {
      advance(2 * DAY_MS);
      await object.ring();
      expect(await object.tables()).toContain("claims");
    }
    expect(await configured.armedAtMs()).toBeNull();
    expect(await configured.stub.inspect()).toMatchObject({ value: 3 });
  });
});

describe("looking at a name that nobody has used", () => {
  test.each([
    ["lock", lock("looked-at")],
    ["semaphore", semaphore("looked-at")],
  ])("leaves no trace (%s)", async (_kind, object) => {
    await object.stub.inspect();
    expect(await object.stub.revoke(1)).toBe(false);
    expect([await object.tables(), await object.armedAtMs()]).toEqual([[], null]);
  });
});
