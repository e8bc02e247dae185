/* oxlint-disable vitest/no-standalone-expect -- scenes are played by tests, and check what they hear on the way */
import { expect } from "vitest";
import type { Request, Result } from "../../../sdk/protocol.ts";
import { Actor, type Body } from "./actor.ts";
import { advance } from "./clock.ts";
import type { NamedObject } from "./named_object.ts";

export const TTL_MS = 60_000;

/** What a story does next; it ends when the object has heard it. */
export type Step = (scene: Scene) => Promise<unknown>;

/**
 * Clients of one object, and what they do with it. A call is named by a sentence that begins with who makes it:
 * "a waits".
 */
export class Scene {
  readonly object: NamedObject;
  /** True if nobody sees to it that the object has heard what was asked. */
  inHaste = false;
  readonly #actors: Map<string, Actor>;
  readonly #calls = new Map<string, { actor: Actor; id: number }>();
  readonly #results = new Map<string, Result>();
  #lastToken = 0;

  private constructor(object: NamedObject, actors: Map<string, Actor>) {
    this.object = object;
    this.#actors = actors;
  }

  static async open(object: NamedObject, names: readonly string[]): Promise<Scene> {
    const actors = new Map<string, Actor>();
    for (const name of names) actors.set(name, await Actor.enter(object, name));
    return new Scene(object, actors);
  }

  /** Asks, and leaves the answer for later. */
  async posts<Op extends Request["op"]>(call: string, op: Op, body: Body<Op>): Promise<void> {
    const actor = this.#whoMakes(call);
    this.#calls.set(call, { actor, id: actor.post(op, body) });
    if (!this.inHaste) await actor.settled();
  }

  /** The call is answered: with this, or with an error of this code. */
  async hears(call: string, answer: object | string): Promise<void> {
    const made = this.#calls.get(call);
    if (made === undefined) throw new Error(`Nobody has asked yet: ${call}.`);
    const reply = await made.actor.reply(made.id);
    const said = "ok" in reply ? reply.ok : reply.error.code;
    expect({ [call]: said }).toEqual({ [call]: answer });
    if ("ok" in reply) this.#results.set(call, reply.ok);
  }

  async asks<Op extends Request["op"]>(
    call: string,
    op: Op,
    body: Body<Op>,
    answer: object | string = {},
  ): Promise<void> {
    await this.posts(call, op, body);
    await this.hears(call, answer);
  }

  /** The call is withdrawn, and nobody hears of it any more. */
  async withdraws(call: string, answer: object): Promise<void> {
    const reply = await this.#whoMakes(call).withdraw(this.id(call));
    expect(reply).toMatchObject({ ok: answer });
  }

  /** The call is granted, with a token greater than any before (LE2). */
  async isGranted(call: string, more: object = {}): Promise<void> {
    await this.hears(call, { ...more, token: expect.any(Number) as number });
    const token = this.token(call);
    expect(token).toBeGreaterThan(this.#lastToken);
    this.#lastToken = token;
  }

  async takes<Op extends "acquire" | "open">(call: string, op: Op, body: Body<Op>): Promise<void> {
    await this.posts(call, op, body);
    await this.isGranted(call);
  }

  /** Sends these items in one frame, through the end that the call has opened. */
  async sendsAtOnce(call: string, items: readonly string[]): Promise<void> {
    const actor = this.#whoMakes(call);
    const end = this.token(call);
    const ids = actor.postAll(
      "send",
      items.map((item) => ({ end, item })),
    );
    for (const id of ids) expect(await actor.reply(id)).toEqual({ re: id, ok: {} });
  }

  /** The call is answered with these items; `!` behind one says that it comes again. */
  async isGiven(call: string, texts: readonly string[]): Promise<void> {
    const given = texts.map((text) => {
      const seq = expect.any(Number) as number;
      return text.endsWith("!")
        ? { seq, item: text.slice(0, -1), redelivered: true }
        : { seq, item: text };
    });
    await this.hears(call, { items: given });
  }

  /** What the call was granted. */
  token(call: string): number {
    const result = this.#results.get(call);
    if (result === undefined || !("token" in result)) throw new Error(`Not granted: ${call}.`);
    return result.token;
  }

  /** The items that the call was given, by their numbers. */
  seqs(call: string): number[] {
    const result = this.#results.get(call);
    if (result === undefined || !("items" in result)) throw new Error(`Given nothing: ${call}.`);
    return result.items.map(({ seq }) => seq);
  }

  /** The number of the request. */
  id(call: string): number {
    const made = this.#calls.get(call);
    if (made === undefined) throw new Error(`Nobody has asked yet: ${call}.`);
    return made.id;
  }

  /** What an operator sees. */
  async shows(inspection: object): Promise<void> {
    expect(await this.object.stub.inspect()).toMatchObject(inspection);
  }

  /** What the call was granted is taken from its owner, who is told. */
  async loses(call: string): Promise<void> {
    const { client } = this.#whoMakes(call);
    const notice = { notice: "lost", token: this.token(call), reason: "revoked" };
    expect(await client.notice("lost")).toEqual(notice);
  }

  /** The call's client has given back by its borrower's name what the call was granted. */
  async givesBack(call: string): Promise<void> {
    const { client } = this.#whoMakes(call);
    expect(await client.notice("returned")).toMatchObject({ token: this.token(call) });
  }

  hangsUp(who: string): Promise<void> {
    return this.#actor(who).hangUp();
  }

  async comesBack(who: string): Promise<void> {
    const actor = this.#actor(who);
    await actor.comeBack();
    await actor.settled();
  }

  /** Time passes, and the alarm goes off. */
  async passes(ms: number): Promise<void> {
    advance(ms);
    expect(await this.object.ring()).toBe(true);
  }

  /** This one is not heard for longer than its TTL; all others are. */
  async fallsSilent(who: string): Promise<void> {
    const silent = this.#actor(who);
    this.#actors.delete(who);
    for (const ms of [0, TTL_MS - 1_000]) {
      advance(ms);
      for (const actor of this.#present) await actor.settled();
    }
    await this.passes(2_000);
    if (!silent.isAway) await silent.client.notice("session-ended");
  }

  /** Memory is lost; sockets sleep, or are closed: then all that were there come back, and repeat. */
  async evict(webSockets: "hibernate" | "close"): Promise<void> {
    await this.object.evict(webSockets);
    if (webSockets === "hibernate") return;
    for (const actor of this.#present) await actor.comeBack();
    for (const actor of this.#present) await actor.settled();
  }

  /** What anybody was told that nobody has asked about here. */
  get unread(): unknown[] {
    return this.#present.flatMap(({ client }) => client.unread);
  }

  get #present(): Actor[] {
    return [...this.#actors.values()].filter(({ isAway }) => !isAway);
  }

  #whoMakes(call: string): Actor {
    return this.#actor(call.split(" ")[0] ?? "");
  }

  #actor(who: string): Actor {
    const actor = this.#actors.get(who);
    if (actor === undefined) throw new Error(`There is no ${who}.`);
    return actor;
  }
}

/** How many steps there are from one eviction to the next. */
const STRIDE = 4;

/** Where a story's evictions begin, and what they leave of the sockets: between them they are between any two steps. */
export const EVICTIONS = (["hibernate", "close"] as const).flatMap((webSockets) =>
  Array.from({ length: STRIDE }, (_, from) => ({ webSockets, from })),
);

/**
 * Tells the story, and has the object evicted before the step `from`, and again before every fourth after it. Returns
 * what anybody was told besides.
 */
export async function tell(
  scene: Scene,
  steps: readonly Step[],
  { webSockets, from }: (typeof EVICTIONS)[number],
): Promise<unknown[]> {
  for (const [index, step] of steps.entries()) {
    if (index % STRIDE === from) await scene.evict(webSockets);
    await step(scene);
  }
  return scene.unread;
}
