import { DurableObject } from "cloudflare:workers";
import {
  PING,
  PONG,
  readHello,
  readOffer,
  type Fault,
  type Kind,
  type Offer,
  type Statistics,
} from "../../sdk/protocol.ts";
import type { Inspection, Machine, Recovered } from "../core/machine.ts";
import { respond } from "./call_response.ts";
import { Host } from "./host.ts";
import { platformPorts, type PlatformPorts } from "./platform_ports.ts";
import type { Socket } from "./ports.ts";
import { RpcSocket, RpcSocketTarget, type RpcClientStub } from "./rpc_socket.ts";

/** A primitive as a Durable Object: the platform's events on one side, a host and its machine on the other. */
export abstract class PrimitiveObject extends DurableObject {
  #running: { host: Host; ports: PlatformPorts } | null = null;

  constructor(
    ctx: DurableObjectState,
    env: Cloudflare.Env,
    primitive: { kind: Kind; createMachine: (recovered: Recovered) => Machine },
  ) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    const start = (armedAtMs: number | null): void => {
      const ports = platformPorts(ctx, { kind: primitive.kind, armedAtMs });
      this.#running = { host: new Host(ports, primitive.createMachine), ports };
    };
    // Where nothing was ever written there is no alarm to ask for.
    if (isUntouched(ctx.storage)) start(null);
    else void ctx.blockConcurrencyWhile(async () => start(await ctx.storage.getAlarm()));
  }

  /** A call (POST), or an upgrade that opens or resumes a session. */
  override async fetch(request: Request): Promise<Response> {
    if (request.method === "POST") return respond(this.#parts().host, request);
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return new Response("Expected a WebSocket upgrade.", { status: 426 });
    }
    const offer = readOffer(request.headers.get("Sec-WebSocket-Protocol"));
    const { 0: client, 1: server } = new WebSocketPair();
    await this.#greet(offer, () => {
      this.ctx.acceptWebSocket(server);
      return this.#parts().ports.socket(server);
    });
    const headers = new Headers();
    if (offer.protocol !== null) headers.set("Sec-WebSocket-Protocol", offer.protocol);
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  override webSocketMessage(webSocket: WebSocket, message: string | ArrayBuffer): void {
    const { host, ports } = this.#parts();
    const socket = ports.socket(webSocket);
    if (typeof message === "string") host.receive(socket, message);
    else host.receive(socket, "");
  }

  override webSocketClose(webSocket: WebSocket): void {
    this.#drop(webSocket);
  }

  override webSocketError(webSocket: WebSocket): void {
    this.#drop(webSocket);
  }

  /** Never throws: an alarm that throws seven times is dropped by the platform, and with it every deadline. */
  override alarm(): void {
    const { host, ports } = this.#parts();
    try {
      host.alarm();
    } catch (error) {
      ports.abort(`an alarm failed: ${String(error)}`);
    }
  }

  /**
   * The same inside the platform, without a socket: a client that offers these protocols, and is told what a socket
   * would tell it. Its session ends with the last stub of what this returns, unless that was closed.
   */
  async join(protocols: string, client: RpcClientStub): Promise<RpcSocketTarget> {
    const { host, ports } = this.#parts();
    const socket = new RpcSocket(client.dup(), ports.clock);
    await this.#greet(readOffer(protocols), () => socket);
    return new RpcSocketTarget(host, socket);
  }

  /** Opens or resumes a session. What is wrong is said on the socket, where browsers can read it. */
  async #greet(offer: Offer, accept: () => Socket): Promise<void> {
    const greeting = readHello(offer.hello);
    const secretHash = "hello" in greeting ? await sha256(greeting.hello.secret) : "";
    const socket = accept();
    const { host } = this.#parts();
    if (offer.version === null) host.refuse(socket, VERSIONS_DO_NOT_MEET);
    else if ("fault" in greeting) host.refuse(socket, greeting.fault);
    else host.open(socket, greeting.hello, secretHash);
  }

  /** Who holds and who waits. */
  inspect(): (Statistics & Inspection) | { fault: Fault } {
    return this.#parts().host.inspect();
  }

  /** Takes the held claim with this token away from its owner; false if nobody holds it. */
  revoke(token: number): boolean {
    return this.#parts().host.revoke(token);
  }

  #drop(webSocket: WebSocket): void {
    const { host, ports } = this.#parts();
    const socket = ports.socket(webSocket);
    host.dropped(socket);
    socket.close(1000, "");
  }

  #parts(): { host: Host; ports: PlatformPorts } {
    if (this.#running === null) throw new Error("The object has not started.");
    return this.#running;
  }
}

const VERSIONS_DO_NOT_MEET: Fault = {
  code: "protocol",
  message: "This server speaks latchwork.v1, which the client did not offer: use an SDK that does.",
};

function isUntouched({ sql }: DurableObjectStorage): boolean {
  return sql.exec("SELECT name FROM sqlite_master LIMIT 1").toArray().length === 0;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
