import { errorOf, tokenOf } from "../../support/raw_client.ts";
import { Actor } from "./actor.ts";
import { advance } from "./clock.ts";
import type { NamedObject } from "./named_object.ts";

export const TIMEOUT_MS = 1_000;

/** What the story is told of, and what each of its acquires asks for: all that there is. */
export interface Kind {
  readonly kind: string;
  readonly open: (name: string) => NamedObject;
  readonly body: { permits: number; config?: { permits: number } };
}

/** A story of four clients that take all there is, in turn; each step ends when the object has heard it. */
export class EvictionStory {
  readonly object: NamedObject;
  readonly actors: readonly Actor[];
  readonly #body: { permits: number; config?: { permits: number } };
  readonly tokens: number[] = [];
  readonly #waiting: { actor: Actor; id: number }[] = [];

  private constructor(kind: Kind, object: NamedObject, actors: readonly Actor[]) {
    this.#body = kind.body;
    this.object = object;
    this.actors = actors;
  }

  static async begin(kind: Kind, name: string): Promise<EvictionStory> {
    const object = kind.open(name);
    const actors = [];
    for (const who of ["a", "b", "c", "d"]) actors.push(await Actor.enter(object, who));
    return new EvictionStory(kind, object, actors);
  }

  async takes(who: number): Promise<void> {
    this.#granted(tokenOf(await this.#actor(who).ask("acquire", this.#body)));
  }

  async joins(who: number, timeout: { timeoutMs?: number } = {}): Promise<void> {
    const actor = this.#actor(who);
    const id = actor.post("acquire", { ...this.#body, ...timeout });
    this.#waiting.push({ actor, id });
    await actor.settled();
  }

  /** Whoever has it gives it up, and the first in line has it. */
  async handsOver(from: number, to: number): Promise<void> {
    await this.gives(from);
    const first = this.#waiting.shift();
    if (first?.actor !== this.#actor(to)) throw new Error(`${to} is not the first in line.`);
    this.#granted(tokenOf(await first.actor.reply(first.id)));
  }

  async gives(who: number): Promise<void> {
    const released = await this.#actor(who).ask("release", { token: this.tokens.at(-1) ?? 0 });
    if ("error" in released) throw new Error(released.error.message);
  }

  async timesOut(who: number): Promise<void> {
    advance(TIMEOUT_MS);
    if (!(await this.object.ring())) throw new Error("No alarm is armed for the time-out.");
    const index = this.#waiting.findIndex(({ actor }) => actor === this.#actor(who));
    const [late] = this.#waiting.splice(index, 1);
    if (late === undefined) throw new Error(`${who} does not wait.`);
    const error = errorOf(await late.actor.reply(late.id));
    if (error !== "timeout") throw new Error(`${who} was told ${error}.`);
  }

  async evict(webSockets: "hibernate" | "close"): Promise<void> {
    await this.object.evict(webSockets);
    if (webSockets === "hibernate") return;
    for (const actor of this.actors) await actor.comeBack();
    for (const actor of this.actors) await actor.settled();
  }

  #granted(token: number): void {
    if (token <= (this.tokens.at(-1) ?? 0)) throw new Error(`Token ${token} is not greater.`);
    this.tokens.push(token);
  }

  #actor(who: number): Actor {
    const actor = this.actors[who];
    if (actor === undefined) throw new Error(`There is no actor ${who}.`);
    return actor;
  }
}
