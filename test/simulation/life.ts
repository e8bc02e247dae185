import { objectPath, type Kind } from "../../sdk/protocol.ts";
import { ObjectChecks } from "./checks/checks.ts";
import type { Violations } from "./checks/violations.ts";
import { PRIMITIVES } from "./primitives.ts";
import type { Stage, Workload } from "./workloads/workload.ts";
import type { Random } from "./world/random.ts";
import type { SimClient } from "./world/sim_client.ts";
import type { SimObject } from "./world/sim_object.ts";
import { ALARM_LATE_MS_MAX, TTL_MS_MIN } from "./world/times.ts";
import type { World } from "./world/world.ts";

export interface LifeOptions {
  readonly kind: Kind;
  readonly choice: Random;
  readonly clients?: number | undefined;
  readonly operations?: number | undefined;
  /** How many programs call at once, at the most; left out, it depends on the seed whether any does. */
  readonly callers?: number | undefined;
}

const CALLERS_MAX = 5;
const FAULTY_MS_MAX = 60_000;
/** How long everybody has to come to an end once everything has healed. */
const LIVENESS_MS = 600_000;
/** How long a socket that is open only in name keeps an idle session, and more. */
const IDLE_SESSION_MS = 3_700_000;
/** How long a name that nobody uses keeps its storage, and more. */
const IDLE_NAME_MS = 90_000_000;

interface Scene {
  /** How many programs call at once. */
  readonly callers: number;
  readonly object: SimObject;
  readonly workload: Workload;
}

/** Of one object. */
interface Setting {
  readonly name: string;
  readonly random: Random;
  readonly many: number;
  readonly callers: number;
}

interface Task {
  readonly client: SimClient;
  isDone: boolean;
}

/** Programs that call, one after the other. */
interface Chain {
  readonly name: string;
  readonly scene: Scene;
  isDone: boolean;
}

/** What happens in a run, from the first client to the last trace of it. */
export class Life {
  readonly #world: World;
  readonly #violations: Violations;
  readonly #kind: Kind;
  readonly #ttlMs: number;
  readonly #faultyMs: number;
  readonly #keeper: SimClient;
  readonly #clients: readonly SimClient[];
  readonly #scenes: readonly Scene[];
  readonly #tasks: readonly Task[];
  readonly #chains: readonly Chain[];
  readonly #operations: number;
  readonly #calling: Random;

  constructor(world: World, violations: Violations, options: LifeOptions) {
    const { kind, choice, clients = Infinity, operations = Infinity, callers } = options;
    this.#calling = choice.named("callers");
    this.#world = world;
    this.#violations = violations;
    this.#kind = kind;
    this.#ttlMs = choice.int(TTL_MS_MIN, 10_000);
    this.#faultyMs = choice.int(1_000, FAULTY_MS_MAX);
    this.#keeper = world.client("client 0", this.#ttlMs);
    const others = Math.min(choice.int(2, 6), clients) - 1;
    this.#clients = [
      this.#keeper,
      ...Array.from({ length: others }, (_, at) => world.client(`client ${at + 1}`, this.#ttlMs)),
    ];
    const many = Math.min(choice.int(3, 15), operations);
    this.#operations = many;
    const names = choice.chance(0.2) ? ["name", "other name"] : ["name"];
    this.#scenes = names.map((name) =>
      this.#scene({
        name,
        random: choice.fork(),
        many,
        callers: someCallers(this.#calling, callers),
      }),
    );
    this.#tasks = this.#clients.flatMap((client) =>
      Array.from({ length: choice.int(1, 3) }, () => ({ client, isDone: false })),
    );
    this.#chains = this.#scenes.flatMap((scene) =>
      Array.from({ length: scene.callers }, (_, at) => ({
        name: `caller ${at}`,
        scene,
        isDone: false,
      })),
    );
  }

  async live(): Promise<void> {
    for (const [at, task] of this.#tasks.entries()) {
      const scene = this.#scenes[at % this.#scenes.length];
      if (scene === undefined) continue;
      void this.#done(`a task of ${task.client.name}`, scene.workload.task(task.client), task);
    }
    for (const chain of this.#chains) void this.#done(chain.name, this.#call(chain), chain);
    const { timeline } = this.#world;
    await timeline.run(this.#faultyMs, () => this.#hasFailed || this.#areDone);
    await this.#heal();
    if (this.#hasFailed) return;
    // The dead are given up: later, by as much as the clock was set back, and as an alarm may be late.
    const lateMs = this.#world.setBackMs + ALARM_LATE_MS_MAX;
    await timeline.run(timeline.nowMs + lateMs + 3 * this.#ttlMs + 5_000);
    const ends = this.#scenes.map(({ workload }) => workload.finish(this.#keeper));
    await this.#inTime("the end", Promise.all(ends), LIVENESS_MS);
    if (this.#hasFailed) return;
    await this.#leave();
  }

  get #hasFailed(): boolean {
    return this.#violations.found.length > 0;
  }

  get #areDone(): boolean {
    const areCalled = this.#chains.every(({ isDone }) => isDone);
    return (
      areCalled && this.#tasks.every(({ client, isDone }) => isDone || client.state === "dead")
    );
  }

  /** Programs come and go; none begins any more when everything has healed. */
  async #call({ name, scene: { object, workload } }: Chain): Promise<void> {
    const random = this.#calling.named(`${name} of ${object.name}`);
    for (let count = 0; count < this.#operations && !this.#world.faults.isHealed; count += 1) {
      const caller = this.#world.caller(`${name}.${count}`, object);
      await caller.sleep(random.delayMs(300));
      await workload.call(caller);
    }
  }

  async #heal(): Promise<void> {
    const { timeline } = this.#world;
    this.#world.heal();
    const healings = this.#scenes.map(({ workload }, index) => {
      const healing = { isDone: false };
      const areDone = (): boolean => this.#hasFailed || this.#areDone;
      const healed = workload.heal?.(this.#keeper, areDone) ?? Promise.resolve();
      void this.#done(`healing ${index}`, healed, healing);
      return healing;
    });
    const isHealed = (): boolean => this.#areDone && healings.every(({ isDone }) => isDone);
    const untilMs = timeline.nowMs + LIVENESS_MS;
    await timeline.run(untilMs, () => this.#hasFailed || isHealed());
    if (this.#hasFailed) return;
    this.#violations.check("W5", isHealed(), () => "somebody waits for ever");
  }

  /** Everybody goes, in good order. Then nobody is left, and whoever comes by finds the name as if it were new. */
  async #leave(): Promise<void> {
    const { timeline } = this.#world;
    const living = this.#clients.filter(({ state }) => state !== "dead");
    await this.#inTime("closing", Promise.all(living.map((client) => client.lw.close())), 10_000);
    await timeline.run(timeline.nowMs + IDLE_SESSION_MS);
    await this.#passBy();
    await timeline.run(timeline.nowMs + 3 * this.#ttlMs + 20_000);
    for (const { object } of this.#scenes) {
      const { claims, sessions } = object.disk;
      this.#violations.check("W5", claims.size === 0, () => `${claims.size} ghosts are left`);
      const isNobody = sessions.size === 0;
      this.#violations.check("LE1", isNobody, () => `${sessions.size} sessions are left`);
    }
    await timeline.run(timeline.nowMs + IDLE_NAME_MS);
    for (const { object } of this.#scenes) {
      const isWiped = !object.disk.isUsed || !PRIMITIVES[this.#kind].isWiped;
      this.#violations.check("idle", isWiped, () => "a name that nobody uses keeps its storage");
    }
    await this.#passBy();
  }

  async #passBy(): Promise<void> {
    // Nobody has asked for anything for a long while.
    for (const { object } of this.#scenes) object.hibernate();
    const passer = this.#world.client("a passer-by", this.#ttlMs);
    const visits = this.#scenes.map(({ object }) =>
      PRIMITIVES[this.#kind].visit(passer.lw, nameOf(object)),
    );
    const passing = Promise.allSettled(visits).then(() => passer.lw.close());
    await this.#inTime("passing by", passing, 60_000);
  }

  #scene({ name, random, many, callers }: Setting): Scene {
    const kind = this.#kind;
    const world = this.#world;
    const violations = this.#violations;
    const { create, workload } = PRIMITIVES[kind];
    const checks = new ObjectChecks(kind, violations, world.timeline);
    const object = world.object(objectPath("default", kind, name), {
      createMachine: create,
      observer: checks,
    });
    const { ledger } = checks;
    const stage: Stage = {
      kind,
      name,
      world,
      object,
      ledger,
      random,
      violations,
      isCalled: callers > 0,
      ttlMs: this.#ttlMs,
      isLongHeld: random.chance(0.3),
      clients: this.#clients,
      operations: many,
    };
    return { callers, object, workload: workload(stage) };
  }

  async #inTime(what: string, doing: Promise<unknown>, withinMs: number): Promise<void> {
    const { timeline } = this.#world;
    const state = { isDone: false };
    void this.#done(what, doing, state);
    const untilMs = timeline.nowMs + withinMs;
    await timeline.run(untilMs, () => this.#hasFailed || state.isDone);
    const isFine = state.isDone || this.#hasFailed;
    this.#violations.check("W5", isFine, () => `${what} does not come to an end`);
  }

  async #done(what: string, doing: Promise<unknown>, state: { isDone: boolean }): Promise<void> {
    try {
      await doing;
      state.isDone = true;
    } catch (error) {
      const why = (error as Error).stack ?? String(error);
      this.#violations.check("errors", false, () => `${what} failed: ${why}`);
    }
  }
}

/** In one run of two there is nobody who calls. */
function someCallers(random: Random, max: number | undefined): number {
  const some = random.int(1, CALLERS_MAX);
  if (max !== undefined) return Math.min(some, max);
  return random.chance(0.5) ? some : 0;
}

function nameOf({ name }: SimObject): string {
  return decodeURIComponent(name.slice(name.lastIndexOf("/") + 1));
}
