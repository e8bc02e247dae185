import { connect } from "../../sdk/index.ts";
import type { Case, Setting } from "../case.ts";
import { openEcho } from "../echo/client.ts";
import { p50, timed } from "../load.ts";
import type { Acquire } from "../peers/peer.ts";
import { RawClient } from "../raw_client.ts";

/**
 * How long a lock takes that nobody else wants, from the call to the grant. The release is awaited, so that no step
 * runs into the one before, but not timed.
 */
export async function acquireCase({ latchwork, echo, stack, peers }: Setting): Promise<Case> {
  const lock = stack.use(connect(latchwork.url)).lock("bench/acquire");
  const object = { kind: "lock", name: "bench/acquire-raw", framing: "a frame a task" } as const;
  const raw = await RawClient.open(latchwork, object, stack);
  const write = await openEcho(echo, { name: "acquire", mode: "write" }, stack);
  const turn = await openEcho(echo, { name: "acquire", mode: "turn" }, stack);

  const ours: Acquire = async () => {
    const lease = await lock.acquire();
    return () => lease.release();
  };
  const byHand: Acquire = async () => {
    const token = await raw.acquire();
    return () => raw.release(token);
  };
  const theirs = await Promise.all(
    (await peers()).map(async ({ name, open }) => side(name, await open("bench/acquire", stack))),
  );
  return {
    name: "acquire",
    base: p50("echo, a write a message", () => timed(write)),
    sides: [
      side("SDK", ours),
      side("raw frames", byHand),
      p50("echo, a write a turn", () => timed(turn)),
      ...theirs,
    ],
    questions: [
      {
        name: "acquire",
        title: "Uncontended acquire, one in flight, p50",
        unit: "ms",
        goals: [{ side: "SDK", is: "at most", limit: 1.25, of: "ratio" }],
      },
    ],
  };
}

function side(name: string, acquire: Acquire) {
  return p50(name, async () => {
    const startedAtMs = performance.now();
    const release = await acquire();
    const tookMs = performance.now() - startedAtMs;
    await release();
    return tookMs;
  });
}
