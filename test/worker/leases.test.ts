import { expect, test } from "vitest";
import { OPEN, openThrough, problemOf, router } from "./support/router.ts";

const door = router(OPEN);
const DELETE = { method: "DELETE" };

test("[LE1, LK2] DELETE takes a lease from its owner, who is told, and hands over to the next in line", async () => {
  const path = "/v1/default/lock/revoked";
  const owner = await openThrough(door, path);
  const token = await owner.acquire();
  const waiter = await openThrough(door, path);
  const acquiring = waiter.post("acquire", { permits: 1 });
  await waiter.ask("statistics", {});

  const response = await door.fetch(`${path}/leases/${token}`, DELETE);
  expect(response.status).toBe(204);
  expect(await response.text()).toBe("");
  expect(await owner.notice("lost")).toMatchObject({ token, reason: "revoked" });
  expect(await waiter.reply(acquiring)).toHaveProperty("ok");
});

test("a lease that nobody holds is not there", async () => {
  const response = await door.fetch("/v1/default/lock/free/leases/7", DELETE);
  expect(response.status).toBe(404);
  expect(await problemOf(response)).toMatchObject({
    code: "not-owner",
    status: 404,
    detail: "Nobody holds a lease with token 7.",
  });
});

test("a lease is revoked once", async () => {
  const path = "/v1/default/lock/revoked-once";
  const owner = await openThrough(door, path);
  const token = await owner.acquire();
  expect((await door.fetch(`${path}/leases/${token}`, DELETE)).status).toBe(204);
  expect((await door.fetch(`${path}/leases/${token}`, DELETE)).status).toBe(404);
});

test("permits of a semaphore are revoked alike, and return", async () => {
  const path = "/v1/default/semaphore/revoked";
  const client = await openThrough(door, path);
  const config = { permits: 2 };
  const reply = await client.ask("acquire", { permits: 2, config });
  const { token } = (reply as { ok: { token: number } }).ok;
  expect((await door.fetch(`${path}/leases/${token}`, DELETE)).status).toBe(204);
  expect(await (await door.fetch(path)).json()).toMatchObject({ value: 2, holders: [] });
});

test("the name of a lease may stand in the query", async () => {
  const client = await openThrough(door, "/v1/default/lock?name=..");
  const token = await client.acquire();
  const response = await door.fetch(`/v1/default/lock/leases/${token}?name=..`, DELETE);
  expect(response.status).toBe(204);
});

test('the name of a lease is one segment, even when it is "leases"', async () => {
  const name = encodeURIComponent("leases/1");
  const client = await openThrough(door, `/v1/default/lock/${name}`);
  const token = await client.acquire();
  const response = await door.fetch(`/v1/default/lock/${name}/leases/${token}`, DELETE);
  expect(response.status).toBe(204);
});

test.each(["0", "-1", "1.5", "seven", "9007199254740992", "0x10", "%20"])(
  "%s is no token",
  async (token) => {
    const response = await door.fetch(`/v1/default/lock/x/leases/${token}`, DELETE);
    expect(response.status).toBe(400);
    const { code, detail } = await problemOf(response);
    expect(code).toBe("invalid-argument");
    expect(detail).toContain("A lease's token is a whole number");
  },
);
