import type { Asking, Caller, CallLease, Heard } from "../../world/caller.ts";
import { countOperation, type Stage } from "../workload.ts";

/** The same as SDK clients are given, where they wait: for ever, for a while, not at all, or until they hang up. */
export interface Patience {
  readonly timeoutMs?: number;
  readonly listensMs?: number;
}

/** A call says how long it wants to wait; this is as long as it may say. */
const CALL_TIMEOUT_MS = 300_000;

export function somePatience({ random }: Caller): Patience {
  switch (random.int(0, 6)) {
    case 0:
      return { timeoutMs: Math.round(random.delayMs(300)) };
    case 1:
      return { timeoutMs: 0 };
    case 2:
    case 3:
      return { timeoutMs: CALL_TIMEOUT_MS, listensMs: random.delayMs(300) };
    case 4:
      return { timeoutMs: CALL_TIMEOUT_MS };
    default:
      return {};
  }
}

/** A time to live that may be shorter than a hiccup of the network, or longer than anything is held. */
export function someTtlMs({ ttlMs }: Pick<Stage, "ttlMs">, { random }: Caller): number {
  return random.chance(0.3) ? random.int(100, 1_000) : random.int(1_000, 2 * ttlMs);
}

export function someKey(caller: Caller): string | null {
  return caller.random.chance(0.5) ? caller.newKey() : null;
}

/** What may be said to any call, whatever else is said to it. */
const ALWAYS = "timeout";

/** Asks, and sees that what is refused may be. `null` where nothing was heard. */
export async function asked(
  { violations }: Pick<Stage, "violations">,
  caller: Caller,
  asking: Asking,
  { expected = [] }: { expected?: readonly string[] } = {},
): Promise<Heard | null> {
  countOperation();
  const heard = await caller.ask(asking);
  if (heard === null || !("error" in heard.answer.reply)) return heard;
  const { code, message } = heard.answer.reply.error;
  const isExpected = expected.includes(code) || code === ALWAYS;
  violations.check("errors", isExpected, () => `a call to ${asking.body.op} failed: ${message}`);
  return heard;
}

/** The code of the fault; `null` where it was done, or nobody knows. */
export function faultOf(heard: Heard | null): string | null {
  if (heard === null || !("error" in heard.answer.reply)) return null;
  return heard.answer.reply.error.code;
}

/** What it was granted; `null` where it was refused, or where its caller does not know. */
export function leaseOf(heard: Heard | null): HeldBy | null {
  if (heard === null || faultOf(heard) !== null) return null;
  const { lease } = heard.answer;
  return lease === null ? null : { heard, lease };
}

interface HeldBy {
  readonly heard: Heard;
  readonly lease: NonNullable<Heard["answer"]["lease"]>;
}

/** LE5: who asks once more with its key is given what it was given, whatever has become of it since. */
export async function askAgain(
  stage: Pick<Stage, "violations">,
  caller: Caller,
  asking: Asking,
  { answer }: Heard,
): Promise<void> {
  const heard = await caller.ask({ ...asking, listensMs: null });
  if (heard === null) return;
  const before = JSON.stringify([answer.reply, answer.lease]);
  const now = JSON.stringify([heard.answer.reply, heard.answer.lease]);
  const isSame = now === before && (heard.answer.replayed || faultOf(heard) === "not-owner");
  stage.violations.check("LE5", isSame, () => `${asking.key} was told ${before}, and now ${now}`);
}

/** Asks about what it holds. True if it was done, or may have been; a refusal is judged. */
export async function askedAbout(
  stage: Stage,
  caller: Caller,
  lease: CallLease,
  asking: Omit<Asking, "lease">,
  { mayLose = () => false }: { mayLose?: () => boolean } = {},
): Promise<Heard | null> {
  const { ledger, violations } = stage;
  const expected = ["not-owner", "over-release"];
  const heard = await asked(stage, caller, { ...asking, lease: lease.session }, { expected });
  if (faultOf(heard) !== "not-owner") return heard;
  // LE1, LE3: nobody else can end what one holds.
  violations.check(
    "LE3",
    lease.signal.aborted || ledger.hasTaken || mayLose(),
    () => `${lease.session}, which is not lost, is not known to ${asking.body.op}`,
  );
  return heard;
}
