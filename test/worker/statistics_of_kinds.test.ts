import { describe, expect, test } from "vitest";
import type { Request } from "../../sdk/protocol.ts";
import { tokenOf, type RawClient } from "../support/raw_client.ts";
import { OPEN, openThrough, problemOf, router } from "./support/router.ts";

const door = router(OPEN);
const since = expect.any(Number) as unknown;

type Body<Op extends Request["op"]> = Omit<Extract<Request, { op: Op }>, "id" | "op">;

/** Asks, and sees to it that the object has heard it. */
async function posted<Op extends Request["op"]>(
  client: RawClient,
  op: Op,
  body: Body<Op>,
): Promise<void> {
  client.post(op, body);
  await client.ask("statistics", {});
}

async function shown(path: string): Promise<unknown> {
  const response = await door.fetch(path);
  expect(response.status).toBe(200);
  return response.json();
}

async function revoked(path: string, token: number): Promise<number> {
  const response = await door.fetch(`${path}/leases/${token}`, { method: "DELETE" });
  return response.status;
}

describe("GET tells who holds and who waits:", () => {
  test("[EV1, EV4] an event, whether it is set, and its waiters in order", async () => {
    const path = "/v1/default/event/deployed";
    expect(await shown(path)).toEqual({ isSet: false, tasksWaiting: 0, holders: [], waiters: [] });
    const [first, second] = [await openThrough(door, path), await openThrough(door, path)];
    for (const client of [first, second]) await posted(client, "wait", {});
    const waiter = { permits: 1, since };
    expect(await shown(path)).toEqual({
      isSet: false,
      tasksWaiting: 2,
      holders: [],
      waiters: [
        { ...waiter, client: first.hello.client, position: 1 },
        { ...waiter, client: second.hello.client, position: 2 },
      ],
    });
    await first.ask("set", {});
    expect(await shown(path)).toEqual({ isSet: true, tasksWaiting: 0, holders: [], waiters: [] });
  });

  test("[CO3, LK4] a condition, its lock's line before those who wait to be notified", async () => {
    const path = "/v1/default/condition/queue";
    const [parked, holder, next] = [
      await openThrough(door, path),
      await openThrough(door, path),
      await openThrough(door, path),
    ];
    await posted(parked, "wait", { token: await parked.acquire() });
    const token = await holder.acquire();
    await posted(next, "acquire", { permits: 1 });
    const owner = { client: holder.hello.client, token, since };
    expect(await shown(path)).toEqual({
      tasksWaiting: 1,
      lock: { locked: true, owner, tasksWaiting: 1 },
      holders: [{ ...owner, permits: 1 }],
      waiters: [
        { client: next.hello.client, permits: 1, since, position: 1, waitsFor: "lock" },
        { client: parked.hello.client, permits: 1, since, position: 2, waitsFor: "notification" },
      ],
    });
    await holder.ask("notify", { token });
    expect(await shown(path)).toMatchObject({
      tasksWaiting: 0,
      waiters: [
        { client: next.hello.client, waitsFor: "lock" },
        { client: parked.hello.client, waitsFor: "lock" },
      ],
    });
  });

  test("[CL1, CL5] a limiter, who borrows and who waits to, by their names", async () => {
    const path = "/v1/default/limiter/api";
    const client = await openThrough(door, path);
    const config = { totalTokens: 1 };
    const token = tokenOf(await client.ask("acquire", { permits: 1, borrower: "job 1", config }));
    await posted(client, "acquire", { permits: 1, borrower: "job 2" });
    await client.ask("set-total", { totalTokens: 0 });
    const own = { client: client.hello.client, permits: 1, since };
    expect(await shown(path)).toEqual({
      totalTokens: 0,
      borrowedTokens: 1,
      availableTokens: -1,
      borrowers: ["job 1"],
      tasksWaiting: 1,
      holders: [{ ...own, token, borrower: "job 1" }],
      waiters: [{ ...own, position: 1, borrower: "job 2" }],
    });
  });

  test("[CL6] a limiter without limit, as null", async () => {
    const path = "/v1/default/limiter/unlimited";
    const client = await openThrough(door, path);
    await client.ask("statistics", { config: { totalTokens: null } });
    expect(await shown(path)).toMatchObject({ totalTokens: null, availableTokens: null });
  });

  test("[ST4, ST10] a stream, its open ends by their sides, and what its blocked calls wait for", async () => {
    const path = "/v1/default/stream/jobs";
    const [sender, receiver] = [await openThrough(door, path), await openThrough(door, path)];
    const config = { maxBufferSize: 0 };
    const send = tokenOf(await sender.ask("open", { side: "send", config }));
    const receive = tokenOf(await receiver.ask("open", { side: "receive" }));
    await posted(sender, "send", { end: send, item: '"secret"' });
    const [one, other] = [sender, receiver].map(({ hello: { client } }) => ({
      client,
      permits: 1,
      since,
    }));
    const holders = [
      { ...one, token: send, side: "send" },
      { ...other, token: receive, side: "receive" },
    ];
    const statistics = {
      currentBufferUsed: 0,
      maxBufferSize: 0,
      openSendStreams: 1,
      openReceiveStreams: 1,
      undelivered: 0,
    };
    expect(await shown(path)).toEqual({
      ...statistics,
      tasksWaitingSend: 1,
      tasksWaitingReceive: 0,
      holders,
      waiters: [{ ...one, position: 1, waitsFor: "room" }],
    });
    await receiver.ask("receive", { end: receive });
    await posted(receiver, "receive", { end: receive });
    expect(await shown(path)).toEqual({
      ...statistics,
      tasksWaitingSend: 0,
      tasksWaitingReceive: 1,
      holders,
      waiters: [{ ...other, position: 1, waitsFor: "item" }],
    });
  });

  test("[ST6] a stream that nobody receives from any more, and what that left", async () => {
    const path = "/v1/default/stream/left";
    const client = await openThrough(door, path);
    const config = { maxBufferSize: null };
    const end = tokenOf(await client.ask("open", { side: "send", config }));
    const token = tokenOf(await client.ask("open", { side: "receive" }));
    for (const item of ["1", "2"]) await client.ask("send", { end, item });
    await client.ask("release", { token });
    expect(await shown(path)).toMatchObject({ maxBufferSize: null, undelivered: 2 });
  });
});

describe("what nobody has configured is not there:", () => {
  test.each(["limiter", "stream"])("%s", async (kind) => {
    const path = `/v1/default/${kind}/unknown`;
    const response = await door.fetch(path);
    expect(response.status).toBe(404);
    const problem = { status: 404, code: "not-configured" };
    expect(await problemOf(response)).toMatchObject(problem);
    // Nor is it after somebody has looked, or has opened a session and asked in vain.
    const client = await openThrough(door, path);
    expect(await client.ask("statistics", {})).toMatchObject({ error: { code: "not-configured" } });
    expect(await problemOf(await door.fetch(path))).toMatchObject(problem);
  });
});

describe("names", () => {
  test("of six kinds never meet", async () => {
    const path = (kind: string): string => `/v1/default/${kind}/shared%2Fname`;
    const limiter = await openThrough(door, path("limiter"));
    const asked = { permits: 1, borrower: "x", config: { totalTokens: 1 } };
    tokenOf(await limiter.ask("acquire", asked));
    await (await openThrough(door, path("event"))).ask("set", {});
    await (await openThrough(door, path("condition"))).acquire();
    expect(await shown(path("event"))).toMatchObject({ isSet: true });
    expect(await shown(path("condition"))).toMatchObject({ lock: { locked: true } });
    expect(await shown(path("lock"))).toMatchObject({ locked: false });
    expect(await shown(path("limiter"))).toMatchObject({ borrowers: ["x"] });
    expect((await door.fetch(path("stream"))).status).toBe(404);
  });

  test("of borrowers are as all names are", async () => {
    const path = "/v1/default/limiter/names";
    const client = await openThrough(door, path);
    const borrower = "ä/ö ?name=🔒";
    const asked = { permits: 1, borrower, config: { totalTokens: 1 } };
    tokenOf(await client.ask("acquire", asked));
    expect(await shown(path)).toMatchObject({ holders: [{ borrower }] });
  });
});

describe("DELETE takes from its owner, who is told,", () => {
  test("[ST4, ST5] an end of a stream: what is blocked in it is closed, and its side with it", async () => {
    const path = "/v1/default/stream/revoked";
    const [sender, receiver] = [await openThrough(door, path), await openThrough(door, path)];
    const config = { maxBufferSize: 0 };
    const send = tokenOf(await sender.ask("open", { side: "send", config }));
    const receive = tokenOf(await receiver.ask("open", { side: "receive" }));
    const receiving = receiver.post("receive", { end: receive });
    await receiver.ask("statistics", {});
    expect(await revoked(path, send)).toBe(204);
    expect(await sender.notice("lost")).toMatchObject({ token: send, reason: "revoked" });
    expect(await receiver.reply(receiving)).toMatchObject({ error: { code: "end-of-stream" } });
    const late = await sender.ask("send", { end: send, item: "1" });
    expect(late).toMatchObject({ error: { code: "closed" } });
    expect(await revoked(path, send)).toBe(404);
  });

  test("[ST3] a receiver's end: what it was given goes back, marked", async () => {
    const path = "/v1/default/stream/revoked-receiver";
    const [sender, receiver] = [await openThrough(door, path), await openThrough(door, path)];
    const config = { maxBufferSize: 1 };
    const send = tokenOf(await sender.ask("open", { side: "send", config }));
    const receive = tokenOf(await receiver.ask("open", { side: "receive" }));
    const end = tokenOf(await sender.ask("open", { side: "receive" }));
    await sender.ask("send", { end: send, item: "1" });
    await receiver.ask("receive", { end: receive });
    expect(await revoked(path, receive)).toBe(204);
    const again = await sender.ask("receive", { end });
    expect(again).toMatchObject({ ok: { items: [{ item: "1", redelivered: true }] } });
  });

  test("[CL1, W2] a borrowing: the next in line has it, and the name is free", async () => {
    const path = "/v1/default/limiter/revoked";
    const [owner, next] = [await openThrough(door, path), await openThrough(door, path)];
    const asked = { permits: 1, borrower: "x", config: { totalTokens: 1 } };
    const token = tokenOf(await owner.ask("acquire", asked));
    const waiting = next.post("acquire", { permits: 1, borrower: "y" });
    await next.ask("statistics", {});
    expect(await revoked(path, token)).toBe(204);
    expect(await owner.notice("lost")).toMatchObject({ token, reason: "revoked" });
    tokenOf(await next.reply(waiting));
    await posted(owner, "acquire", { permits: 1, borrower: "x" });
    expect(await shown(path)).toMatchObject({ borrowers: ["y"], waiters: [{ borrower: "x" }] });
  });

  test("[CO1, CO4] a condition's lock, and the notification that came with it", async () => {
    const path = "/v1/default/condition/revoked";
    const [first, second, notifier] = [
      await openThrough(door, path),
      await openThrough(door, path),
      await openThrough(door, path),
    ];
    const waiting: number[] = [];
    for (const client of [first, second]) {
      waiting.push(client.nextId + 1);
      await posted(client, "wait", { token: await client.acquire() });
    }
    const held = await notifier.acquire();
    await notifier.ask("notify", { token: held, count: 1 });
    await notifier.ask("release", { token: held });
    const token = tokenOf(await first.reply(waiting[0] ?? 0));
    expect(await revoked(path, token)).toBe(204);
    expect(await first.notice("lost")).toMatchObject({ token, reason: "revoked" });
    expect(await second.reply(waiting[1] ?? 0)).toMatchObject({ ok: { woken: "notified" } });
    const late = await first.ask("notify", { token });
    expect(late).toMatchObject({ error: { code: "not-owner" } });
  });
});
