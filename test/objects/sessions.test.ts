import { beforeEach, describe, expect, test } from "vitest";
import { errorOf, hello, type RawClient } from "../support/raw_client.ts";
import { advance, stopClock } from "./support/clock.ts";
import { lock, type NamedObject } from "./support/named_object.ts";

const TTL_MS = 60_000;

beforeEach(stopClock);

interface Line {
  readonly object: NamedObject;
  readonly holder: RawClient;
  readonly token: number;
  readonly waiter: RawClient;
  /** The request that waits. */
  readonly waiting: number;
}

async function line(name: string): Promise<Line> {
  const object = lock(name);
  const holder = await object.welcomed();
  const token = await holder.acquire();
  const waiter = await object.welcomed();
  const waiting = waiter.post("acquire", { permits: 1 });
  await waiter.ask("statistics", {});
  return { object, holder, token, waiter, waiting };
}

describe("a session", () => {
  test("is welcomed when it opens, and holds nothing", async () => {
    const client = await lock("opens").open();
    const welcome = { notice: "welcome", version: 1, resumed: false, held: [] };
    expect(await client.notice("welcome")).toEqual(welcome);
  });

  test("[LE1, LE5] is resumed by whoever knows its id and secret, and holds what it held", async () => {
    const { object, holder, token } = await line("resumed");
    await object.drop(holder);
    const back = await object.open(holder.again());
    expect(await back.notice("welcome")).toMatchObject({ resumed: true, held: [token] });
    expect(await back.ask("release", { token })).toHaveProperty("ok");
  });

  test("is resumed by a hello that says it never was welcomed: its welcome may have been lost", async () => {
    const { object, holder, token } = await line("unwelcomed");
    const back = await object.open({ ...holder.again(), resume: false });
    expect(await back.notice("welcome")).toMatchObject({ resumed: true, held: [token] });
  });

  test("[LE3] is not had with a wrong secret, and does not notice the attempt", async () => {
    const { object, holder, token } = await line("wrong-secret");
    const thief = await object.open({ ...holder.again(), secret: "another-secret-altogether" });
    expect(await thief.notice("refused")).toMatchObject({ error: { code: "forbidden" } });
    expect(await thief.closed).toMatchObject({ code: 4400 });
    expect(await holder.ask("release", { token })).toHaveProperty("ok");
    expect(holder.unread).toEqual([]);
  });

  test("goes with its latest connection: the one before is closed", async () => {
    const { object, holder, token } = await line("superseded");
    const later = await object.welcomed(holder.again());
    expect(await holder.closed).toMatchObject({ code: 4409 });
    expect(await later.ask("release", { token })).toHaveProperty("ok");
  });

  test("stays with its latest connection when an earlier one comes late", async () => {
    const { object, holder, token } = await line("late");
    const later = await object.welcomed({ ...holder.again(), attempt: 3 });
    const late = await object.open(holder.again());
    expect(await late.closed).toMatchObject({ code: 4409 });
    expect(late.unread).toEqual([]);
    expect(await later.ask("release", { token })).toHaveProperty("ok");
  });

  test("that is not known cannot be resumed: it has ended", async () => {
    const client = await lock("unknown").open(hello({ resume: true }));
    const notice = { notice: "session-ended", reason: "expired" };
    expect(await client.notice("session-ended")).toEqual(notice);
    expect(await client.closed).toMatchObject({ code: 4410 });
  });

  test("[LE3] cannot release what another holds", async () => {
    const { object, token, waiter } = await line("another's");
    expect(errorOf(await waiter.ask("release", { token }))).toBe("not-owner");
    expect(await object.stub.inspect()).toMatchObject({ owner: { token }, tasksWaiting: 1 });
  });
});

describe("a socket that is dropped", () => {
  test("[LE1, LK2] leaves its session what it holds for a TTL; then the next in line has it", async () => {
    const { object, holder, token, waiter, waiting } = await line("holder-drops");
    advance(1_000);
    await waiter.ask("statistics", {});
    await object.drop(holder);
    advance(TTL_MS - 1);
    await waiter.ask("statistics", {});
    expect(await object.stub.inspect()).toMatchObject({ owner: { token }, tasksWaiting: 1 });
    advance(1);
    expect(await object.ring()).toBe(true);
    expect(await waiter.reply(waiting)).toHaveProperty("ok");
    const late = await object.open(holder.again());
    expect(await late.closed).toMatchObject({ code: 4410 });
  });

  test("[W1, W3] leaves its session its place in line for a TTL; then it is out of line", async () => {
    const { object, holder, token, waiter } = await line("waiter-drops");
    await object.drop(waiter);
    const behind = await object.welcomed();
    const waiting = behind.post("acquire", { permits: 1 });
    advance(TTL_MS - 1);
    for (const client of [holder, behind]) await client.ask("statistics", {});
    expect(await object.stub.inspect()).toMatchObject({ tasksWaiting: 2 });
    advance(1);
    await object.ring();
    expect(await object.stub.inspect()).toMatchObject({ tasksWaiting: 1 });
    await holder.ask("release", { token });
    expect(await behind.reply(waiting)).toHaveProperty("ok");
  });

  test("[W1, LE5] does not cost a waiter its turn: what was granted meanwhile is found on return", async () => {
    const { object, holder, token, waiter, waiting } = await line("granted-meanwhile");
    await object.drop(waiter);
    await holder.ask("release", { token });
    const back = await object.open(waiter.again());
    const { held } = await back.notice("welcome");
    back.send({ id: waiting, op: "acquire", permits: 1 });
    expect(await back.reply(waiting)).toEqual({ re: waiting, ok: { token: held[0] } });
  });
});

describe("a session that ends cleanly", () => {
  test("[LE6] frees at once what it holds, and its socket is closed", async () => {
    const { object, holder, waiter, waiting } = await line("ends");
    expect(await holder.ask("end", {})).toEqual({ re: 2, ok: {} });
    expect(await waiter.reply(waiting)).toHaveProperty("ok");
    expect(await holder.closed).toMatchObject({ code: 1000 });
    const back = await object.open(holder.again());
    expect(await back.closed).toMatchObject({ code: 4410 });
  });

  test("[LE6, W3] frees at once its place in line", async () => {
    const { object, waiter } = await line("waiter-ends");
    await waiter.ask("end", {});
    expect(await object.stub.inspect()).toMatchObject({ locked: true, tasksWaiting: 0 });
  });

  test("leaves no row, though its socket closes after it", async () => {
    const object = lock("no-row");
    const client = await object.welcomed();
    client.post("end", {});
    await object.drop(client);
    await object.stub.inspect();
    expect(await object.disk()).toEqual({ sessions: [], claims: [], items: [] });
  });
});

test("[LE1, LK2] an operator takes what is held: its owner is told, and the next in line has it", async () => {
  const { object, holder, token, waiter, waiting } = await line("operator");
  expect(await object.stub.revoke(token)).toBe(true);
  expect(await holder.notice("lost")).toEqual({ notice: "lost", token, reason: "revoked" });
  expect(await waiter.reply(waiting)).toHaveProperty("ok");
  expect(errorOf(await holder.ask("release", { token }))).toBe("not-owner");
  expect(await object.stub.revoke(token)).toBe(false);
});
