import {
  BrokenResourceError,
  ClosedResourceError,
  ConnectionLostError,
  EndOfStreamError,
  LeaseLostError,
  TimeoutError,
  type ReceiveStream,
  type SendStream,
  type WaitOptions,
} from "../../../sdk/index.ts";
import type { SimClient } from "../world/sim_client.ts";
import { Aborted, attempt, someWait, type Stage, type Workload } from "./workload.ts";

type Fate = "under way" | "sent" | "not sent" | "unknown";

const ENDED = [ClosedResourceError, EndOfStreamError, BrokenResourceError];

/** Senders and receivers, who open ends and close them, give up, and die. */
export function streamWorkload(stage: Stage, name: string): Workload {
  const { violations, operations, random, clients } = stage;
  const config = { maxBufferSize: random.pick([0, 1, 3, 16, Infinity]) };
  const fates = new Map<string, Fate>();
  const receipts = new Map<string, SimClient[]>();
  /** Clients whose session may have ended: what they were given may be given to others (ST3). */
  const lost = new Set<SimClient>();

  const tried = async <Value>(client: SimClient, what: string, operation: () => Promise<Value>) => {
    const done = await attempt(violations, what, operation, ENDED);
    const isLost =
      "error" in done &&
      (done.error instanceof LeaseLostError || done.error instanceof ConnectionLostError);
    if (isLost) lost.add(client);
    return done;
  };

  const send = async (
    client: SimClient,
    end: SendStream<string>,
    wait: WaitOptions,
  ): Promise<boolean> => {
    const item = `${client.name}, item ${fates.size}`;
    fates.set(item, "under way");
    const done = await tried(client, "send", () => end.send(item, wait));
    fates.set(item, "value" in done ? "sent" : fateOf(done.error));
    return "value" in done || isGivenUp(done.error);
  };

  const receive = async (
    client: SimClient,
    end: ReceiveStream<string>,
    wait: WaitOptions,
  ): Promise<boolean> => {
    const got = await tried(client, "receive", () => end.receive(wait));
    if ("error" in got) return isGivenUp(got.error);
    receipts.set(got.value, [...(receipts.get(got.value) ?? []), client]);
    return true;
  };

  /** Opens an end, uses it for a while, and closes it. */
  const visit = async (
    client: SimClient,
    side: "send" | "receive",
    goOn: () => boolean,
    wait: () => WaitOptions,
  ): Promise<void> => {
    const stream = client.lw.stream<string>(name, config);
    const prefetch = client.random.pick([1, 1, 4]);
    const opening = (): Promise<SendStream<string> | ReceiveStream<string>> =>
      side === "send" ? stream.openSend() : stream.openReceive({ prefetch });
    const opened = await tried(client, "open", opening);
    if ("error" in opened) return;
    const end = opened.value;
    while (goOn()) {
      const isWell =
        "send" in end ? await send(client, end, wait()) : await receive(client, end, wait());
      if (!isWell) break;
      await client.sleep(client.random.delayMs(30));
    }
    await tried(client, "close", () => end.close());
  };

  return {
    kind: "stream",
    name,

    async task(client) {
      const side = clients.indexOf(client) % 2 === 0 ? "send" : "receive";
      for (let count = 0; count < operations; count += 1) {
        await client.sleep(client.random.delayMs(100));
        const goOn = (): boolean => (count += 1) < operations && !client.random.chance(0.1);
        await visit(client, side, goOn, () => someWait(client));
      }
    },

    /** Somebody sends and somebody receives for as long as anybody waits. */
    async heal(keeper, areDone) {
      const goOn = (): boolean => !areDone();
      const wait = (): WaitOptions => ({ timeoutMs: 500 });
      while (goOn()) {
        await Promise.all([
          visit(keeper, "send", goOn, wait),
          visit(keeper, "receive", goOn, wait),
        ]);
        await keeper.sleep(500);
      }
    },

    /** ST2, ST3, ST8: what was sent is somewhere, once; what was withdrawn is nowhere. */
    async finish(keeper, disk) {
      for (let left = disk.items.size + 10, isWell = true; left > 0 && isWell; left -= 1) {
        await visit(
          keeper,
          "receive",
          () => (left -= 1) > 0,
          () => ({ timeoutMs: 1_000 }),
        );
        isWell = disk.items.size > 0;
      }
      const onDisk = new Set(
        Array.from(disk.items.values(), ({ text }) => JSON.parse(text) as string),
      );
      for (const client of clients) if (client.state === "dead") lost.add(client);
      for (const [item, fate] of fates) {
        const by = receipts.get(item) ?? [];
        const isThere = by.length > 0 || onDisk.has(item);
        violations.check(fate !== "sent" || isThere, () => `${item} was sent and is lost`);
        violations.check(
          fate !== "not sent" || !isThere,
          () => `${item} was withdrawn and is there`,
        );
        violations.check(
          by.slice(0, -1).every((client) => lost.has(client)),
          () =>
            `${item} was received ${by.length} times, by ${by.map((client) => client.name).join(", ")}`,
        );
      }
      for (const item of receipts.keys()) {
        violations.check(fates.has(item), () => `${item} was received and never sent`);
      }
    },
  };
}

function fateOf(error: Error): Fate {
  const isCertain = isGivenUp(error) || ENDED.some((ended) => error instanceof ended);
  return isCertain ? "not sent" : "unknown";
}

function isGivenUp(error: Error): boolean {
  return error instanceof TimeoutError || error instanceof Aborted;
}
