import { connect } from "../../sdk/index.ts";
import type { Case, Setting, Side } from "../case.ts";
import { openEcho, openReceiver, TEXT } from "../echo/client.ts";
import { perSecond } from "../load.ts";

const BUFFER = 256;
/** What the sender has under way. What is sent in one task shares a frame. */
const IN_FLIGHT = 256;
const PREFETCH = 256;

/** Items from one sender to one receiver: those count that the receiver has. */
export async function streamCase({ latchwork, echo, stack }: Setting): Promise<Case> {
  const relay = { received: 0 };
  const fail = (error: Error): void => {
    throw error;
  };
  const got = (): void => void (relay.received += 1);
  await openReceiver(echo, { name: "stream", mode: "receiver" }, { got, fail }, stack);
  const toRelay = await openEcho(echo, { name: "stream", mode: "sender" }, stack);

  const config = { maxBufferSize: BUFFER };
  const senderClient = stack.use(connect(latchwork.url));
  const receiverClient = stack.use(connect(latchwork.url));
  const receiver = await receiverClient
    .stream<string>("bench/stream", config)
    .openReceive({ prefetch: PREFETCH });
  const sender = await senderClient.stream<string>("bench/stream", config).openSend();
  const stream = { received: 0 };
  const receiving = (async () => {
    for await (const _item of receiver) stream.received += 1;
  })();
  stack.defer(async () => {
    await sender.close();
    await receiving;
  });
  return {
    name: "stream",
    base: side("relay, a write a turn", toRelay, relay),
    sides: [side("SDK", () => sender.send(TEXT), stream)],
    questions: [
      {
        name: "stream",
        title: `Items through a stream, buffer ${BUFFER}, one sender, one receiver`,
        unit: "items/s",
        goals: [{ side: "SDK", is: "at least", limit: 0.5, of: "ratio" }],
      },
    ],
  };
}

function side(name: string, send: () => Promise<void>, got: { readonly received: number }): Side {
  const lanes = Array.from({ length: IN_FLIGHT }, () => send);
  const sending = perSecond(name, lanes);
  return {
    name,
    measure: async (forMs) => {
      const [before, startedAtMs] = [got.received, performance.now()];
      await sending.measure(forMs);
      return [((got.received - before) * 1_000) / (performance.now() - startedAtMs)];
    },
  };
}
