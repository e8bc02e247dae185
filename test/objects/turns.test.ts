import { beforeEach, describe, expect, test, vi } from "vitest";
import { encodeRequests, type Request } from "../../sdk/protocol.ts";
import { tokenOf, type RawClient } from "../support/raw_client.ts";
import { stopClock } from "./support/clock.ts";
import { lock, semaphore, stream, type NamedObject } from "./support/named_object.ts";

beforeEach(stopClock);

/** Until it is mended, the disk fails at such a write, wherever in a transaction that is. */
async function breakDisk(
  object: NamedObject,
  at: "INSERT ON claims" | "DELETE ON claims",
): Promise<() => Promise<void>> {
  await object.inside(async ({ storage }) => {
    storage.sql.exec(
      `CREATE TRIGGER broken BEFORE ${at} BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`,
    );
    await storage.sync();
  });
  return () => object.inside(({ storage }) => void storage.sql.exec("DROP TRIGGER broken"));
}

/** Hands frames to the object as the platform would, all in one turn, and lets `then` happen before it ends. */
function inOneTurn(
  object: NamedObject,
  frames: readonly { from: RawClient; requests: readonly Request[] }[],
  then: (ctx: DurableObjectState) => void = () => {},
): Promise<void> {
  return object.inside((ctx, instance) => {
    for (const { from, requests } of frames) {
      const socket = ctx.getWebSockets().find((each) => {
        const attachment = each.deserializeAttachment() as { session: string } | null;
        return attachment?.session === from.hello.session;
      });
      if (socket === undefined) throw new Error(`${from.hello.client} has no socket.`);
      for (const frame of encodeRequests(requests)) instance.webSocketMessage(socket, frame);
    }
    then(ctx);
  });
}

const ACQUIRE: Request = { id: 1, op: "acquire", permits: 1 };

describe("a turn", () => {
  test("is one transaction, and one frame for each socket", async () => {
    const object = lock("turn");
    const clients = [await object.welcomed(), await object.welcomed(), await object.welcomed()];
    const storage = await object.inside(
      (ctx) => Object.getPrototypeOf(ctx.storage) as DurableObjectStorage,
    );
    using transactions = vi.spyOn(storage, "transactionSync");
    const before = clients.map(({ framesCount }) => framesCount);
    const frames = clients.flatMap((from) => [
      { from, requests: [ACQUIRE, { id: 2, op: "statistics" }] as const },
      { from, requests: [{ id: 3, op: "statistics" }] as const },
    ]);
    await inOneTurn(object, frames);
    for (const client of clients) await client.reply(3);
    expect(transactions).toHaveBeenCalledTimes(1);
    expect(clients.map(({ framesCount }, index) => framesCount - (before[index] ?? 0))).toEqual([
      1, 1, 1,
    ]);
  });
});

describe("a turn ends", () => {
  test.each([
    ["never settles", () => new Promise<void>(() => {})],
    ["fails", () => Promise.reject(new Error("Broken."))],
  ])("and is answered, when the platform's sync %s", async (how, sync) => {
    const object = lock(`sync-${how}`);
    const client = await object.welcomed();
    const storage = await object.inside(
      (ctx) => Object.getPrototypeOf(ctx.storage) as DurableObjectStorage,
    );
    using syncs = vi.spyOn(storage, "sync").mockImplementation(sync);
    const token = await client.acquire();
    expect(await client.ask("release", { token })).toEqual({ re: 2, ok: {} });
    expect(syncs).toHaveBeenCalled();
  });

  test("[ST1] once for what a client sends in a burst of frames, whatever they change", async () => {
    const object = stream("burst");
    const client = await object.welcomed();
    const config = { maxBufferSize: 100 };
    const end = tokenOf(await client.ask("open", { side: "send", config }));
    const storage = await object.inside(
      (ctx) => Object.getPrototypeOf(ctx.storage) as DurableObjectStorage,
    );
    using transactions = vi.spyOn(storage, "transactionSync");
    const frames = Array.from({ length: 20 }, (_, index) => ({
      from: client,
      requests: [{ id: index + 2, op: "send", end, item: String(index) }] as const,
    }));
    await inOneTurn(object, frames);
    await client.reply(21);
    expect(transactions).toHaveBeenCalledTimes(1);
    expect((await object.disk()).items.map(({ text }) => text)).toEqual(
      frames.map((_, index) => String(index)),
    );
  });
});

describe("a write that fails", () => {
  test("[LE5] is answered to nobody; clients come back, repeat and are answered", async () => {
    const object = lock("fails");
    const [first, second] = [await object.welcomed(), await object.welcomed()];
    const mend = await breakDisk(object, "INSERT ON claims");
    first.send(ACQUIRE);
    second.send(ACQUIRE);
    await Promise.all([first.closed, second.closed]);
    await mend();
    expect([...first.unread, ...second.unread]).toEqual([]);
    expect(await object.stub.inspect()).toMatchObject({ locked: false, tasksWaiting: 0 });
    const back = await object.welcomed(second.again());
    back.send(ACQUIRE);
    expect(tokenOf(await back.reply(1))).toBeGreaterThan(0);
  });

  test("leaves what was last committed, and of its own transaction nothing", async () => {
    const object = semaphore("half-way");
    const client = await object.welcomed();
    const mend = await breakDisk(object, "INSERT ON claims");
    // The configuration is written before the claim, in the same transaction.
    client.send({ ...ACQUIRE, config: { permits: 2 } });
    await client.closed;
    await mend();
    expect(await object.stub.inspect()).toMatchObject({ fault: { code: "not-configured" } });
    const { sessions, claims } = await object.disk();
    expect([sessions.length, claims]).toEqual([1, []]);
  });

  test("[LK1, LE1] of a release leaves the holder what it holds", async () => {
    const object = lock("release-fails");
    const holder = await object.welcomed();
    const token = await holder.acquire();
    const waiter = await object.welcomed();
    waiter.send(ACQUIRE);
    await waiter.ask("statistics", {});
    const mend = await breakDisk(object, "DELETE ON claims");
    holder.post("release", { token });
    await Promise.all([holder.closed, waiter.closed]);
    await mend();
    expect(waiter.unread).toEqual([]);
    expect(await object.stub.inspect()).toMatchObject({ owner: { token }, tasksWaiting: 1 });
  });
});

describe("a crash in the middle of a turn", () => {
  test("[LE5] leaves nothing of it: what was asked is asked again, and granted once", async () => {
    const object = lock("crash");
    const [first, second] = [await object.welcomed(), await object.welcomed()];
    const frames = [first, second].map((from) => ({ from, requests: [ACQUIRE] }));
    await expect(inOneTurn(object, frames, (ctx) => ctx.abort("crash"))).rejects.toThrow("crash");
    await Promise.all([first.closed, second.closed]);
    expect([...first.unread, ...second.unread]).toEqual([]);
    expect(await object.stub.inspect()).toMatchObject({ locked: false, tasksWaiting: 0 });
    const back = await object.welcomed(first.again());
    back.send(ACQUIRE);
    const token = tokenOf(await back.reply(1));
    expect(await object.stub.inspect()).toMatchObject({ owner: { token } });
  });

  test("[LE2, LE5] after a hand-over finds every claim as it was when it was last answered", async () => {
    const object = lock("hand-over");
    const [holder, waiter] = [await object.welcomed(), await object.welcomed()];
    const token = await holder.acquire();
    waiter.send(ACQUIRE);
    await waiter.ask("statistics", {});
    const release: Request = { id: 2, op: "release", token };
    const crash = inOneTurn(object, [{ from: holder, requests: [release] }], (ctx) =>
      ctx.abort("crash"),
    );
    await expect(crash).rejects.toThrow("crash");
    await Promise.all([holder.closed, waiter.closed]);
    const [back, waiting] = [
      await object.welcomed(holder.again()),
      await object.welcomed(waiter.again()),
    ];
    waiting.send(ACQUIRE);
    back.send(release);
    expect(await back.reply(2)).toEqual({ re: 2, ok: {} });
    expect(tokenOf(await waiting.reply(1))).toBeGreaterThan(token);
  });
});
