import { writeItem } from "../../checks/stream.ts";
import { CallLease, type Asking, type Caller, type Heard } from "../../world/caller.ts";
import type { Fate, Fates } from "../fates.ts";
import type { Stage } from "../workload.ts";
import {
  askAgain,
  asked,
  askedAbout,
  faultOf,
  leaseOf,
  someKey,
  somePatience,
  someTtlMs,
} from "./asking.ts";

export interface StreamCalls {
  readonly stage: Stage;
  readonly caller: Caller;
  readonly fates: Fates;
  readonly config: { readonly maxBufferSize: number | null };
}

const expected = ["closed", "end-of-stream", "broken"];

/** Sends a few items, one after the other, each by a call of its own; on no end, or on one that it opens. */
export async function sendByCalls(calls: StreamCalls): Promise<void> {
  const { stage, caller, fates, config } = calls;
  const { random } = caller;
  const end = random.chance(0.1) ? await openByCall(calls) : null;
  const count = random.int(1, 3);
  for (let number = 0; number < count; number += 1) {
    const { timeoutMs, ...listens } = somePatience(caller);
    const isPatient = timeoutMs === undefined;
    const item = writeItem({ end: caller.name, number, isPatient });
    const body = { op: "send", item: JSON.stringify(item), config };
    const key = someKey(caller);
    const asking: Asking = {
      body: isPatient ? body : { ...body, timeoutMs },
      key,
      isRepeatable: key !== null,
      ...(end === null ? {} : { lease: end.session }),
      ...listens,
    };
    fates.sending(item, caller.nowMs);
    const heard = await asked(stage, caller, asking, { expected: [...expected, "not-owner"] });
    const fate = fateOf(heard, { isRepeat: key !== null });
    fates.settled(item, fate);
    if (heard !== null && key !== null && random.chance(0.2))
      await askAgain(stage, caller, asking, heard);
    if (fate === "not sent") break;
  }
  if (end === null || random.chance(0.3)) return;
  await askedAbout(stage, caller, end, { body: { op: "release" }, isRepeatable: false });
}

/** Of an end that is gone nobody knows what a call did that was lost before. */
function fateOf(heard: Heard | null, { isRepeat }: { isRepeat: boolean }): Fate {
  const fault = faultOf(heard);
  if (heard === null || (isRepeat && fault === "not-owner")) return "unknown";
  return fault === null ? "sent" : "not sent";
}

async function openByCall({ stage, caller, config }: StreamCalls): Promise<CallLease | null> {
  const body = { op: "open", side: "send", config };
  const asking = {
    body,
    key: someKey(caller),
    ttlMs: someTtlMs(stage, caller),
    isRepeatable: true,
  };
  const held = leaseOf(await asked(stage, caller, asking, { expected }));
  return held === null ? null : new CallLease(caller, held.heard, held.lease);
}

/** Receives on no end: confirms with the answer, or later; gives back; or dies with what it has. */
export async function receiveByCall({ stage, caller, fates, config }: StreamCalls): Promise<void> {
  const { random } = caller;
  const { timeoutMs, ...listens } = somePatience(caller);
  const key = someKey(caller);
  const confirms = random.chance(0.4);
  const max = random.int(1, 4);
  const body = { op: "receive", max, config };
  const asking: Asking = {
    body: timeoutMs === undefined ? body : { ...body, timeoutMs },
    key,
    confirms,
    ttlMs: someTtlMs(stage, caller),
    isRepeatable: key !== null || !confirms,
    ...listens,
  };
  const heard = await asked(stage, caller, asking, { expected });
  if (heard !== null && key !== null && random.chance(0.3))
    await askAgain(stage, caller, asking, heard);
  if (heard === null) return fates.unheard(confirms ? (key === null ? max : 1) : 0);
  if (faultOf(heard) !== null) return;
  const items = itemsOf(heard);
  const count = items.length;
  const most = key === null ? max : 1;
  stage.violations.check("LE5", count > 0 && count <= most, () => `${count} items came of ${most}`);
  const isSure = { isUnsure: () => false };
  if (confirms) return received(fates, caller, items, isSure);
  const held = leaseOf(heard);
  stage.violations.check("ST3", held !== null, () => `nobody can confirm ${items.join(", ")}`);
  if (held === null || random.chance(0.15)) return;
  const lease = new CallLease(caller, held.heard, held.lease);
  await caller.sleep(random.delayMs(100));
  const isGivenBack = random.chance(0.2);
  const about = { body: { op: isGivenBack ? "release" : "confirm" }, key: someKey(caller) };
  const done = await askedAbout(stage, caller, lease, {
    ...about,
    isRepeatable: about.key !== null,
  });
  if (isGivenBack || faultOf(done) !== null) return;
  received(fates, caller, items, { isUnsure: () => done === null });
}

function received(
  fates: Fates,
  caller: Caller,
  items: readonly string[],
  { isUnsure }: { isUnsure: () => boolean },
): void {
  for (const item of items) {
    const after = fates.receivedOn(caller);
    fates.received(item, { end: caller, client: caller, atMs: caller.nowMs, after, isUnsure });
  }
}

function itemsOf({ answer }: Heard): string[] {
  const { items = [] } = ("ok" in answer.reply ? answer.reply.ok : {}) as {
    items?: readonly { item: string }[];
  };
  return items.map(({ item }) => JSON.parse(item) as string);
}
