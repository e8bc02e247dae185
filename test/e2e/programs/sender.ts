/** Sends numbered items: `sender.ts URL STREAM SENDER COUNT`. Says when its end is open, and waits to be told to begin. */
import { once } from "node:events";
import { connect } from "../../../sdk/index.ts";
import type { NumberedItem } from "./receiver.ts";

const [url = "", name = "", sender = "", count = ""] = process.argv.slice(2);
await using latchwork = connect(url, { client: `sender ${sender}` });
await using send = await latchwork.stream<NumberedItem>(name, { maxBufferSize: 16 }).openSend();
process.send?.("open");
await once(process, "message");
const pending: Promise<void>[] = [];
for (let number = 0; number < Number(count); number += 1) {
  pending.push(send.send({ sender: Number(sender), number }));
  // A few at a time: so sends are blocked, under way and lost with their connection all at once.
  if (pending.length === 8) await Promise.all(pending.splice(0));
}
await Promise.all(pending);
process.disconnect();
