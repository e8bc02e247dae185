import { Beliefs } from "../checks/beliefs.ts";
import { attempt, someWait, type Stage, type Workload } from "./workload.ts";

/** Many want one lock, hold it for a while, and write to what it guards. */
export function lockWorkload({ violations, operations }: Stage, name: string): Workload {
  const beliefs = new Beliefs(violations);
  return {
    kind: "lock",
    name,

    async task(client) {
      const lock = client.lw.lock(name);
      for (let count = 0; count < operations; count += 1) {
        await client.sleep(client.random.delayMs(100));
        const got = await attempt(violations, "acquire", () => lock.acquire(someWait(client)));
        if ("error" in got) continue;
        const lease = got.value;
        const belief = beliefs.granted(client, lease);
        const { pauses } = client;
        await client.sleep(client.random.delayMs(100));
        if (!lease.signal.aborted) {
          // Who stood still may believe what is no longer true: that is what the token is for.
          const isWritten = beliefs.write(lease);
          violations.check(
            isWritten || client.pauses > pauses,
            () => `the token ${lease.token} of a holder is refused`,
          );
        }
        beliefs.ended(belief);
        await attempt(violations, "release", () => lease.release());
      }
    },

    finish: async () => {},
  };
}
