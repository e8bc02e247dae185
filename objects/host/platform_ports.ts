import type { Alarm, Attachment, Clock, Ports, Socket } from "./ports.ts";
import { SqlStore } from "./sql_store.ts";

export interface PlatformPorts extends Ports {
  /** The port of a platform socket; the same one each time while the object is awake. */
  socket(webSocket: WebSocket): Socket;
}

/** The host's ports on the Workers runtime. */
export function platformPorts(
  ctx: DurableObjectState,
  { kind, armedAtMs }: { kind: string; armedAtMs: number | null },
): PlatformPorts {
  const known = new WeakMap<WebSocket, Socket>();
  const socket = (webSocket: WebSocket): Socket => {
    const port = known.get(webSocket) ?? new HibernatingSocket(ctx, webSocket);
    known.set(webSocket, port);
    return port;
  };
  const abort = (reason: string): void => ctx.abort(reason);
  return {
    store: new SqlStore(ctx.storage, { kind, name: ctx.id.name ?? "" }),
    alarm: new PlatformAlarm(ctx.storage, armedAtMs, abort),
    clock: steadyClock(),
    sockets: () => ctx.getWebSockets().map(socket),
    soon: (run) => hop(ctx.storage, run),
    abort,
    socket,
  };
}

class HibernatingSocket implements Socket {
  readonly #ctx: DurableObjectState;
  readonly #webSocket: WebSocket;

  constructor(ctx: DurableObjectState, webSocket: WebSocket) {
    this.#ctx = ctx;
    this.#webSocket = webSocket;
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
    return this.#ctx.getWebSocketAutoResponseTimestamp(this.#webSocket)?.getTime() ?? null;
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
 * One round of the event loop. A timer alone would do, but costs an object that has nothing else to do more than a
 * millisecond; `sync` comes round at once unless a commit is under way, and then the timer is there.
 */
function hop(storage: DurableObjectStorage, run: () => void): void {
  let isOver = false;
  const once = (): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    run();
  };
  const timer = setTimeout(once, 0);
  storage.sync().then(once, once);
}

/** The wall clock, but never running backwards while the object is awake. */
function steadyClock(): Clock {
  let lastMs = 0;
  return {
    nowMs() {
      lastMs = Math.max(lastMs, Date.now());
      return lastMs;
    },
  };
}
