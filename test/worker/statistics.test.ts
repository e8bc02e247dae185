import { describe, expect, test } from "vitest";
import { OPEN, openThrough, problemOf, router } from "./support/router.ts";

const door = router(OPEN);

describe("GET tells who holds and who waits", () => {
  test("[LK4] a lock that nobody has used is free", async () => {
    const response = await door.fetch("/v1/default/lock/unused");
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toContain("application/json");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(await response.json()).toEqual({
      locked: false,
      owner: null,
      tasksWaiting: 0,
      holders: [],
      waiters: [],
    });
  });

  test("[LK4] a held lock tells its owner and its line", async () => {
    const path = "/v1/default/lock/held";
    const owner = await openThrough(door, path);
    const token = await owner.acquire();
    const waiter = await openThrough(door, path);
    waiter.post("acquire", { permits: 1 });
    await waiter.ask("statistics", {});

    const { client } = owner.hello;
    const since: unknown = expect.any(Number);
    expect(await (await door.fetch(path)).json()).toEqual({
      locked: true,
      owner: { client, token, since },
      tasksWaiting: 1,
      holders: [{ client, token, permits: 1, since }],
      waiters: [{ client: waiter.hello.client, permits: 1, since, position: 1 }],
    });
  });

  test("[LK4] what was released is told as released", async () => {
    const path = "/v1/default/lock/released";
    const owner = await openThrough(door, path);
    await owner.ask("release", { token: await owner.acquire() });
    expect(await (await door.fetch(path)).json()).toMatchObject({ locked: false, owner: null });
  });

  test("a semaphore tells its value, its holders and its line", async () => {
    const path = "/v1/default/semaphore/gpu";
    const client = await openThrough(door, path);
    const config = { permits: 3, maxPermits: 4 };
    await client.ask("acquire", { permits: 2, config });
    client.post("acquire", { permits: 2 });
    await client.ask("statistics", {});
    expect(await (await door.fetch(path)).json()).toMatchObject({
      value: 1,
      maxPermits: 4,
      tasksWaiting: 1,
      holders: [{ client: client.hello.client, permits: 2 }],
      waiters: [{ client: client.hello.client, permits: 2, position: 1 }],
    });
  });

  test("a semaphore that nobody configured is not there", async () => {
    const response = await door.fetch("/v1/default/semaphore/unknown");
    expect(response.status).toBe(404);
    expect(await problemOf(response)).toMatchObject({ status: 404, code: "not-configured" });
  });

  test("a lock and a semaphore of one name, and names of two namespaces, never meet", async () => {
    const owner = await openThrough(door, "/v1/one/lock/shared");
    await owner.acquire();
    expect((await door.fetch("/v1/one/semaphore/shared")).status).toBe(404);
    expect(await (await door.fetch("/v1/two/lock/shared")).json()).toMatchObject({ locked: false });
    expect(await (await door.fetch("/v1/one/lock/shared")).json()).toMatchObject({ locked: true });
  });
});
