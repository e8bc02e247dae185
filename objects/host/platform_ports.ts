import type { Alarm, Attachment, Ports, Socket } from "./ports.ts";
import { SqlStore } from "./sql_store.ts";
import { SteadyClock } from "./steady_clock.ts";

export interface PlatformPorts extends Ports {
  /** The port of a platform socket; the same one each time while the object is awake. */
  socket(webSocket: WebSocket): Socket;
}

/** The host's ports on the Workers runtime. */
export function platformPorts(
  ctx: DurableObjectState,
  { kind, armedAtMs }: { kind: string; armedAtMs: number | null },
): PlatformPorts {
  const clock = new SteadyClock(() => Date.now());
  const known = new WeakMap<WebSocket, Socket>();
  const socket = (webSocket: WebSocket): Socket => {
    const port = known.get(webSocket) ?? new HibernatingSocket(ctx, webSocket, clock);
    known.set(webSocket, port);
    return port;
  };
  const rounds = new Rounds(ctx.storage);
  const abort = (reason: string): void => ctx.abort(reason);
  return {
    store: new SqlStore(ctx.storage, { kind, name: ctx.id.name ?? "" }),
    alarm: new PlatformAlarm(ctx.storage, armedAtMs, abort),
    clock,
    sockets: () => ctx.getWebSockets().map(socket),
    soon: (run) => rounds.next(run),
    abort,
    socket,
  };
}

class HibernatingSocket implements Socket {
  readonly #ctx: DurableObjectState;
  readonly #webSocket: WebSocket;
  readonly #clock: SteadyClock;

  constructor(ctx: DurableObjectState, webSocket: WebSocket, clock: SteadyClock) {
    this.#ctx = ctx;
    this.#webSocket = webSocket;
    this.#clock = clock;
  }

  send(text: string): void {
    this.#webSocket.send(text);
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  attachment(): Attachment | null {
    return this.#webSocket.deserializeAttachment() as Attachment | null;
  }

  attach(attachment: Attachment | null): void {
    this.#webSocket.serializeAttachment(attachment);
  }

  lastPingMs(): number | null {
    const at = this.#ctx.getWebSocketAutoResponseTimestamp(this.#webSocket);
    return at === null ? null : this.#clock.since(at.getTime());
  }
}

class PlatformAlarm implements Alarm {
  readonly #storage: DurableObjectStorage;
  readonly #abort: (reason: string) => void;
  armedAtMs: number | null;

  constructor(
    storage: DurableObjectStorage,
    armedAtMs: number | null,
    abort: (reason: string) => void,
  ) {
    this.#storage = storage;
    this.armedAtMs = armedAtMs;
    this.#abort = abort;
  }

  /** Not awaited: it joins the writes of the turn, and the output gate holds the answers until all are durable. */
  arm(atMs: number): void {
    this.armedAtMs = atMs;
    this.#storage
      .setAlarm(atMs)
      .catch((error: unknown) => this.#abort(`an alarm could not be set: ${String(error)}`));
  }

  fired(): void {
    this.armedAtMs = null;
  }
}

/**
 * Rounds of the event loop. A timer alone would do, but costs an object that has nothing else to do more than a
 * millisecond; `sync` comes round at once unless a commit is under way, and then the timer is there. One timer serves
 * all rounds until it goes off: to set and clear one for each costs as much as the rest of a round.
 */
class Rounds {
  readonly #storage: DurableObjectStorage;
  readonly #waiting = new Set<() => void>();
  #isTimed = false;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  next(run: () => void): void {
    this.#waiting.add(run);
    const once = (): void => {
      if (this.#waiting.delete(run)) run();
    };
    this.#storage.sync().then(once, once);
    if (this.#isTimed) return;
    this.#isTimed = true;
    setTimeout(() => this.#timeIsUp(), 0);
  }

  #timeIsUp(): void {
    this.#isTimed = false;
    const due = [...this.#waiting];
    this.#waiting.clear();
    for (const run of due) run();
  }
}
