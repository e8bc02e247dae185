/** The bare runtime to measure beside: an object that sends back what it gets, with as much writing as is asked for. */
import { DurableObject } from "cloudflare:workers";

interface Env {
  readonly ECHOES: DurableObjectNamespace<Echo>;
}

export class Echo extends DurableObject<Env> {
  #turn: { webSocket: WebSocket; message: string | ArrayBuffer }[] = [];

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, value INTEGER)");
  }

  override fetch(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    const mode = new URL(request.url).pathname.split("/").at(-1) ?? "";
    this.ctx.acceptWebSocket(server, [mode]);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(webSocket: WebSocket, message: string | ArrayBuffer): void {
    const [mode] = this.ctx.getTags(webSocket);
    if (mode === "turn") return this.#takeTurn(webSocket, message);
    if (mode === "broadcast") {
      for (const each of this.ctx.getWebSockets()) each.send(message);
      return;
    }
    if (mode === "write") this.#write();
    webSocket.send(message);
  }

  override webSocketClose(webSocket: WebSocket): void {
    webSocket.close();
  }

  /** One commit for all messages of a macrotask, one written row for each. */
  #takeTurn(webSocket: WebSocket, message: string | ArrayBuffer): void {
    this.#turn.push({ webSocket, message });
    if (this.#turn.length > 1) return;
    setTimeout(() => {
      const turn = this.#turn;
      this.#turn = [];
      this.ctx.storage.transactionSync(() => turn.forEach(() => this.#write()));
      for (const { webSocket, message } of turn) webSocket.send(message);
    }, 0);
  }

  #write(): void {
    this.ctx.storage.sql.exec("INSERT OR REPLACE INTO rows (id, value) VALUES (1, ?)", Date.now());
  }
}

/** `/NAME/MODE`: mode is `plain`, `write` (one commit a message), `turn` (one commit a macrotask) or `broadcast`. */
export default {
  fetch(request: Request, env: Env): Response | Promise<Response> {
    const [, name = ""] = new URL(request.url).pathname.split("/");
    return name === "healthz" ? new Response("ok") : env.ECHOES.getByName(name).fetch(request);
  },
};
