import { connect } from "../../sdk/index.ts";
import type { Case, Setting } from "../case.ts";
import { openEcho } from "../echo/client.ts";
import { p50 } from "../load.ts";
import { RawClient } from "../raw_client.ts";

/**
 * How long a lock takes that nobody else wants, from the call to the grant. The release is awaited, so that no step
 * runs into the one before, but not timed.
 */
export async function acquireCase({ latchwork, echo, stack }: Setting): Promise<Case> {
  const lock = stack.use(connect(latchwork.url)).lock("bench/acquire");
  const object = { kind: "lock", name: "bench/acquire-raw", framing: "a frame a task" } as const;
  const raw = await RawClient.open(latchwork, object, stack);
  const write = await openEcho(echo, { name: "acquire", mode: "write" }, stack);
  const turn = await openEcho(echo, { name: "acquire", mode: "turn" }, stack);

  const acquireAndRelease = async (): Promise<number> => {
    const startedAtMs = performance.now();
    const lease = await lock.acquire();
    const tookMs = performance.now() - startedAtMs;
    await lease.release();
    return tookMs;
  };
  const acquireAndReleaseRaw = async (): Promise<number> => {
    const startedAtMs = performance.now();
    const token = await raw.acquire();
    const tookMs = performance.now() - startedAtMs;
    await raw.release(token);
    return tookMs;
  };
  return {
    name: "acquire",
    title: "Uncontended acquire, one in flight, p50",
    unit: "ms",
    base: side("echo, a write a message", timed(write)),
    sides: [
      side("SDK", acquireAndRelease),
      side("raw frames", acquireAndReleaseRaw),
      side("echo, a write a turn", timed(turn)),
    ],
    goal: { side: "SDK", ratio: 1.25, is: "at most" },
  };
}

function side(name: string, step: () => Promise<number>) {
  return { name, measure: (forMs: number) => p50(step, forMs) };
}

function timed(step: () => Promise<void>): () => Promise<number> {
  return async () => {
    const startedAtMs = performance.now();
    await step();
    return performance.now() - startedAtMs;
  };
}
