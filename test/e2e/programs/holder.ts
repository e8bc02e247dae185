/** Holds a lock until told to release it: `holder.ts URL NAME TTL`. Reports what happens to it. */
import { once } from "node:events";
import { connect, type LeaseLostError } from "../../../sdk/index.ts";

export type HolderReport =
  | { readonly what: "waits" | "released" }
  | { readonly what: "holds"; readonly token: number }
  | { readonly what: "lost"; readonly reason: string };

const [url = "", name = "", ttl = ""] = process.argv.slice(2);
const say = (report: HolderReport): void => void process.send?.(report);

const latchwork = connect(url, { client: `holder ${process.pid}`, sessionTtlMs: Number(ttl) });
const lock = latchwork.lock(name);
const acquiring = lock.acquire();
// The line is known to have us when an answer has come that was asked for later on the same connection.
await lock.statistics();
say({ what: "waits" });
const lease = await acquiring;
say({ what: "holds", token: lease.token });
lease.signal.addEventListener("abort", () => {
  const { reason } = lease.signal.reason as LeaseLostError;
  say({ what: "lost", reason });
});
await once(process, "message");
await lease.release();
say({ what: "released" });
await latchwork.close();
process.disconnect();
