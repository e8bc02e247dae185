import type { OneShot, OneShotAnswer } from "../../objects/host/asked.ts";
import type { FakeSocket, HostWorld } from "./host_world.ts";

/** Of a call that may be repeated. */
export const KEY = { idempotency: { key: "a-key", fingerprint: "of the call" } };

/** Programs that keep no socket, at a host in a world that the test makes. */
export class Callers {
  readonly #world: HostWorld;
  #sessionsCount = 0;

  constructor(world: HostWorld) {
    this.#world = world;
  }

  /** A call that begins a session; what it is granted lives for a minute unless it says otherwise. */
  begin(body: OneShot["body"], changes: Partial<OneShot> = {}): Caller {
    this.#sessionsCount += 1;
    const session = `one-shot-${String(this.#sessionsCount).padStart(8, "0")}`;
    return new Caller(this.#world, {
      session,
      secretHash: `hash of ${session}`,
      client: session,
      ttlMs: 60_000,
      body,
      confirms: false,
      idempotency: null,
      ...changes,
    });
  }

  acquire(changes: Partial<OneShot> & { timeoutMs?: number } = {}): Caller {
    const { timeoutMs = 30_000, ...rest } = changes;
    return this.begin({ op: "acquire", timeoutMs }, rest);
  }

  /** Somebody who holds the lock on a socket. */
  holderOnSocket(): FakeSocket {
    const socket = this.#world.connect();
    socket.acquire(1);
    this.#world.endTurn();
    return socket;
  }

  /** What these have been answered when the turn is over. */
  answersOf(...callers: readonly Caller[]): unknown[] {
    this.#world.endTurn();
    return callers.map(({ answer }) => answer);
  }
}

/** One call, and the end of it that its caller has. */
export class Caller {
  readonly oneShot: OneShot;
  readonly answers: OneShotAnswer[] = [];
  readonly #world: HostWorld;
  readonly hangUp: () => void;

  constructor(world: HostWorld, oneShot: OneShot) {
    this.#world = world;
    this.oneShot = oneShot;
    this.hangUp = world.host.ask(oneShot, (answer) => this.answers.push(answer));
  }

  /** A later call with the lease that this one was granted. */
  withLease(body: OneShot["body"], changes: Partial<OneShot> = {}): Caller {
    return new Caller(this.#world, {
      ...this.oneShot,
      client: null,
      ttlMs: null,
      confirms: false,
      idempotency: null,
      body,
      ...changes,
    });
  }

  /** The same call once more, by a caller who has not heard. */
  again(changes: Partial<OneShot> = {}): Caller {
    return new Caller(this.#world, { ...this.oneShot, ...changes });
  }

  /** What it was answered; the code of the fault where it was refused. */
  get answer(): unknown {
    const [answer] = this.answers;
    if (answer === undefined) return "waits";
    return "error" in answer.reply ? answer.reply.error.code : answer.reply.ok;
  }

  get token(): number {
    const token = this.answers[0]?.lease?.token;
    if (token === undefined || token === null) {
      throw new Error(`The call was not granted: ${JSON.stringify(this.answers)}.`);
    }
    return token;
  }
}
