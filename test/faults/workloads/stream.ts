import {
  ClosedResourceError,
  ConnectionLostError,
  LeaseLostError,
  TimeoutError,
  type ReceiveStream,
} from "../../../sdk/index.ts";
import type { Fate } from "../reports.ts";
import { Aborted, type Station } from "./station.ts";

type Done = { readonly value: unknown } | { readonly error: Error };

interface Configured {
  readonly name: string;
  readonly maxBufferSize: number;
}

/** Opens an end, sends for a while, closes it; again and again. */
export async function sendTask(
  station: Station,
  { name, maxBufferSize }: Configured,
): Promise<void> {
  const stream = station.latchwork.stream<string>(name, { maxBufferSize });
  let number = 0;
  while (!station.isOver) {
    await station.pause(100);
    const opened = await station.attempt("stream.openSend", () => stream.openSend());
    if ("error" in opened) continue;
    const end = opened.value;
    const forget = station.onceOver(() => void close(station, end));
    let isWell = true;
    while (isWell && !station.isOver && !station.random.chance(0.05)) {
      number += 1;
      const item = `${station.role.name}, item ${number} of ${name}`;
      // It is said before it is done: what arrives was sent by somebody.
      await station.say({ what: "sends", item });
      const wait = station.someWait();
      const done = await station.attempt("send", () => end.send(item, wait), [ClosedResourceError]);
      const fate = "value" in done ? "sent" : fateOf(done.error);
      await station.say({ what: "sent", item, fate });
      isWell = "value" in done || isGivenUp(done.error);
      await station.pause(20);
    }
    forget();
    await close(station, end);
  }
}

/** Opens an end, receives for a while, closes it; again and again. */
export async function receiveTask(
  station: Station,
  { name, maxBufferSize }: Configured,
): Promise<void> {
  const stream = station.latchwork.stream<string>(name, { maxBufferSize });
  while (!station.isOver) {
    await station.pause(50);
    const prefetch = station.random.pick([1, 1, 4]);
    const opened = await station.attempt("stream.openReceive", () =>
      stream.openReceive({ prefetch }),
    );
    if ("error" in opened) continue;
    const end = opened.value;
    const forget = station.onceOver(() => void close(station, end));
    const inLoop = station.role.mayDie || station.random.chance(0.5);
    await (inLoop ? loop(station, end) : receive(station, end));
    forget();
    await tell(station, await close(station, end));
    // Had it been lost before, this says so.
    await tell(station, await station.attempt("look", () => end.receive(), [ClosedResourceError]));
  }
}

/** An item counts as received when the next is asked for, so what was reported is all that can have been confirmed. */
async function loop(station: Station, end: ReceiveStream<string>): Promise<void> {
  const looping = async (): Promise<void> => {
    for await (const item of end) {
      await station.say({ what: "received", item, atNs: process.hrtime.bigint() });
      await station.pause(20);
      if (station.isOver || station.random.chance(0.05)) return;
    }
  };
  await tell(station, await station.attempt("for await", looping, [ClosedResourceError]));
}

async function receive(station: Station, end: ReceiveStream<string>): Promise<void> {
  let isWell = true;
  while (isWell && !station.isOver && !station.random.chance(0.05)) {
    const wait = station.someWait();
    const got = await station.attempt("receive", () => end.receive(wait), [ClosedResourceError]);
    if ("value" in got) {
      await station.say({ what: "received", item: got.value, atNs: process.hrtime.bigint() });
    }
    await tell(station, got);
    isWell = "value" in got || isGivenUp(got.error);
    await station.pause(20);
  }
}

function close(station: Station, end: { close(): Promise<void> }): Promise<Done> {
  return station.attempt("stream.close", () => end.close());
}

async function tell(station: Station, done: Done): Promise<void> {
  if ("value" in done) return;
  const isLost = done.error instanceof LeaseLostError || done.error instanceof ConnectionLostError;
  if (isLost) await station.say({ what: "end-lost", atNs: process.hrtime.bigint() });
}

function fateOf(error: Error): Fate {
  return isGivenUp(error) || error instanceof ClosedResourceError ? "withdrawn" : "unknown";
}

function isGivenUp(error: Error): boolean {
  return error instanceof TimeoutError || error instanceof Aborted;
}
