import { beforeEach, describe, expect, test } from "vitest";
import type { Request } from "../../sdk/protocol.ts";
import { hello, tokenOf, type RawClient } from "../support/raw_client.ts";
import type { Body } from "./support/actor.ts";
import { advance, stopClock } from "./support/clock.ts";
import {
  condition,
  event,
  limiter,
  lock,
  semaphore,
  stream,
  type NamedObject,
} from "./support/named_object.ts";

/** Of who is to be gone for good; the others have longer. */
const TTL_MS = 30_000;

beforeEach(stopClock);

/** `redelivered`: its session is over, and what it had with it. */
const WAYS: readonly {
  way: string;
  redelivered: boolean;
  go: (object: NamedObject, client: RawClient, target: number) => Promise<void>;
}[] = [
  {
    way: "its request is cancelled",
    redelivered: false,
    go: async (_object, client, target) => void (await client.ask("cancel", { target })),
  },
  {
    way: "its session is ended",
    redelivered: true,
    go: async (_object, client) => void (await client.ask("end", {})),
  },
  {
    way: "its socket is gone for good",
    redelivered: true,
    go: async (object, client) => {
      await object.drop(client);
      await outlived(object, client);
    },
  },
  {
    way: "it is silent on an open socket until its session expires",
    redelivered: true,
    go: async (object, client) => {
      await outlived(object, client);
      expect(await client.notice("session-ended")).toMatchObject({ reason: "expired" });
    },
  },
];

/** The TTL passes, and the alarm, which was armed for then, is all that wakes the object. */
async function outlived(object: NamedObject, { hello: { session } }: RawClient): Promise<void> {
  expect(await object.armedAtMs()).toBe(Date.now() + TTL_MS);
  advance(TTL_MS);
  expect(await object.ring()).toBe(true);
  const { sessions } = await object.disk();
  expect(sessions.map(({ id }) => id)).not.toContain(session);
}

/** One that will go, and others that stay. */
async function gathered(
  object: NamedObject,
): Promise<Record<"mortal" | "other" | "next", RawClient>> {
  return {
    mortal: await object.welcomed(hello({ ttlMs: TTL_MS })),
    other: await object.welcomed(),
    next: await object.welcomed(),
  };
}

/** The token of a lock of a condition, or of a borrowing. */
async function taken(client: RawClient, borrower?: string): Promise<number> {
  const config = borrower === undefined ? {} : { borrower, config: { totalTokens: 1 } };
  return tokenOf(await client.ask("acquire", { permits: 1, ...config }));
}

async function opened(client: RawClient, side: "send" | "receive"): Promise<number> {
  return tokenOf(await client.ask("open", { side, config: { maxBufferSize: 1 } }));
}

/** Asks, and sees to it that the object has heard it. */
async function posted<Op extends Request["op"]>(
  client: RawClient,
  op: Op,
  body: Body<Op>,
): Promise<number> {
  const id = client.post(op, body);
  await client.ask("statistics", {});
  return id;
}

describe.each(WAYS)("when $way", ({ way, go, redelivered }) => {
  test("[LK3, W3] a waiter for a lock never holds: the next in line does", async () => {
    const object = lock(`waiter ${way}`);
    const { mortal, other, next } = await gathered(object);
    const token = await other.acquire();
    const waiting = await posted(mortal, "acquire", { permits: 1 });
    const waitingNext = await posted(next, "acquire", { permits: 1 });
    await go(object, mortal, waiting);
    expect(await object.stub.inspect()).toMatchObject({ owner: { token }, tasksWaiting: 1 });
    await other.ask("release", { token });
    const owner = { token: tokenOf(await next.reply(waitingNext)) };
    expect(await object.stub.inspect()).toMatchObject({ owner, tasksWaiting: 0 });
  });

  test("[SE1, W2] all permits of a holder return once, and the next in line has them", async () => {
    const object = semaphore(`holder ${way}`);
    const { mortal, next } = await gathered(object);
    await mortal.ask("acquire", { permits: 2, config: { permits: 3 } });
    const waiting = await posted(next, "acquire", { permits: 3 });
    await go(object, mortal, 1);
    await next.ask("release", { token: tokenOf(await next.reply(waiting)) });
    expect(await object.stub.inspect()).toMatchObject({ value: 3 });
    await object.evict("hibernate");
    expect(await object.stub.inspect()).toMatchObject({ value: 3 });
  });

  test("[SE1, W3, W6] a waiter for many permits blocks nobody any more, and never has any", async () => {
    const object = semaphore(`waiter ${way}`);
    const { mortal, other, next } = await gathered(object);
    await other.ask("acquire", { permits: 1, config: { permits: 3 } });
    const waiting = await posted(mortal, "acquire", { permits: 3 });
    const waitingNext = await posted(next, "acquire", { permits: 1 });
    await go(object, mortal, waiting);
    tokenOf(await next.reply(waitingNext));
    expect(await object.stub.inspect()).toMatchObject({ value: 1, tasksWaiting: 0 });
  });

  test("[W3] a waiter for an event is forgotten", async () => {
    const object = event(`waiter ${way}`);
    const { mortal, other } = await gathered(object);
    const waiting = await posted(mortal, "wait", {});
    await go(object, mortal, waiting);
    expect(await object.stub.inspect()).toMatchObject({ tasksWaiting: 0 });
    await other.ask("set", {});
    expect((await object.disk()).claims).toEqual([]);
  });

  test("[EV2] so is one that was woken", async () => {
    const object = event(`woken ${way}`);
    const { mortal, other } = await gathered(object);
    const waiting = await posted(mortal, "wait", {});
    await other.ask("set", {});
    await go(object, mortal, waiting);
    expect((await object.disk()).claims).toEqual([]);
  });

  test("[CO4, CO3] a waiter that was notified, and has the lock, passes its notification on", async () => {
    const object = condition(`notified ${way}`);
    const { mortal, other, next } = await gathered(object);
    const waiting = await posted(mortal, "wait", { token: await taken(mortal) });
    const waitingNext = await posted(next, "wait", { token: await taken(next) });
    const token = await taken(other);
    await other.ask("notify", { token, count: 1 });
    await other.ask("release", { token });
    await go(object, mortal, waiting);
    // Of a wait that is cancelled only the wait ends: it has the lock, and gives it up (CO5).
    if (!redelivered) await mortal.ask("release", { token: tokenOf(await mortal.reply(waiting)) });
    expect(await next.reply(waitingNext)).toMatchObject({ ok: { woken: "notified" } });
  });

  test("[CO2, W3] a waiter that nobody has notified takes nothing with it", async () => {
    const object = condition(`parked ${way}`);
    const { mortal, other, next } = await gathered(object);
    const waiting = await posted(mortal, "wait", { token: await taken(mortal) });
    const waitingNext = await posted(next, "wait", { token: await taken(next) });
    await go(object, mortal, waiting);
    if (!redelivered) await mortal.ask("release", { token: tokenOf(await mortal.reply(waiting)) });
    const token = await taken(other);
    await other.ask("notify", { token, count: 1 });
    await other.ask("release", { token });
    expect(await next.reply(waitingNext)).toMatchObject({ ok: { woken: "notified" } });
  });

  test("[CL1, W2] a borrower's token goes to the next in line, and its name is free", async () => {
    const object = limiter(`holder ${way}`);
    const { mortal, other, next } = await gathered(object);
    await taken(mortal, "x");
    const waiting = await posted(next, "acquire", { permits: 1, borrower: "y" });
    await go(object, mortal, 1);
    tokenOf(await next.reply(waiting));
    await posted(other, "acquire", { permits: 1, borrower: "x" });
    expect(await object.stub.inspect()).toMatchObject({ waiters: [{ borrower: "x" }] });
  });

  test("[CL1, W3] a borrower that waits is out of line, and its name is free", async () => {
    const object = limiter(`waiter ${way}`);
    const { mortal, other, next } = await gathered(object);
    const token = await taken(other, "x");
    const waiting = await posted(mortal, "acquire", { permits: 1, borrower: "y" });
    const waitingNext = await posted(next, "acquire", { permits: 1, borrower: "z" });
    await go(object, mortal, waiting);
    await posted(other, "acquire", { permits: 1, borrower: "y" });
    expect(await object.stub.inspect()).toMatchObject({
      waiters: [{ borrower: "z" }, { borrower: "y" }],
    });
    await other.ask("release", { token });
    tokenOf(await next.reply(waitingNext));
  });

  test("[ST9] a blocked receiver loses nothing: the item is the next one's", async () => {
    const object = stream(`receiver ${way}`);
    const { mortal, other, next } = await gathered(object);
    const send = await opened(other, "send");
    const receive = await opened(next, "receive");
    const waiting = await posted(mortal, "receive", { end: await opened(mortal, "receive") });
    const waitingNext = await posted(next, "receive", { end: receive });
    await go(object, mortal, waiting);
    await other.ask("send", { end: send, item: "1" });
    expect(await next.reply(waitingNext)).toMatchObject({ ok: { items: [{ item: "1" }] } });
  });

  test("[ST3, ST2] what a receiver was given goes to the next one, before all else", async () => {
    const object = stream(`given ${way}`);
    const { mortal, other, next } = await gathered(object);
    const send = await opened(other, "send");
    const receive = await opened(next, "receive");
    const end = await opened(mortal, "receive");
    await other.ask("send", { end: send, item: "1" });
    const receiving = await posted(mortal, "receive", { end });
    await mortal.reply(receiving);
    await other.ask("send", { end: send, item: "2" });
    await go(object, mortal, receiving);
    const [again, later] = [expect.objectContaining({ item: "1" }), { item: "2" }] as [
      object,
      object,
    ];
    const reply = await next.ask("receive", { end: receive, max: 2 });
    expect(reply).toMatchObject({ ok: { items: [again, later] } });
    expect(JSON.stringify(reply).includes('"redelivered":true')).toBe(redelivered);
  });

  test("[ST8, ST10, W3] a blocked sender's item is nobody's, and the next one's takes its room", async () => {
    const object = stream(`sender ${way}`);
    const { mortal, other, next } = await gathered(object);
    const [end, endOther] = [await opened(mortal, "send"), await opened(other, "send")];
    await other.ask("send", { end: endOther, item: "1" });
    const sending = await posted(mortal, "send", { end, item: "2" });
    const sendingOther = await posted(other, "send", { end: endOther, item: "3" });
    await go(object, mortal, sending);
    const receive = await opened(next, "receive");
    await next.ask("receive", { end: receive });
    expect(await other.reply(sendingOther)).toMatchObject({ ok: {} });
    const last = await next.ask("receive", { end: receive, max: 9 });
    expect(last).toMatchObject({ ok: { items: [{ item: "3" }] } });
  });

  test("[ST4, ST5] the last sender's end is closed, and who waits for an item is told", async () => {
    const object = stream(`end ${way}`);
    const { mortal, next } = await gathered(object);
    await opened(mortal, "send");
    const waiting = await posted(next, "receive", { end: await opened(next, "receive") });
    await go(object, mortal, 1);
    expect(await next.reply(waiting)).toMatchObject({ error: { code: "end-of-stream" } });
  });

  test("[ST4, ST6] the last receiver's end is closed, and who waits for room is told", async () => {
    const object = stream(`broken ${way}`);
    const { mortal, next } = await gathered(object);
    await opened(mortal, "receive");
    const end = await opened(next, "send");
    await next.ask("send", { end, item: "1" });
    const sending = await posted(next, "send", { end, item: "2" });
    await go(object, mortal, 1);
    expect(await next.reply(sending)).toMatchObject({ error: { code: "broken" } });
    expect(await object.stub.inspect()).toMatchObject({ undelivered: 1 });
  });
});
