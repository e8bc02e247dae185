import { LeaseLostError, type HeldCondition, type WaitOptions } from "../../../sdk/index.ts";
import { Beliefs, type Belief } from "../checks/beliefs.ts";
import { held, waiting, waitingForLock } from "../checks/rows.ts";
import { CallLease, type Caller } from "../world/caller.ts";
import type { SimClient } from "../world/sim_client.ts";
import { askedAbout, faultOf, leaseOf } from "./calls/asking.ts";
import { holdByCall, type CallTurn } from "./calls/holding.ts";
import { ask, attempt, hold, release, someWait, type Stage, type Workload } from "./workload.ts";

/** Makers put jobs into a heap and notify; takers wait until there is one. The heap is what the condition guards. */
export function conditionWorkload(stage: Stage): Workload {
  const { violations, operations, clients, ledger, name } = stage;
  const beliefs = new Beliefs(stage);
  let jobs = 0;
  let made = 0;
  let taken = 0;
  let isOver = false;
  /** Somebody has given up a lease, and with it perhaps a notification that it did not hear of. */
  let mayBeUnheard = false;

  const isIdle = (): boolean => jobs === 0 && !isOver;

  /** CO4: when nobody has the lock or is in line for it, nobody waits while there is a job: it would have been woken. */
  ledger.onCommit((disk) => {
    const isQuiet = held(disk).length === 0 && waitingForLock(disk).length === 0;
    const parked = waiting(disk).length;
    violations.check(
      "CO4",
      !isQuiet || jobs === 0 || parked === 0 || mayBeUnheard,
      () => `${parked} wait while there are ${jobs} jobs: a notification was lost`,
    );
  });

  const withLock = async (
    client: SimClient,
    work: (turn: Turn) => Promise<void>,
  ): Promise<void> => {
    const condition = client.lw.condition(name);
    const acquiring = (): Promise<HeldCondition | null> =>
      client.random.chance(0.1) ? condition.tryAcquire() : condition.acquire(someWait(client));
    const got = await attempt(stage, client, "acquire", acquiring);
    if ("error" in got || got.value === null) return;
    const held = got.value;
    // Of a wait it may have heard neither that it had the lock again nor that it was taken away.
    const mayLose = (): boolean => ledger.revoked.size > 0;
    const turn = { client, held, belief: beliefs.granted(client, held, { mayLose }) };
    await work(turn);
    beliefs.ended(turn.belief);
    await release(stage, client, held);
  };

  /** Gives the lock up and waits; true if whoever did may look at the heap. */
  const wait = async (turn: Turn, options: WaitOptions): Promise<boolean> => {
    const { client, held } = turn;
    const { token } = held;
    beliefs.ended(turn.belief);
    const waiting = client.random.chance(0.3)
      ? held.waitFor(() => !isIdle(), options).then(() => {})
      : held.wait(options);
    const done = await attempt(stage, client, "wait", () => waiting);
    if (held.signal.aborted) {
      // CO5: only what ends the session, or an operator, may end the wait without the lock.
      const isExplained =
        "error" in done &&
        (done.error instanceof LeaseLostError || client.leaves > 0 || ledger.revoked.size > 0);
      violations.check("CO5", isExplained, () => "a wait came back without the lock");
      return false;
    }
    // Where it did not have to wait, it has never given the lock up.
    if (held.token !== token) turn.belief = beliefs.regranted(turn.belief, token);
    else violations.check("CO6", "error" in done || !isIdle(), () => "a wait kept its token");
    return !("error" in done);
  };

  /** A job counts when somebody has been told of it: the lock is held until then. */
  const make = (client: SimClient): Promise<void> =>
    withLock(client, async ({ held, belief }) => {
      const count = client.random.chance(0.2) ? 2 : 1;
      const notify = client.random.chance(0.1)
        ? (): Promise<void> => held.notifyAll()
        : (): Promise<void> => held.notify(count);
      const done = await attempt(stage, client, "notify", notify);
      if ("error" in done || !beliefs.isReal(belief)) return;
      jobs += count;
      made += count;
      await hold(stage, client, held);
    });

  /** Takes a job, if it gets the lock and lives; otherwise it is as if it had not come. */
  const take = (client: SimClient): Promise<void> =>
    withLock(client, async (turn) => {
      while (isIdle()) {
        if (!(await wait(turn, someTime(client)))) return;
      }
      if (jobs === 0 || !beliefs.isReal(turn.belief)) return;
      jobs -= 1;
      taken += 1;
      await hold(stage, client, turn.held);
    });

  /** The same by calls, with the lease. */
  const makeByCall = async (caller: Caller, { lease, belief }: CallTurn): Promise<void> => {
    const body = { op: "notify", count: 1 };
    const done = await askedAbout(stage, caller, lease, { body, isRepeatable: false });
    if (done === null || faultOf(done) !== null || !beliefs.isReal(belief)) return;
    jobs += 1;
    made += 1;
    await hold(stage, caller, lease);
  };

  const waitByCall = async (caller: Caller, turn: CallTurn): Promise<boolean> => {
    const { lease, belief } = turn;
    beliefs.ended(belief);
    const { random } = caller;
    const listens = random.chance(0.3) ? { listensMs: random.delayMs(300) } : {};
    const timeoutMs = random.chance(0.3) ? Math.round(random.delayMs(300)) : 300_000;
    const body = { op: "wait", timeoutMs };
    const heard = await askedAbout(stage, caller, lease, { body, isRepeatable: false, ...listens });
    // Whoever does not know how it ended believes nothing.
    lease.end();
    const held = leaseOf(heard);
    if (held === null) return false;
    turn.lease = new CallLease(caller, held.heard, held.lease);
    turn.belief = beliefs.regranted({ ...belief, lease: turn.lease }, lease.token);
    return true;
  };

  /** Whoever does not know how its wait ended may have been notified: it wakes another, or leaves that to the server. */
  const giveUp = async (caller: Caller, { lease }: CallTurn): Promise<void> => {
    mayBeUnheard ||= caller.random.chance(0.2);
    if (mayBeUnheard) return;
    const body = { op: "notify", count: 1 };
    const done = await askedAbout(stage, caller, lease, { body, isRepeatable: false });
    if (done !== null && faultOf(done) === null) return;
    // It may be notified yet, between this and a release.
    caller.state = "dead";
  };

  const takeByCall = async (caller: Caller, turn: CallTurn): Promise<void> => {
    while (isIdle()) if (!(await waitByCall(caller, turn))) return giveUp(caller, turn);
    if (jobs === 0 || !beliefs.isReal(turn.belief)) return;
    jobs -= 1;
    taken += 1;
    await hold(stage, caller, turn.lease);
  };

  return {
    async task(client) {
      const isMaker = clients.indexOf(client) % 2 === 0;
      for (let count = 0; count < operations; count += 1) {
        await client.sleep(client.random.delayMs(100));
        const condition = client.lw.condition(name);
        if (client.random.chance(0.1)) await ask(stage, client, () => condition.statistics());
        else if (isMaker) await make(client);
        else await take(client);
      }
    },

    call(caller) {
      const isMaker = caller.random.chance(0.5);
      return holdByCall(stage, caller, {
        body: { op: "acquire" },
        mayLose: () => ledger.revoked.size > 0,
        granted: (lease) => beliefs.granted(caller, lease),
        ended: (belief) => beliefs.ended(belief),
        work: (turn) => (isMaker ? makeByCall(caller, turn) : takeByCall(caller, turn)),
      });
    },

    /** When there are no jobs to come, all are let go. */
    async heal(keeper) {
      await keeper.sleep(60_000);
      const condition = keeper.lw.condition(name);
      isOver = true;
      for (let again = 0; again < 3; again += 1) {
        const held = await attempt(stage, keeper, "acquire", () => condition.acquire());
        if ("value" in held) {
          await attempt(stage, keeper, "notifyAll", () => held.value.notifyAll());
          await attempt(stage, keeper, "release", () => held.value.release());
        }
        await keeper.sleep(20_000);
      }
    },

    finish() {
      violations.check("LK1", taken <= made, () => `${taken} jobs were taken of ${made}`);
      return Promise.resolve();
    },
  };
}

/** Somebody who holds the lock. */
interface Turn {
  readonly client: SimClient;
  readonly held: HeldCondition;
  belief: Belief;
}

/** Of a wait: for ever, for a while, or until it is aborted. */
function someTime(client: SimClient): WaitOptions {
  const wait = someWait(client);
  return wait.timeoutMs === 0 ? {} : wait;
}
