import { ConditionMachine } from "../../objects/core/condition.ts";
import { LimiterMachine } from "../../objects/core/limiter.ts";
import { LockMachine } from "../../objects/core/lock.ts";
import { SemaphoreMachine } from "../../objects/core/semaphore.ts";
import type { Config } from "../../sdk/protocol.ts";
import type { Call, Client, CreateMachine, Rig } from "./machines.ts";

/** Everything that admits one at a time. What comes later joins the table, and must pass the whole suite. */
export const LOCK_LIKE: readonly { kind: string; create: CreateMachine; config?: Config }[] = [
  { kind: "Lock", create: (recovered) => new LockMachine(recovered) },
  {
    kind: "Semaphore(1)",
    create: (recovered) => new SemaphoreMachine(recovered),
    config: { permits: 1 },
  },
  { kind: "Condition's lock", create: (recovered) => new ConditionMachine(recovered) },
  {
    kind: "Limiter(1)",
    create: (recovered) => new LimiterMachine(recovered),
    config: { totalTokens: 1 },
  },
];

export const TIMEOUT_MS = 1_000;

/** The three ways to be cancelled, one of them in two forms. `cancel` needs an acquire that was given `TIMEOUT_MS` and still waits. */
export const WAYS: readonly {
  way: string;
  fate: Call["fate"];
  cancel: (rig: Rig, client: Client, call: Call) => void;
}[] = [
  {
    way: "aborted",
    fate: "unanswered",
    cancel: (_rig, client, call) => client.cancel(call),
  },
  { way: "ended with its session", fate: "unanswered", cancel: (_rig, client) => client.end() },
  {
    way: "silent until its session expired",
    fate: "unanswered",
    cancel: (rig, client) => rig.silence(client),
  },
  { way: "timed out", fate: "timeout", cancel: (rig) => rig.advance(TIMEOUT_MS) },
];
