import { expect, test } from "vitest";
import { startServer } from "../../server/index.ts";
import { temporaryFolder } from "../support/folders.ts";
import { TestProcess } from "../support/processes.ts";
import { until } from "../support/until.ts";
import type { NumberedItem } from "./programs/receiver.ts";

const SENDER = new URL("./programs/sender.ts", import.meta.url);
const RECEIVER = new URL("./programs/receiver.ts", import.meta.url);
const SENDERS = 4;
const ITEMS_EACH = 2_500;
const ITEMS = SENDERS * ITEMS_EACH;
/** Of each receiver. */
const PREFETCH = [1, 1, 8, 64];

test("[ST2, ST3, LE5] 10,000 items from 4 senders to 4 receivers through a buffer of 16, across a SIGKILL of the server: none lost, none twice, each sender's order kept", async () => {
  await using folder = await temporaryFolder();
  let server = await startServer({ dir: folder.path });
  const { port, url } = server;
  const receivers = PREFETCH.map(
    (prefetch) =>
      new TestProcess<"open" | NumberedItem>(RECEIVER, [url, "killed", String(prefetch)]),
  );
  const senders = Array.from({ length: SENDERS }, (_, sender) => {
    const args = [url, "killed", String(sender), String(ITEMS_EACH)];
    return new TestProcess<"open">(SENDER, args);
  });
  for (const end of [...receivers, ...senders]) expect(await end.next()).toBe("open");
  for (const sender of senders) sender.say("begin");

  const received = receivers.map((): NumberedItem[] => []);
  const count = (): number => received.reduce((sum, items) => sum + items.length, 0);
  const receiving = Promise.all(
    receivers.map(async (receiver, index) => {
      for await (const item of receiver.reports()) received[index]?.push(item as NumberedItem);
    }),
  );
  const sending = Promise.all(senders.map((sender) => sender.rest()));
  const working = Promise.all([receiving, sending]);
  for (const part of [0.3, 0.6]) {
    await until(() => count() >= ITEMS * part, working);
    await server.kill();
    server = await startServer({ dir: folder.path, port });
  }
  await working;
  await server.stop();

  const all = received.flat().map(({ sender, number }) => sender * ITEMS_EACH + number);
  expect(new Set(all).size, "items lost").toBe(ITEMS);
  expect(all, "items received twice").toHaveLength(ITEMS);
  for (const items of received) {
    for (let sender = 0; sender < SENDERS; sender += 1) {
      const numbers = items.filter((item) => item.sender === sender).map(({ number }) => number);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
  }
});
