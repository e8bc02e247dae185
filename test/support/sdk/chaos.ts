import * as fc from "fast-check";
import type { Lease } from "../../../sdk/index.ts";
import type { Request } from "../../../sdk/protocol.ts";
import { answerTo, pick, Uses, USES, type UseName } from "./chaos_uses.ts";
import { settle } from "./clock.ts";
import type { FakeSocket } from "./fake_socket.ts";
import { silent, unreachable, type Manner } from "./scripted_server.ts";
import { watch, type Watched } from "./watched.ts";
import type { World } from "./world.ts";

const UNAUTHORIZED = { code: "unauthorized", message: "No." } as const;
const OVERLOADED = { code: "overloaded", message: "Later.", retryAfterMs: 700 } as const;
const EXPIRED = { notice: "session-ended", reason: "expired" } as const;

/** `which` picks, among all there have been, a call to abort, a request to answer, a lease to release or to lose. */
export type Step =
  | { do: "acquire"; timeoutMs: number | null }
  | { do: "use"; what: UseName; which: number; timeoutMs: number | null }
  | { do: "deposit" | "serve" }
  | { do: "abort" | "release"; which: number }
  | { do: "meet"; how: "welcome" | "silence" | "absence" | "refusal" | "overload" | "oblivion" }
  | { do: "wait" | "freeze"; ms: number }
  | Event;
/** What happens on one of the open sockets. */
type Event = { do: "drop" | "mute" | "expel" } | { do: "grant" | "deny" | "lose"; which: number };

const which = fc.nat(40);
const timeoutMs = fc.option(fc.oneof(fc.constant(0), fc.nat(15_000)));
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("acquire"), timeoutMs } as const) },
  { weight: 4, arbitrary: fc.constant({ do: "serve" } as const) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("use"),
      what: fc.constantFrom(...USES),
      which,
      timeoutMs,
    } as const),
  },
  fc.record({ do: fc.constantFrom("deposit", "drop", "mute", "expel") } as const),
  { weight: 6, arbitrary: fc.record({ do: fc.constant("grant"), which } as const) },
  fc.record({ do: fc.constantFrom("abort", "grant", "deny", "release", "lose"), which } as const),
  fc.record({
    do: fc.constant("meet"),
    how: fc.constantFrom("welcome", "silence", "absence", "refusal", "overload", "oblivion"),
  } as const),
  fc.record({ do: fc.constant("wait"), ms: fc.nat(4_000) } as const),
  fc.record({ do: fc.constant("freeze"), ms: fc.nat(12_000) } as const),
);

export const anySteps: fc.Arbitrary<Step[]> = fc.array(anyStep, { maxLength: 80, size: "max" });

/** Anything that can happen to a client, in any order, and what has become of its calls. */
export class Chaos {
  readonly world: World;
  readonly calls: { readonly controller: AbortController; readonly watched: Watched<unknown> }[] =
    [];
  readonly leases: Lease[] = [];
  readonly released = new Set<Lease>();
  readonly uses: Uses;
  readonly #served = new WeakSet<Request>();
  #answersCount = 0;

  constructor(world: World) {
    this.world = world;
    this.uses = new Uses(world, this.leases);
  }

  async take(step: Step): Promise<void> {
    const { clock, server } = this.world;
    switch (step.do) {
      case "acquire": {
        const { timeoutMs } = step;
        return this.#acquire(timeoutMs === null ? {} : { timeoutMs });
      }
      case "use":
        return this.#use(step);
      case "serve":
        for (const socket of server.sockets) if (socket.state === "open") this.#serve(socket);
        return settle();
      case "deposit":
        return this.#watch(this.world.lw.semaphore("a").release());
      case "abort":
        return pick(this.calls, step.which)?.controller.abort(new Error("Aborted."));
      case "release": {
        const lease = pick(this.leases, step.which);
        if (lease === undefined) return;
        this.released.add(lease);
        return this.#watch(lease.release());
      }
      case "wait":
        return clock.advance(step.ms);
      case "freeze":
        return clock.freeze(step.ms);
      case "meet":
        server.manner = this.#manners[step.how];
        return;
      case "grant":
      case "deny":
      case "drop":
      case "mute":
      case "expel":
      case "lose": {
        const sockets = server.sockets.filter(({ state }) => state === "open");
        const { which = 0 } = step as { which?: number };
        const socket = pick(sockets, which);
        if (socket !== undefined) this.#play(step, socket, Math.floor(which / sockets.length));
      }
    }
  }

  #play(event: Event, socket: FakeSocket, which: number): void {
    switch (event.do) {
      case "grant": {
        const request = pick(socket.requests, which);
        if (request === undefined) return;
        return this.#answer(socket, request);
      }
      case "deny": {
        const request = pick(socket.requests, which);
        return request && socket.reject(request, { code: "limit-exceeded", message: "No." });
      }
      case "lose": {
        const lease = pick(this.leases, event.which);
        return lease && socket.say({ notice: "lost", token: lease.token, reason: "revoked" });
      }
      case "drop":
        return socket.drop();
      case "mute":
        socket.answersPings = false;
        return;
      case "expel":
        return socket.say(EXPIRED);
    }
  }

  /** Answers whatever has no answer yet. */
  #serve(socket: FakeSocket): void {
    for (const request of socket.requests) {
      if (!this.#served.has(request)) this.#answer(socket, request);
    }
  }

  #answer(socket: FakeSocket, request: Request): void {
    this.#served.add(request);
    this.#answersCount += 1;
    socket.answer(request, answerTo(request, this.#answersCount));
  }

  get #manners(): Record<(Step & { do: "meet" })["how"], Manner> {
    const held = (): number[] => this.leases.slice(0, 3).map(({ token }) => token);
    return {
      welcome: (socket) => socket.welcome(held()),
      silence: silent,
      absence: unreachable,
      refusal: (socket) => socket.refuse(UNAUTHORIZED),
      overload: (socket) => socket.refuse(OVERLOADED),
      oblivion: (socket) => {
        socket.open();
        if (socket.hello.resume) socket.say(EXPIRED);
        else socket.welcome();
      },
    };
  }

  #acquire(options: { timeoutMs?: number }): void {
    const controller = new AbortController();
    const lock = this.world.lw.lock("a");
    const acquiring = lock.acquire({ ...options, signal: controller.signal });
    const taking = acquiring.then((lease) => this.leases.push(lease));
    this.calls.push({ controller, watched: watch(taking) });
  }

  #use({ what, which, timeoutMs }: Step & { do: "use" }): void {
    const controller = new AbortController();
    const { signal } = controller;
    const options = timeoutMs === null ? { signal } : { signal, timeoutMs };
    const using = this.uses.start(what, which, options);
    if (using !== null) this.calls.push({ controller, watched: watch(using) });
  }

  #watch(promise: Promise<unknown>): void {
    this.calls.push({ controller: new AbortController(), watched: watch(promise) });
  }
}
