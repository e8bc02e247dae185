/** Receives until every sender has closed, and reports each item: `receiver.ts URL STREAM PREFETCH`. */
import { connect } from "../../../sdk/index.ts";

export interface NumberedItem {
  readonly sender: number;
  readonly number: number;
}

const [url = "", name = "", prefetch = ""] = process.argv.slice(2);
await using latchwork = connect(url, { client: `receiver ${process.pid}` });
const stream = latchwork.stream<NumberedItem>(name, { maxBufferSize: 16 });
await using receive = await stream.openReceive({ prefetch: Number(prefetch) });
process.send?.("open");
for await (const item of receive) process.send?.(item);
process.disconnect();
