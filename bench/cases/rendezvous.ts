import { connect } from "../../sdk/index.ts";
import type { Case, Setting } from "../case.ts";
import { openEcho, openReceiver, TEXT } from "../echo/client.ts";
import { perSecond } from "../load.ts";

/**
 * A stream without a buffer: each send waits until the receiver has the item, and one is under way at a time. Beside
 * it a relay takes a message, writes, passes it on, and takes the answer back.
 */
export async function rendezvousCase({ latchwork, echo, stack }: Setting): Promise<Case> {
  const answerer = { got: (): void => {}, fail: (): void => {} };
  await openReceiver(echo, { name: "rendezvous", mode: "answerer" }, answerer, stack);
  const ask = await openEcho(echo, { name: "rendezvous", mode: "asker" }, stack);

  const config = { maxBufferSize: 0 };
  const [senderClient, receiverClient] = [
    stack.use(connect(latchwork.url)),
    stack.use(connect(latchwork.url)),
  ];
  const receiver = await receiverClient.stream<string>("bench/rendezvous", config).openReceive();
  const sender = await senderClient.stream<string>("bench/rendezvous", config).openSend();
  const receiving = (async () => {
    for await (const _item of receiver);
  })();
  stack.defer(async () => {
    await sender.close();
    await receiving;
  });
  return {
    name: "rendezvous",
    base: perSecond("request-reply relay, a write a request", [ask]),
    sides: [perSecond("SDK", [() => sender.send(TEXT)])],
    questions: [
      {
        name: "rendezvous",
        title: "Items through a rendezvous, one sender, one receiver",
        unit: "items/s",
        goals: [{ side: "SDK", is: "at least", limit: 0.6, of: "ratio" }],
      },
    ],
  };
}
