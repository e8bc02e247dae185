import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../simulation/world/random.ts";
import { History } from "../history.ts";
import type { Fault, Step } from "../plan.ts";
import { Member } from "./member.ts";
import { Proxy, type Direction } from "./proxy.ts";
import { Referee } from "./referee.ts";
import { MortalServer } from "./server.ts";

const TTLS_MS = [1_000, 1_500, 2_000] as const;
export const TTL_MS_MAX = 2_000;
/** There may be nobody just then for it to happen to. */
const TRIES_MAX = 20;
const REST_TTLS = 1.6;
const AMBUSH_MS_MAX = 1_000;
const HOLDER_MS_MAX = 500;
const DIRECTIONS: readonly Direction[] = ["to-server", "to-client"];

/** A server, its clients, their roads to it, and what happens to them. */
export class World implements AsyncDisposable {
  readonly server: MortalServer;
  readonly history = new History();
  readonly referee = new Referee(this.history);
  readonly faults = new Map<Fault, number>();
  readonly members: Member[] = [];
  readonly #random: Random;
  readonly #log: (line: string) => void;
  /** What passes by itself, and will have. */
  readonly #passing = new Set<Promise<void>>();
  #isHealed = false;

  constructor({ dir, random, log }: { dir: string; random: Random; log: (line: string) => void }) {
    this.server = new MortalServer(dir);
    this.#random = random;
    this.#log = log;
  }

  get living(): Member[] {
    return this.members.filter(({ isAlive }) => isAlive);
  }

  async begin(clients: number): Promise<void> {
    await this.server.start(this.#random);
    for (let index = 0; index < clients; index += 1) {
      await this.#enter({ side: index % 2 === 0 ? "even" : "odd", mayDie: index >= 2 });
    }
  }

  async undergo({ fault, thenMs }: Step): Promise<void> {
    let isDone = await this.#befall(fault);
    for (let again = 1; !isDone && again < TRIES_MAX; again += 1) {
      await sleep(100);
      isDone = await this.#befall(fault);
    }
    if (isDone) {
      this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
      this.#log(`${fault}, then ${thenMs} ms`);
    }
    await sleep(thenMs);
  }

  /** No more faults; what was done is undone. */
  async heal(): Promise<void> {
    this.#isHealed = true;
    for (const member of this.living) {
      member.proxy.heal();
      member.goOn();
    }
    await Promise.all(this.#passing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.living.map((member) => member.kill()));
    await Promise.all(this.members.map(({ proxy }) => proxy[Symbol.asyncDispose]()));
    await this.server[Symbol.asyncDispose]();
  }

  async #enter(role: { side: "even" | "odd"; mayDie: boolean }): Promise<void> {
    const random = this.#random;
    const name = `client ${this.members.length + 1}`;
    const proxy = await Proxy.open(() => this.server.port, random.fork());
    const seed = random.int(0, 2 ** 31);
    const ttlMs = random.pick(TTLS_MS);
    const whole = { ...role, url: proxy.url, name, seed, ttlMs };
    this.members.push(new Member({ role: whole, proxy }, this));
  }

  /** False if there was nobody for it to happen to. */
  async #befall(fault: Fault): Promise<boolean> {
    const random = this.#random;
    const who = this.living.filter(({ isStopped }) => !isStopped);
    if (who.length === 0) return false;
    const member = random.chance(0.7) ? await this.#holder(who) : random.pick(who);
    const { proxy } = member;
    const { ttlMs } = member.role;
    switch (fault) {
      case "server killed":
        await this.server.killAndRestart();
        return true;
      case "server stopped":
        member.order({ order: "linger", forMs: TTL_MS_MAX * 2 });
        await this.server.freeze(TTL_MS_MAX * (1.1 + 0.5 * random.next()));
        return true;
      case "client stopped":
        return this.#strike(who, (each) => {
          this.#stop(each, each.role.ttlMs * (1.2 + random.next()));
        });
      case "client paused":
        return this.#stop(member, ttlMs * (0.1 + 0.6 * random.next()));
      case "client killed":
        return this.#strike(
          who.filter(({ role }) => role.mayDie),
          (each) => this.#replace(each),
        );
      case "network cut": {
        const unreachableMs = random.chance(0.5) ? 2 * ttlMs * random.next() : 0;
        member.order({ order: "linger", forMs: unreachableMs });
        return proxy.cut({ all: random.chance(0.7), unreachableMs });
      }
      case "network slow":
        return this.#forAWhile(member, () => proxy.slow(ttlMs * 0.3 * random.next()));
      case "black hole":
        return this.#forAWhile(member, () => proxy.hold(DIRECTIONS));
      case "one-way black hole":
        return this.#forAWhile(member, () => proxy.hold([random.pick(DIRECTIONS)]));
      case "half-open, client believes":
        return proxy.halfOpen("client") && this.#forAWhile(member, () => {});
      case "half-open, server believes":
        return proxy.halfOpen("server") && this.#forAWhile(member, () => {});
    }
  }

  /** One that holds something, and so has something to lose; if there is none in time, anyone. */
  async #holder(who: readonly Member[]): Promise<Member> {
    const untilMs = performance.now() + HOLDER_MS_MAX;
    const place = this.#random.pick(["lock", "condition"] as const);
    for (;;) {
      const inside = who.filter((each) => each.isAlive && each.isInside(place));
      if (inside.length > 0) return this.#random.pick(inside);
      if (performance.now() > untilMs) return this.#random.pick(who);
      await sleep(1);
    }
  }

  #stop(member: Member, forMs: number): boolean {
    member.stop();
    this.#pass(forMs, () => {
      if (member.isAlive) member.goOn();
    });
    return true;
  }

  /** A client whose road is bad for shorter or longer than its lease. */
  #forAWhile(member: Member, begin: () => void): boolean {
    const forMs = member.role.ttlMs * (0.2 + 2 * this.#random.next());
    member.order({ order: "linger", forMs: forMs * 1.2 });
    begin();
    this.#pass(forMs, () => member.proxy.heal());
    return true;
  }

  /** At one that holds something; half of the time at one that was just woken, and has not taken its job yet. */
  async #strike(who: readonly Member[], hit: (member: Member) => void): Promise<boolean> {
    if (who.length === 0) return false;
    const atWoken = this.#random.chance(0.5) && (await this.#hitWoken(who, hit));
    if (!atWoken) hit(await this.#holder(who));
    return true;
  }

  async #hitWoken(who: readonly Member[], hit: (member: Member) => void): Promise<boolean> {
    const { referee } = this;
    const struck = new Promise<boolean>((resolve) => {
      referee.ambush = (seen) => {
        const member = who.find((each) => each.seen === seen);
        if (member === undefined || !member.isAlive) return false;
        referee.ambush = null;
        hit(member);
        this.#letMakersRest(member.role.ttlMs);
        resolve(true);
        return true;
      };
    });
    const isStruck = await Promise.race([struck, sleep(AMBUSH_MS_MAX, false)]);
    referee.ambush = null;
    return isStruck;
  }

  #replace(member: Member): void {
    void member.kill();
    const afterMs = member.role.ttlMs * REST_TTLS * this.#random.next();
    this.#pass(afterMs, () => this.#enter(member.role));
  }

  /** If a notification is lost with its waiter, no other job makes up for it before it is seen to be. */
  #letMakersRest(ttlMs: number): void {
    for (const member of this.living) member.order({ order: "rest", forMs: ttlMs * REST_TTLS });
  }

  #pass(afterMs: number, run: () => void | Promise<void>): void {
    const passing = sleep(this.#isHealed ? 0 : afterMs).then(run);
    this.#passing.add(passing);
    void passing.then(() => this.#passing.delete(passing));
  }
}
