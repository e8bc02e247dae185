import {
  BrokenResourceError,
  ClosedResourceError,
  EndOfStreamError,
  TimeoutError,
  type ReceiveStream,
  type SendStream,
  type Stream,
  type WaitOptions,
} from "../../../sdk/index.ts";
import { writeItem } from "../checks/stream.ts";
import type { SimClient } from "../world/sim_client.ts";
import { receiveByCall, sendByCalls } from "./calls/stream.ts";
import { Fates, type Fate } from "./fates.ts";
import {
  Aborted,
  ask,
  attempt,
  burst,
  someWait,
  type Outcome,
  type Stage,
  type Workload,
} from "./workload.ts";

const ENDED = [ClosedResourceError, EndOfStreamError, BrokenResourceError];

/** Somebody who uses an end; `goOn` says for how long. */
interface Visit {
  readonly client: SimClient;
  readonly goOn: () => boolean;
  readonly wait: () => WaitOptions;
}

/** Senders and receivers, who open ends, clone and close them, give up, and die. */
export function streamWorkload(stage: Stage): Workload {
  const { world, object, ledger, violations, operations, random, clients, name } = stage;
  const config = { maxBufferSize: random.pick([0, 1, 3, 16, Infinity]) };
  const isReset = random.chance(0.3);
  const fates = new Fates();
  let ends = 0;

  const nowMs = (): number => world.timeline.nowMs;
  const open = (client: SimClient): Stream<string> => client.lw.stream<string>(name, config);
  const tried = <Value>(
    client: SimClient,
    what: string,
    operation: () => Promise<Value>,
  ): Promise<Outcome<Value>> => attempt(stage, client, what, operation, { expected: ENDED });

  const sendOn = async (end: SendStream<string>, { client, goOn, wait }: Visit): Promise<void> => {
    ends += 1;
    const sender = `${client.name}, end ${ends}`;
    let number = 0;
    let isWell = true;
    const send = async (): Promise<void> => {
      const isTry = client.random.chance(0.1);
      const options = wait();
      const isPatient = !isTry && Object.keys(options).length === 0;
      const item = writeItem({ end: sender, number, isPatient });
      number += 1;
      fates.sending(item, nowMs());
      const sending = isTry ? (): Promise<boolean> => end.trySend(item) : sent(end, item, options);
      const { leaves } = client;
      const done = await tried(client, "send", sending);
      // Whoever leaves does not hear what has become of it.
      const isUnheard = "error" in done && client.leaves > leaves;
      fates.settled(item, isUnheard ? "unknown" : fateOf(done));
      if ("error" in done && !isGivenUp(done.error)) isWell = false;
    };
    const goesOn = (): boolean => isWell && goOn();
    while (goesOn()) {
      await burst(client, send);
      await client.sleep(client.random.delayMs(30));
    }
  };

  const receiveOn = async (
    end: ReceiveStream<string>,
    { client, goOn, wait }: Visit,
  ): Promise<void> => {
    const got = (
      item: string,
      { after, inLoop = false }: { after: number; inLoop?: boolean },
    ): void => {
      const { leaves } = client;
      const isUnsure = (): boolean => inLoop && client.leaves > leaves;
      fates.received(item, { end, client, atMs: nowMs(), after, isUnsure });
    };
    let isWell = true;
    const receive = async (): Promise<void> => {
      const receiving = client.random.chance(0.1)
        ? (): Promise<{ value: string } | null> => end.tryReceive()
        : received(end, wait());
      const after = fates.receivedOn(end);
      const done = await tried(client, "receive", receiving);
      if ("error" in done) isWell &&= isGivenUp(done.error);
      else if (done.value !== null) got(done.value.value, { after });
    };
    const loop = async (): Promise<void> => {
      for await (const item of end) {
        got(item, { after: fates.receivedOn(end), inLoop: true });
        if (client.random.chance(0.5)) await client.sleep(client.random.delayMs(30));
        if (!goOn()) break;
      }
    };
    const isLoop = client !== clients[0] && client.random.chance(0.2);
    if (isLoop) {
      await tried(client, "loop", loop);
      return;
    }
    const goesOn = (): boolean => isWell && goOn();
    while (goesOn()) {
      await burst(client, receive);
      await client.sleep(client.random.delayMs(30));
    }
  };

  /** Uses the end, and perhaps a clone of it, and closes it. */
  const use = async <End extends SendStream<string> | ReceiveStream<string>>(
    end: End,
    visit: Visit,
    on: (end: End, visit: Visit) => Promise<void>,
  ): Promise<void> => {
    const { client } = visit;
    if (client.random.chance(0.2)) {
      const cloning = (): Promise<SendStream<string> | ReceiveStream<string>> => end.clone();
      const cloned = await tried(client, "clone", cloning);
      if ("value" in cloned) {
        const both = [on(end, visit), on(cloned.value as End, visit)];
        await Promise.all(both);
        await tried(client, "close", () => cloned.value.close());
      }
    } else await on(end, visit);
    await tried(client, "close", () => end.close());
  };

  const visitAs = async (side: "send" | "receive", visit: Visit): Promise<void> => {
    const { client } = visit;
    if (side === "send") {
      const opened = await tried(client, "open", () => open(client).openSend());
      if ("value" in opened) await use(opened.value, visit, sendOn);
      else if (isReset) await reset(client, opened.error);
      return;
    }
    const prefetch = client.random.pick([1, 1, 4]);
    const opened = await tried(client, "open", () => open(client).openReceive({ prefetch }));
    if ("value" in opened) await use(opened.value, visit, receiveOn);
    else if (isReset) await reset(client, opened.error);
  };

  /** A side that is closed for good can be opened again only so (ST7). */
  const reset = async (client: SimClient, why: Error): Promise<void> => {
    if (!(why instanceof ClosedResourceError) || world.faults.isHealed) return;
    await tried(client, "reset", () => open(client).reset());
  };

  return {
    async task(client) {
      const side = clients.indexOf(client) % 2 === 0 ? "send" : "receive";
      for (let count = 0; count < operations; count += 1) {
        await client.sleep(client.random.delayMs(100));
        if (client.random.chance(0.1)) await ask(stage, client, () => open(client).statistics());
        const goOn = (): boolean => (count += 1) < operations && !client.random.chance(0.1);
        await visitAs(side, { client, goOn, wait: () => someWait(client) });
      }
    },

    call(caller) {
      const { maxBufferSize } = config;
      const wire = { maxBufferSize: maxBufferSize === Infinity ? null : maxBufferSize };
      const calls = { stage, caller, fates, config: wire };
      return caller.random.chance(0.5) ? sendByCalls(calls) : receiveByCall(calls);
    },

    /** Somebody sends and somebody receives for as long as anybody waits. */
    async heal(keeper, areDone) {
      const goOn = (): boolean => !areDone();
      const visit = { client: keeper, goOn, wait: (): WaitOptions => ({ timeoutMs: 500 }) };
      while (goOn()) {
        await Promise.all([visitAs("send", visit), visitAs("receive", visit)]);
        await keeper.sleep(500);
      }
    },

    async finish(keeper) {
      let left = object.disk.items.size + 10;
      while (left > 0 && object.disk.items.size > 0) {
        const goOn = (): boolean => (left -= 1) > 0 && object.disk.items.size > 0;
        const wait = (): WaitOptions => ({ timeoutMs: 1_000 });
        await visitAs("receive", { client: keeper, goOn, wait });
        left -= 1;
      }
      fates.judge(object.disk, ledger, violations);
    },
  };
}

function sent(end: SendStream<string>, item: string, wait: WaitOptions): () => Promise<boolean> {
  return () => end.send(item, wait).then(() => true);
}

function received(end: ReceiveStream<string>, wait: WaitOptions): () => Promise<{ value: string }> {
  return async () => ({ value: await end.receive(wait) });
}

function fateOf(done: Outcome<boolean>): Fate {
  if ("value" in done) return done.value ? "sent" : "not sent";
  const isCertain = isGivenUp(done.error) || ENDED.some((ended) => done.error instanceof ended);
  return isCertain ? "not sent" : "unknown";
}

function isGivenUp(error: Error): boolean {
  return error instanceof TimeoutError || error instanceof Aborted;
}
