import type { Belief } from "../../checks/beliefs.ts";
import { CallLease, type Asking, type Caller } from "../../world/caller.ts";
import { hold, type Stage } from "../workload.ts";
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

export interface Holding {
  /** What is acquired, but for how long to wait. */
  readonly body: Asking["body"];
  readonly expected?: readonly string[];
  readonly mayLose?: () => boolean;
  /** It holds; `Belief` is what it believes from now on. */
  readonly granted: (lease: CallLease) => Belief;
  readonly ended: (belief: Belief) => void;
  /** What it does while it holds, where that is more than to hold. */
  readonly work?: (turn: CallTurn) => Promise<void>;
}

export interface CallTurn {
  lease: CallLease;
  belief: Belief;
}

/** Acquires by a call, holds, renews perhaps, and releases; or hangs up, or asks again, or dies with what it has. */
export async function holdByCall(stage: Stage, caller: Caller, holding: Holding): Promise<void> {
  const { body, expected = [], granted, ended, work } = holding;
  const { random } = caller;
  const { timeoutMs, ...listens } = somePatience(caller);
  const key = someKey(caller);
  const asking: Asking = {
    body: timeoutMs === undefined ? body : { ...body, timeoutMs },
    ttlMs: someTtlMs(stage, caller),
    key,
    isRepeatable: true,
    ...listens,
  };
  let heard = await asked(stage, caller, asking, { expected });
  // Without a key it asks anew: what it may have been granted before is nobody's.
  if (heard === null && key === null && random.chance(0.5)) {
    heard = await asked(stage, caller, { ...asking, listensMs: null }, { expected });
  }
  const held = leaseOf(heard);
  const isRefused = heard === null || faultOf(heard) !== null;
  stage.violations.check("LE5", isRefused || held !== null, () => "a grant has no lease");
  if (held !== null) {
    const lease = new CallLease(caller, held.heard, held.lease);
    const turn: CallTurn = { lease, belief: granted(lease) };
    if (random.chance(0.15)) caller.state = "dead";
    else await (work === undefined ? holdOn(stage, caller, turn, holding) : work(turn));
    ended(turn.belief);
    if (caller.state !== "dead") await release(stage, caller, turn.lease, holding);
  }
  if (heard !== null && key !== null && random.chance(0.3))
    await askAgain(stage, caller, asking, heard);
}

/** Holds it for a while, and renews it, if it likes. */
export async function holdOn(
  stage: Stage,
  caller: Caller,
  { lease }: CallTurn,
  holding: Pick<Holding, "mayLose">,
): Promise<void> {
  const { random } = caller;
  if (random.chance(0.05)) await steal(stage, caller, lease);
  for (;;) {
    await hold(stage, caller, lease);
    if (lease.signal.aborted || !random.chance(0.4)) return;
    const longer = random.chance(0.2) ? { ttlMs: Math.min(2 * lease.ttlMs, 2 * stage.ttlMs) } : {};
    const asking = { body: { op: "renew" }, isRepeatable: true, ...longer };
    const heard = await askedAbout(stage, caller, lease, asking, holding);
    const renewed = leaseOf(heard);
    if (faultOf(heard) !== null) lease.end();
    if (renewed === null || lease.signal.aborted) continue;
    const isSame = renewed.lease.token === lease.token;
    stage.violations.check("LE5", isSame, () => `${lease.token} was renewed as another`);
    lease.lives(renewed.heard, renewed.lease);
  }
}

export async function release(
  stage: Stage,
  caller: Caller,
  lease: CallLease,
  holding: Pick<Holding, "mayLose">,
): Promise<void> {
  const key = someKey(caller);
  const asking = { body: { op: "release" }, key, isRepeatable: key !== null };
  const heard = await askedAbout(stage, caller, lease, asking, holding);
  if (heard === null || key === null || !caller.random.chance(0.3)) return;
  await askAgain(stage, caller, { ...asking, lease: lease.session }, heard);
}

/** LE3: a lease is of no use to who has not its secret. */
async function steal(stage: Stage, caller: Caller, { session }: CallLease): Promise<void> {
  const secretHash = "of another secret";
  const thief = { body: { op: "release" }, lease: session, secretHash, isRepeatable: false };
  const heard = await asked(stage, caller, thief, { expected: ["not-owner"] });
  const isRefused = heard === null || faultOf(heard) === "not-owner";
  stage.violations.check("LE3", isRefused, () => `${session} was released by a thief`);
}
