import { expect, test } from "vitest";
import { ALL_WAYS, BY_ABORT, BY_TIME_OUT, WAYS_AT_WILL } from "../../support/anyio/giving_up.ts";
import { apart, received } from "../../support/anyio/stream_ends.ts";
import { roundTrip, serverOfThisFile } from "../../support/anyio/test_server.ts";
import { watch } from "../../support/sdk/watched.ts";

const server = serverOfThisFile();

test.each([1.5, -1, Number.NaN])(
  "[ST1] maxBufferSize is a whole number from 0, or Infinity, and not %d",
  async (maxBufferSize) => {
    const refused = { code: "invalid-argument" };
    await expect(apart(server, maxBufferSize)).rejects.toMatchObject(refused);
  },
);

test("[ST1, ST2] a receiver that waits gets what is sent, in the order sent", async () => {
  const { send, receive } = await apart(server, 0);
  const receiving = [receive.receive(), receive.receive()];
  await roundTrip(receive);
  await send.send("hello");
  await send.send("latchwork");
  expect(await Promise.all(receiving)).toEqual(["hello", "latchwork"]);
});

test("[ST2, ST10, W1] trySend reaches receivers that wait, the first of them first, one item each", async () => {
  const { send, receive, third } = await apart(server, 0);
  const another = await third.openReceive();
  const first = receive.receive();
  await roundTrip(receive);
  const second = another.receive();
  await roundTrip(another);
  expect(await send.trySend("hello")).toBe(true);
  expect(await send.trySend("latchwork")).toBe(true);
  expect(await send.trySend("too many")).toBe(false);
  expect(await Promise.all([first, second])).toEqual(["hello", "latchwork"]);
});

test("[ST1] without a buffer a send waits until tryReceive has taken its item", async () => {
  const { send, receive } = await apart(server, 0);
  expect(await receive.tryReceive()).toBeNull();
  expect(await send.trySend("nobody there")).toBe(false);
  const sending = watch(send.send("hello"));
  await roundTrip(send);
  expect(sending.fate).toBe("pending");
  expect(await receive.tryReceive()).toEqual({ value: "hello" });
  await sending.promise;
  expect(await receive.tryReceive()).toBeNull();
});

test("[ST10] tryReceive makes room, and the item of the blocked sender is in the buffer by then", async () => {
  const { send, receive } = await apart(server, 1);
  await send.send("hello");
  const sending = watch(send.send("latchwork"));
  await roundTrip(send);
  expect(sending.fate).toBe("pending");
  expect(await receive.tryReceive()).toEqual({ value: "hello" });
  expect(await receive.statistics()).toMatchObject({ currentBufferUsed: 1, tasksWaitingSend: 0 });
  await sending.promise;
  expect(await receive.tryReceive()).toEqual({ value: "latchwork" });
});

test("[ST1, ST2] trySend fills the buffer and tryReceive empties it, in the order sent; beyond that they say so", async () => {
  const { send, receive } = await apart(server, 2);
  expect(await send.trySend("hello")).toBe(true);
  expect(await send.trySend(null)).toBe(true);
  expect(await send.trySend("too many")).toBe(false);
  expect(await receive.tryReceive()).toEqual({ value: "hello" });
  expect(await receive.tryReceive()).toEqual({ value: null });
  expect(await receive.tryReceive()).toBeNull();
});

test("[ST1] a buffer of Infinity takes everything without waiting", async () => {
  const { send, receive } = await apart(server, Infinity);
  const items = Array.from({ length: 10 }, (_, index) => `item ${index}`);
  for (const item of items) expect(await send.trySend(item)).toBe(true);
  expect(await send.statistics()).toMatchObject({
    maxBufferSize: Infinity,
    currentBufferUsed: items.length,
  });
  await send.close();
  expect(await received(receive)).toEqual(items);
});

test("[ST9, W2] a try never passes those who wait: not a receiver with an item to come, nor a sender with room to come", async () => {
  const { send, receive, third } = await apart(server, 1);
  const [rival, another] = await third.open();
  const receiving = receive.receive();
  await roundTrip(receive);
  const sent = rival.send("for the first");
  expect(await another.tryReceive()).toBeNull();
  await sent;
  expect(await receiving).toBe("for the first");

  await rival.send("in the buffer");
  const sending = send.send("in line");
  await roundTrip(send);
  const taken = another.tryReceive();
  expect(await rival.trySend("too late")).toBe(false);
  expect(await taken).toEqual({ value: "in the buffer" });
  await sending;
  expect(await receive.receive()).toBe("in line");
});

test("[ST5] a loop over the receiving end gets every item, and ends when the sender has closed", async () => {
  const { send, receive } = await apart(server, 0);
  const looping = received(receive);
  await send.send("hello");
  await send.send("latchwork");
  await send.close();
  expect(await looping).toEqual(["hello", "latchwork"]);
});

test.each(ALL_WAYS)(
  "[ST9] a receiver that gave up takes nothing, so that trySend finds nobody: $how",
  async ({ prepare }) => {
    const { send, receive, third, closeReceiver } = await apart(server, 0);
    await third.openReceive();
    const { options, giveUp, error } = prepare(closeReceiver);
    const receiving = watch(receive.receive(options));
    await roundTrip(receive);
    await giveUp();
    await expect(receiving.promise).rejects.toMatchObject(error);
    expect(await send.trySend("hello")).toBe(false);
    expect(await send.statistics()).toMatchObject({ tasksWaitingReceive: 0 });
  },
);

test.each(ALL_WAYS)(
  "[W3] a send that was given up is withdrawn, and nobody receives its item: $how",
  async ({ prepare }) => {
    const { send, receive, third, closeSender } = await apart(server, 0);
    await third.openSend();
    const { options, giveUp, error } = prepare(closeSender);
    const sending = watch(send.send("hello", options));
    await roundTrip(send);
    await giveUp();
    await expect(sending.promise).rejects.toMatchObject(error);
    expect(await receive.tryReceive()).toBeNull();
    expect(await receive.statistics()).toMatchObject({ tasksWaitingSend: 0 });
  },
);

test.each([BY_ABORT, BY_TIME_OUT])(
  "[ST9] what is sent after a receiver gave up is kept in the buffer for the next: $how",
  async ({ prepare }) => {
    const { send, receive } = await apart(server, 1);
    const { options, giveUp, error } = prepare(() => Promise.resolve());
    const receiving = watch(receive.receive(options));
    await roundTrip(receive);
    await giveUp();
    await expect(receiving.promise).rejects.toMatchObject(error);
    expect(await send.trySend("item")).toBe(true);
    expect(await receive.tryReceive()).toEqual({ value: "item" });
  },
);

test.each(WAYS_AT_WILL)(
  "[ST9] an item that crosses the receiver's giving up is kept for the next: $how",
  async ({ prepare }) => {
    const { send, receive, third, closeReceiver } = await apart(server, 1);
    const another = await third.openReceive();
    const { options, giveUp, error } = prepare(closeReceiver);
    const receiving = watch(receive.receive(options));
    await roundTrip(receive);
    await Promise.all([send.send("hello"), giveUp()]);
    await expect(receiving.promise).rejects.toMatchObject(error);
    expect(await another.tryReceive()).toEqual({ value: "hello" });
    expect(await another.tryReceive()).toBeNull();
  },
);

test.each(WAYS_AT_WILL)(
  "[ST1, ST9] without a buffer, an item that crosses the receiver's giving up goes to the next who waits: $how",
  async ({ prepare }) => {
    const { send, receive, third, closeReceiver } = await apart(server, 0);
    const another = await third.openReceive();
    const { options, giveUp, error } = prepare(closeReceiver);
    const receiving = watch(receive.receive(options));
    await roundTrip(receive);
    const next = another.receive();
    await roundTrip(another);
    await Promise.all([send.send("hello"), giveUp()]);
    await expect(receiving.promise).rejects.toMatchObject(error);
    expect(await next).toBe("hello");
  },
);

test("[ST9] a receive whose signal is aborted already takes nothing from the senders that wait", async () => {
  const { send, receive } = await apart(server, 0);
  const sending = [send.send("hello"), send.send("world")];
  await roundTrip(send);
  const { options, giveUp, error } = BY_ABORT.prepare(() => Promise.resolve());
  await giveUp();
  await expect(receive.receive(options)).rejects.toMatchObject(error);
  expect(await receive.receive()).toBe("hello");
  expect(await receive.receive()).toBe("world");
  await Promise.all(sending);
});

test("[W3] a send whose signal is aborted already gives nothing to the receiver that waits", async () => {
  const { send, receive } = await apart(server, 0);
  const receiving = receive.receive();
  await roundTrip(receive);
  const { options, giveUp, error } = BY_ABORT.prepare(() => Promise.resolve());
  await giveUp();
  await expect(send.send("hello", options)).rejects.toMatchObject(error);
  await send.send("world");
  expect(await receiving).toBe("world");
});

test("[ST10] statistics, at either end, count items, open ends and who is blocked", async () => {
  const { send, receive } = await apart(server, 1);
  const idle = {
    currentBufferUsed: 0,
    maxBufferSize: 1,
    openSendStreams: 1,
    openReceiveStreams: 1,
    tasksWaitingSend: 0,
    tasksWaitingReceive: 0,
    undelivered: 0,
  };
  expect(await send.statistics()).toEqual(idle);
  expect(await receive.statistics()).toEqual(idle);

  const sending: Promise<void>[] = [];
  for (let blocked = 0; blocked <= 3; blocked += 1) {
    sending.push(send.send(`item ${blocked}`));
    const full = { currentBufferUsed: 1, tasksWaitingSend: blocked };
    expect(await send.statistics()).toMatchObject(full);
    expect(await receive.statistics()).toMatchObject(full);
  }
  for (let blocked = 2; blocked >= 0; blocked -= 1) {
    await receive.receive();
    const full = { currentBufferUsed: 1, tasksWaitingSend: blocked };
    expect(await send.statistics()).toMatchObject(full);
    expect(await receive.statistics()).toMatchObject(full);
  }
  await receive.receive();
  await Promise.all(sending);

  const receiving = receive.receive();
  expect(await receive.statistics()).toEqual({ ...idle, tasksWaitingReceive: 1 });
  expect(await send.trySend("the last")).toBe(true);
  expect(await send.statistics()).toEqual(idle);
  expect(await receiving).toBe("the last");
});

test("[ST2] whoever waits gets something, and every item is received once", async () => {
  const { send, receive, third } = await apart(server, 1);
  const receivers = [receive, await receive.clone(), await third.openReceive()];
  const looping = receivers.map((receiver) => received(receiver));
  await Promise.all(receivers.map(roundTrip));
  expect(await send.statistics()).toMatchObject({ tasksWaitingReceive: 3 });
  const items = Array.from({ length: 10 }, (_, index) => `item ${index}`);
  for (const item of items) await send.send(item);
  await send.close();
  const shares = await Promise.all(looping);
  for (const share of shares) expect(share).not.toEqual([]);
  expect(shares.flat()).toHaveLength(items.length);
  expect(new Set(shares.flat())).toEqual(new Set(items));
});
