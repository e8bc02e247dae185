/** The bare runtime to measure beside: an object that passes on what it gets, with as much writing as is asked for. */
import { DurableObject } from "cloudflare:workers";

interface Env {
  readonly ECHOES: DurableObjectNamespace<Echo>;
}

interface Received {
  readonly webSocket: WebSocket;
  readonly message: string | ArrayBuffer;
}

export class Echo extends DurableObject<Env> {
  #turn: Received[] = [];
  readonly #tagged = new Map<string, WebSocket[]>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, value INTEGER)");
  }

  override fetch(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    const mode = new URL(request.url).pathname.split("/").at(-1) ?? "";
    this.ctx.acceptWebSocket(server, [mode]);
    this.#tagged.clear();
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(webSocket: WebSocket, message: string | ArrayBuffer): void {
    const [mode = "plain"] = this.ctx.getTags(webSocket);
    switch (mode) {
      case "turn":
      case "sender":
        this.#takeTurn({ webSocket, message });
        break;
      case "broadcast":
        for (const each of this.#sockets(mode)) each.send(message);
        break;
      case "baton":
        this.#write();
        this.#next(webSocket).send(message);
        break;
      case "asker":
        this.#write();
        this.#sockets("answerer")[0]?.send(message);
        break;
      case "answerer":
        this.#sockets("asker")[0]?.send(message);
        break;
      case "write":
        this.#write();
        webSocket.send(message);
        break;
      default:
        webSocket.send(message);
    }
  }

  override webSocketClose(webSocket: WebSocket): void {
    this.#tagged.clear();
    webSocket.close();
  }

  /** One commit for all messages of a macrotask, one written row for each. What comes from a sender is passed on, too. */
  #takeTurn(received: Received): void {
    this.#turn.push(received);
    if (this.#turn.length > 1) return;
    setTimeout(() => {
      const turn = this.#turn;
      this.#turn = [];
      this.ctx.storage.transactionSync(() => turn.forEach(() => this.#write()));
      const [receiver] = this.#sockets("receiver");
      for (const { webSocket, message } of turn) {
        webSocket.send(message);
        receiver?.send(message);
      }
    }, 0);
  }

  /** The sockets of a mode stand in a ring. */
  #next(webSocket: WebSocket): WebSocket {
    const ring = this.#sockets("baton");
    return ring[(ring.indexOf(webSocket) + 1) % ring.length] ?? webSocket;
  }

  #sockets(mode: string): WebSocket[] {
    const sockets = this.#tagged.get(mode) ?? this.ctx.getWebSockets(mode);
    this.#tagged.set(mode, sockets);
    return sockets;
  }

  #write(): void {
    this.ctx.storage.sql.exec("INSERT OR REPLACE INTO rows (id, value) VALUES (1, ?)", Date.now());
  }
}

/**
 * `/NAME/MODE`, where the mode is that of the socket:
 * - `plain`, `write` (one commit a message), `turn` (one commit a macrotask): it gets its messages back;
 * - `broadcast`: all of them get each;
 * - `baton`: the next of them gets it, with a commit a message;
 * - `sender`: as `turn`, and the `receiver` gets each;
 * - `asker`: the `answerer` gets it, with a commit a message, and what that says goes to the asker.
 */
export default {
  fetch(request: Request, env: Env): Response | Promise<Response> {
    const [, name = ""] = new URL(request.url).pathname.split("/");
    return name === "healthz" ? new Response("ok") : env.ECHOES.getByName(name).fetch(request);
  },
};
