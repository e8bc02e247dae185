import { expect, test } from "vitest";
import type { SendStream } from "../../../sdk/index.ts";
import { apart, received, type Item } from "../../support/anyio/stream_ends.ts";
import { roundTrip, serverOfThisFile } from "../../support/anyio/test_server.ts";
import { watch } from "../../support/sdk/watched.ts";

const server = serverOfThisFile();

const CLOSED = { code: "closed" };
const BROKEN = { code: "broken" };
const END_OF_STREAM = { code: "end-of-stream" };

test("[ST5, ST8] after the sender has closed, it gets closed and the receiver end-of-stream, in every call", async () => {
  const { send, receive } = await apart(server, 0);
  await send.close();
  await expect(receive.tryReceive()).rejects.toMatchObject(END_OF_STREAM);
  await expect(receive.receive()).rejects.toMatchObject(END_OF_STREAM);
  await expect(send.send("too late")).rejects.toMatchObject(CLOSED);
  await expect(send.trySend("too late")).rejects.toMatchObject(CLOSED);
});

test("[ST6, ST8] after the receiver has closed, it gets closed and the sender broken, in every call", async () => {
  const { send, receive } = await apart(server, 1);
  await receive.close();
  await expect(receive.tryReceive()).rejects.toMatchObject(CLOSED);
  await expect(receive.receive()).rejects.toMatchObject(CLOSED);
  await expect(send.send("for nobody")).rejects.toMatchObject(BROKEN);
  await expect(send.trySend("for nobody")).rejects.toMatchObject(BROKEN);
});

test("[ST4] closing an end again is harmless, and says nothing", async () => {
  const { send, receive, third } = await apart(server, 0);
  const [other] = await third.open();
  await send.close();
  await send.close();
  await receive.close();
  await receive.close();
  expect(await other.statistics()).toMatchObject({ openSendStreams: 1, openReceiveStreams: 1 });
});

test("[ST4, ST8] await using closes both ends", async () => {
  const { send, receive } = await apart(server, 1);
  {
    await using _sending = send;
    await using _receiving = receive;
  }
  await expect(send.trySend("too late")).rejects.toMatchObject(CLOSED);
  await expect(receive.tryReceive()).rejects.toMatchObject(CLOSED);
});

test("[ST4] clones go on when what they were cloned from is closed", async () => {
  const { send, receive } = await apart(server, 1);
  const [secondSend, secondReceive] = await Promise.all([send.clone(), receive.clone()]);
  await send.close();
  await receive.close();
  expect(await secondSend.trySend("hello")).toBe(true);
  expect(await secondReceive.tryReceive()).toEqual({ value: "hello" });
});

test("[ST8] an end that is closed cannot be cloned, though a clone of it is open", async () => {
  const { send, receive } = await apart(server, 1);
  const [secondSend, secondReceive] = await Promise.all([send.clone(), receive.clone()]);
  await send.close();
  await receive.close();
  await expect(send.clone()).rejects.toMatchObject(CLOSED);
  await expect(receive.clone()).rejects.toMatchObject(CLOSED);
  expect(await (await secondSend.clone()).trySend("hello")).toBe(true);
  expect(await (await secondReceive.clone()).tryReceive()).toEqual({ value: "hello" });
});

test("[ST4] statistics count the clones that are open", async () => {
  const { send, receive } = await apart(server, 1);
  const secondSend = await send.clone();
  expect(await receive.statistics()).toMatchObject({ openSendStreams: 2, openReceiveStreams: 1 });
  await send.close();
  expect(await secondSend.statistics()).toMatchObject({ openSendStreams: 1 });
  const secondReceive = await receive.clone();
  expect(await secondSend.statistics()).toMatchObject({ openReceiveStreams: 2 });
  await secondReceive.close();
  expect(await secondSend.statistics()).toMatchObject({ openReceiveStreams: 1 });
});

test("[ST4, ST6] senders go on until the last of the receivers' clones has closed", async () => {
  const { send, receive } = await apart(server, 10);
  const second = await receive.clone();
  const third = await receive.clone();
  await receive.close();
  await second.close();
  expect(await send.trySend("somebody is left")).toBe(true);
  await third.close();
  await expect(send.trySend("nobody is left")).rejects.toMatchObject(BROKEN);
});

test("[ST6] what was accepted and will never be received is counted", async () => {
  const { send, receive } = await apart(server, 10);
  await send.send("received");
  await send.send("not received");
  await receive.receive();
  await receive.close();
  expect(await send.statistics()).toMatchObject({ undelivered: 1 });
});

test("[ST5] a receiver that waits is told at once that the last sender has closed", async () => {
  const { send, receive } = await apart(server, 1);
  const receiving = watch(receive.receive());
  await roundTrip(receive);
  expect(receiving.fate).toBe("pending");
  await send.close();
  await expect(receiving.promise).rejects.toMatchObject(END_OF_STREAM);
});

test("[ST6, ST11] a sender that is blocked, even with null, is told at once that the last receiver has closed", async () => {
  const { send, receive } = await apart(server, 0);
  const sending = watch(send.send(null));
  await roundTrip(send);
  expect(sending.fate).toBe("pending");
  await receive.close();
  await expect(sending.promise).rejects.toMatchObject(BROKEN);
});

test("[ST5] what was buffered is received after the sender has closed, and only then the stream ends", async () => {
  const { send, receive } = await apart(server, 1);
  await send.send("hello");
  await send.close();
  expect(await receive.receive()).toBe("hello");
  await expect(receive.receive()).rejects.toMatchObject(END_OF_STREAM);
});

test("[ST1, ST5] a sender and a receiver that each close after one item meet all the same", async () => {
  const { send, receive } = await apart(server, 0);
  const sending = async (): Promise<void> => {
    await using end = send;
    await end.send("test");
  };
  const receiving = async (): Promise<Item> => {
    await using end = receive;
    return await end.receive();
  };
  expect((await Promise.all([sending(), receiving()]))[1]).toBe("test");
});

test("[ST8] a send that is blocked in an end that its own side closes settles with closed, and its item is gone", async () => {
  const { send, receive } = await apart(server, 0);
  const second = await send.clone();
  const sending = watch(send.send("nope"));
  await roundTrip(send);
  await send.close();
  await expect(sending.promise).rejects.toMatchObject(CLOSED);
  expect(await receive.tryReceive()).toBeNull();
  await second.close();
  await expect(receive.receive()).rejects.toMatchObject(END_OF_STREAM);
});

test("[ST8] a receive that is blocked in an end that its own side closes settles with closed", async () => {
  const { receive } = await apart(server, 0);
  const receiving = watch(receive.receive());
  await roundTrip(receive);
  await receive.close();
  await expect(receiving.promise).rejects.toMatchObject(CLOSED);
  await expect(receive.receive()).rejects.toMatchObject(CLOSED);
});

test("[ST8, ST4] closing one sending end settles what is blocked in it, and not what is blocked in its clone", async () => {
  const { send, receive } = await apart(server, 0);
  const second = await send.clone();
  const closing = watch(send.send("nope"));
  const staying = watch(second.send("ok"));
  await roundTrip(send);
  await send.close();
  await expect(closing.promise).rejects.toMatchObject(CLOSED);
  await roundTrip(second);
  expect(staying.fate).toBe("pending");
  expect(await receive.receive()).toBe("ok");
  await staying.promise;
});

test("[ST8, ST4] closing one receiving end settles what is blocked in it, and not what is blocked in its clone", async () => {
  const { send, receive } = await apart(server, 0);
  const second = await receive.clone();
  const closing = watch(receive.receive());
  const staying = watch(second.receive());
  await roundTrip(receive);
  await receive.close();
  await expect(closing.promise).rejects.toMatchObject(CLOSED);
  await roundTrip(second);
  expect(staying.fate).toBe("pending");
  await send.send("ok");
  expect(await staying.promise).toBe("ok");
});

test("[ST4, ST5] a sender whose client is closed counts as closed", async () => {
  const { receive, closeSender } = await apart(server, 0);
  const receiving = watch(receive.receive());
  await roundTrip(receive);
  await closeSender();
  await expect(receiving.promise).rejects.toMatchObject(END_OF_STREAM);
  expect(await receive.statistics()).toMatchObject({ openSendStreams: 0 });
});

test("[ST4, ST6] a receiver whose client is closed counts as closed", async () => {
  const { send, closeReceiver } = await apart(server, 0);
  const sending = watch(send.send("for nobody"));
  await roundTrip(send);
  await closeReceiver();
  await expect(sending.promise).rejects.toMatchObject(BROKEN);
  expect(await send.statistics()).toMatchObject({ openReceiveStreams: 0 });
});

test("[ST7] a side that is closed for good is opened again by reset, and by nothing else", async () => {
  const { send, third } = await apart(server, 1);
  await send.close();
  await expect(third.openSend()).rejects.toMatchObject(CLOSED);
  await third.reset();
  const [again, receive] = await third.open();
  await again.send("anew");
  expect(await receive.receive()).toBe("anew");
});

test("[ST4, ST5] ten producers with a clone each are all received, and the stream ends with the last of them", async () => {
  const { send, receive } = await apart(server, 0);
  const produce = async (clone: SendStream<Item>, producer: number): Promise<void> => {
    await using end = clone;
    for (let item = 0; item < 3; item += 1) await end.send(`${producer}: ${item}`);
  };
  const producers = Array.from({ length: 10 }, (_, producer) => producer);
  const clones = await Promise.all(producers.map(() => send.clone()));
  await send.close();
  const producing = clones.map(produce);
  const items = await received(receive);
  await Promise.all(producing);
  const sent = producers.flatMap((producer) => [0, 1, 2].map((item) => `${producer}: ${item}`));
  expect(items).toHaveLength(sent.length);
  expect(new Set(items)).toEqual(new Set(sent));
});
