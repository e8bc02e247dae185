import { connect } from "../../sdk/index.ts";
import type { Case, Setting } from "../case.ts";
import { openEcho } from "../echo/client.ts";
import { p50 } from "../load.ts";

/** From nothing to the first answer: a new client dials a name that nobody has used, and acquires. */
export function connectCase({ latchwork, echo }: Setting): Case {
  let names = 0;
  const bare = async (mode: "plain" | "write"): Promise<number> => {
    await using stack = new AsyncDisposableStack();
    names += 1;
    const startedAtMs = performance.now();
    const ask = await openEcho(echo, { name: `cold-${names}`, mode }, stack);
    await ask();
    return performance.now() - startedAtMs;
  };
  const acquire = async (): Promise<number> => {
    names += 1;
    const startedAtMs = performance.now();
    await using client = connect(latchwork.url);
    await client.lock(`bench/cold/${names}`).acquire();
    return performance.now() - startedAtMs;
  };
  return {
    name: "connect",
    base: p50("bare upgrade + echo with a write", () => bare("write")),
    sides: [p50("SDK", acquire), p50("bare upgrade + echo without", () => bare("plain"))],
    questions: [
      {
        name: "connect",
        title: "Connect and first acquire, from cold, p50",
        unit: "ms",
        goals: [{ side: "SDK", is: "at most", limit: 1.3, of: "ratio" }],
      },
    ],
  };
}
