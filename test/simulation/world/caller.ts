import type { HeldLease, OneShot, OneShotAnswer } from "../../../objects/host/asked.ts";
import type { Call } from "./call.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** What a program asks by a call. */
export interface Asking {
  readonly body: OneShot["body"];
  /** The session of what it was granted; left out, the call begins one. */
  readonly lease?: string;
  readonly ttlMs?: number;
  readonly confirms?: boolean;
  /** Makes repeats of the call known. */
  readonly key?: string | null;
  /** True if the Worker may ask once more, of itself. */
  readonly isRepeatable: boolean;
  /** For how long it listens, where it is not to the end. */
  readonly listensMs?: number | null;
  /** The wrong secret, for whoever is a thief. */
  readonly secretHash?: string;
}

export interface Heard {
  readonly answer: OneShotAnswer;
  readonly session: string;
  /** What it was granted lives from then on, and perhaps from a little later. */
  readonly sinceMs: number;
}

export interface CallerWorld {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly send: (oneShot: OneShot) => Call;
}

const WORKER_ATTEMPTS = 2;
/** From when the host decides until it answers, at the most. */
const TURN_MS = 2;
/** How long whoever has a key goes on asking. */
const REPEATS_MAX = 20;

export function secretHashOf(session: string): string {
  return `hash of ${session}`;
}

/** Its caller has asked once more, or what it asked before has come only now: it must ask again. */
export function isTakenOver({ reply }: OneShotAnswer): boolean {
  return "error" in reply && reply.error.message.includes("waits in this one's place");
}

/** A program that lives for a call or two, and the Worker that it calls. It keeps no connection. */
export class Caller {
  readonly name: string;
  readonly random: Random;
  state: "running" | "dead" = "running";
  readonly pauses = 0;
  readonly leaves = 0;
  readonly isUpToDate = true;
  /** That of what it was granted last. */
  ttlMs = 0;
  readonly #world: CallerWorld;
  #sessions = 0;

  constructor(name: string, world: CallerWorld) {
    this.name = name;
    this.random = world.random;
    this.#world = world;
  }

  get nowMs(): number {
    return this.#world.timeline.nowMs;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.timeline.after(ms, resolve);
    });
  }

  /** A key that nobody else has. */
  newKey(): string {
    this.#sessions += 1;
    return `key ${this.#sessions} of ${this.name}`;
  }

  /** Asks, and again where it can and nothing was heard. `null` where nobody knows whether it was done. */
  async ask(asking: Asking): Promise<Heard | null> {
    const key = asking.key ?? null;
    const credentials = asking.lease ?? (key === null ? this.#newSession() : `session of ${key}`);
    const oneShot: OneShot = {
      session: credentials,
      secretHash: asking.secretHash ?? secretHashOf(credentials),
      client: asking.lease === undefined ? this.name : null,
      ttlMs: asking.ttlMs ?? null,
      body: asking.body,
      confirms: asking.confirms ?? false,
      idempotency: key === null ? null : { key, fingerprint: JSON.stringify(asking.body) },
    };
    const repeats = key === null ? 1 : REPEATS_MAX;
    const firstAskedAtMs = this.nowMs;
    for (let count = 0; count < repeats; count += 1) {
      if (count > 0) await this.sleep(this.random.delayMs(500));
      const heard = await this.#throughWorker(oneShot, asking);
      // What is said again was decided no earlier than when it was first asked.
      if (heard?.answer.replayed === true) return { ...heard, sinceMs: firstAskedAtMs };
      if (heard !== null && !isTakenOver(heard.answer)) return heard;
    }
    return null;
  }

  async #throughWorker(oneShot: OneShot, asking: Asking): Promise<Heard | null> {
    const { isRepeatable, listensMs = null } = asking;
    const listening = { isOver: false };
    let call: Call | null = null;
    if (listensMs !== null) {
      void this.sleep(listensMs).then(() => {
        listening.isOver = true;
        call?.hangUp();
      });
    }
    for (let attempt = 1; attempt <= WORKER_ATTEMPTS && !listening.isOver; attempt += 1) {
      call = this.#world.send(oneShot);
      const answer = await call.heard;
      if (answer !== null) {
        return { answer, session: oneShot.session, sinceMs: call.answeredAtMs - TURN_MS };
      }
      if (!isRepeatable) return null;
    }
    return null;
  }

  #newSession(): string {
    this.#sessions += 1;
    return `session ${this.#sessions} of ${this.name}`;
  }
}

/** What a call was granted, for as long as its program may believe in it. */
export class CallLease {
  readonly session: string;
  token = 0;
  ttlMs = 0;
  readonly #caller: Caller;
  readonly #lost = new AbortController();
  #untilMs = 0;

  constructor(caller: Caller, heard: Heard, lease: HeldLease) {
    this.session = heard.session;
    this.#caller = caller;
    this.lives(heard, lease);
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** The server has heard of it. */
  lives({ sinceMs }: Pick<Heard, "sinceMs">, { token, ttlMs }: HeldLease): void {
    this.token = token ?? 0;
    this.ttlMs = ttlMs;
    this.#caller.ttlMs = ttlMs;
    const untilMs = sinceMs + ttlMs;
    this.#untilMs = untilMs;
    if (untilMs <= this.#caller.nowMs) return this.end();
    void this.#caller.sleep(untilMs - this.#caller.nowMs).then(() => {
      if (this.#untilMs === untilMs) this.end();
    });
  }

  end(): void {
    this.#lost.abort(new Error("The lease has run out."));
  }
}
