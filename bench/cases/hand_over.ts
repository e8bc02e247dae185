import { connect } from "../../sdk/index.ts";
import type { Case, Goal, Setting, Side } from "../case.ts";
import { openRelay } from "../echo/client.ts";
import { repeat } from "../load.ts";
import type { Acquire, Peer } from "../peers/peer.ts";
import { quantile } from "../quantiles.ts";
import { openMany } from "../socket.ts";

const CLIENTS = 16;

/**
 * 16 clients want one lock, hold it for no time, and want it again: how often it changes hands, and how long each
 * waits. Clients that poll need a long round before it shows how long the unlucky ones wait.
 */
export async function handOverCase({ latchwork, echo, stack, peers }: Setting): Promise<Case> {
  const relay = await openRelay(echo, { name: "hand-over", runners: CLIENTS }, stack);
  const ours = (): Acquire => {
    const lock = stack.use(connect(latchwork.url)).lock("bench/hand-over");
    return async () => {
      const lease = await lock.acquire();
      return () => lease.release();
    };
  };
  const theirs = await peers();
  const sides = [side("SDK", await openMany(CLIENTS, ours))];
  for (const { name, open } of theirs) {
    sides.push(side(name, await openMany(CLIENTS, () => open("bench/hand-over", stack))));
  }
  return {
    name: "hand-over",
    base: { name: "bare relay", measure: (forMs) => noting((note) => relay(forMs, note)) },
    sides,
    effort: { rounds: 5, roundMs: 1_500, warmUpMs: 300 },
    questions: [
      {
        name: "hand-over",
        title: `Hand-over, ${CLIENTS} clients in line for one lock`,
        unit: "cycles/s",
        goals: [{ side: "SDK", is: "at least", limit: 0.7, of: "ratio" }],
      },
      {
        name: "fairness",
        title: "Fairness there: p99 of the waits ÷ their mean",
        unit: "p99 ÷ mean",
        goals: [{ side: "SDK", is: "at most", limit: 1.5, of: "figure" }],
      },
      {
        name: "worst-wait",
        title: "The worst wait there",
        unit: "ms",
        goals: theirs.map(worstWaitBeside),
      },
    ],
  };
}

function worstWaitBeside({ name }: Peer): Goal {
  return { side: "SDK", is: "at most", limit: 0.2, of: "ratio", beside: name };
}

function side(name: string, clients: readonly Acquire[]): Side {
  return {
    name,
    measure: (forMs) =>
      noting(async (note) => {
        const untilMs = performance.now() + forMs;
        const cycle = async (acquire: Acquire): Promise<void> => {
          const startedAtMs = performance.now();
          const release = await acquire();
          note(performance.now() - startedAtMs);
          await release();
        };
        await Promise.all(clients.map((acquire) => repeat(() => cycle(acquire), untilMs)));
      }),
  };
}

/** Cycles in a second, p99 wait ÷ mean wait, and the worst wait. */
async function noting(run: (note: (waitedMs: number) => void) => Promise<void>): Promise<number[]> {
  const waitsMs: number[] = [];
  const startedAtMs = performance.now();
  await run((waitedMs) => void waitsMs.push(waitedMs));
  const tookMs = performance.now() - startedAtMs;
  const meanMs = waitsMs.reduce((sum, waitMs) => sum + waitMs, 0) / waitsMs.length;
  return [
    (waitsMs.length * 1_000) / tookMs,
    quantile(waitsMs, 0.99) / meanMs,
    quantile(waitsMs, 1),
  ];
}
