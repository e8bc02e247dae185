import { connect } from "../../sdk/index.ts";
import type { Case, Setting, Side } from "../case.ts";
import { openEcho } from "../echo/client.ts";
import { perSecond } from "../load.ts";
import { RawClient, type Framing } from "../raw_client.ts";
import { openMany } from "../socket.ts";

const SOCKETS = 16;
const LANES_PER_SOCKET = 8;
/** More than there are lanes: nobody waits for anybody. */
const CONFIG = { permits: 1_000 };

type Step = () => Promise<void>;

/** How many messages one object takes and answers when many ask at once. A cycle of acquire and release is two. */
export async function throughputCase({ latchwork, echo, stack }: Setting): Promise<Case> {
  const sdk = everySocket(() => {
    const semaphore = stack.use(connect(latchwork.url)).semaphore("bench/throughput", CONFIG);
    return async () => {
      const lease = await semaphore.acquire();
      await lease.release();
    };
  });
  const raw = (framing: Framing): Promise<Step[]> =>
    everySocket(async () => {
      const object = { kind: "semaphore", name: `bench/throughput, ${framing}`, framing } as const;
      const client = await RawClient.open(latchwork, object, stack);
      return async () => client.release(await client.acquire(CONFIG));
    });
  const turn = everySocket(() => openEcho(echo, { name: "throughput", mode: "turn" }, stack));
  return {
    name: "throughput",
    base: side("echo, a write a turn", await turn, 1),
    sides: [
      side("SDK", await sdk, 2),
      side("raw, a frame a task", await raw("a frame a task"), 2),
      side("raw, a frame a request", await raw("a frame a request"), 2),
    ],
    questions: [
      {
        name: "throughput",
        title: `Messages to one object, ${SOCKETS} sockets × ${LANES_PER_SOCKET} in flight`,
        unit: "messages/s",
        goals: [{ side: "SDK", is: "at least", limit: 0.6, of: "ratio" }],
      },
    ],
  };
}

function everySocket(open: () => Step | Promise<Step>): Promise<Step[]> {
  return openMany(SOCKETS, open);
}

function side(name: string, sockets: readonly Step[], messagesPerStep: number): Side {
  const lanes = sockets.flatMap((step) => Array.from({ length: LANES_PER_SOCKET }, () => step));
  return perSecond(name, lanes, messagesPerStep);
}
