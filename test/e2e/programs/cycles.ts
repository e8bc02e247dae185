/** Takes and releases a lock again and again: `cycles.ts URL NAME COUNT`. Reports every turn inside. */
import { connect } from "../../../sdk/index.ts";

export interface Inside {
  readonly token: number;
  /** On the machine's monotonic clock, which all processes share. */
  readonly enteredNs: bigint;
  readonly leftNs: bigint;
}

const [url = "", name = "", count = ""] = process.argv.slice(2);
await using latchwork = connect(url, { client: `cycles ${process.pid}` });
const lock = latchwork.lock(name);
for (let cycle = 0; cycle < Number(count); cycle += 1) {
  const lease = await lock.acquire();
  const enteredNs = process.hrtime.bigint();
  await new Promise(setImmediate);
  const leftNs = process.hrtime.bigint();
  await lease.release();
  process.send?.({ token: lease.token, enteredNs, leftNs } satisfies Inside);
}
process.disconnect();
