import type { ReceiveStream, SendStream, Stream } from "../../../sdk/index.ts";
import type { TestServer } from "./test_server.ts";

export type Item = string | null;

/** One stream: a sending end in one client, a receiving end in another, and a third client with none yet. */
export interface Apart {
  readonly send: SendStream<Item>;
  readonly receive: ReceiveStream<Item>;
  readonly third: Stream<Item>;
  /** Ends the session of the client that sends. */
  readonly closeSender: () => Promise<void>;
  readonly closeReceiver: () => Promise<void>;
}

export async function apart(server: TestServer, maxBufferSize: number): Promise<Apart> {
  const [ours, theirs, third] = server.three((latchwork, name) =>
    latchwork.stream<Item>(name, { maxBufferSize }),
  );
  return {
    send: await ours.openSend(),
    receive: await theirs.openReceive(),
    third,
    closeSender: () => server.closeClientOf(ours),
    closeReceiver: () => server.closeClientOf(theirs),
  };
}

/** All that comes until the stream ends. */
export async function received(receive: ReceiveStream<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of receive) items.push(item);
  return items;
}
