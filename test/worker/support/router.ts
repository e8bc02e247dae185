import { env } from "cloudflare:workers";
import {
  decodeMessages,
  offeredProtocols,
  type Fault,
  type ServerMessage,
} from "../../../sdk/protocol.ts";
import { createApp } from "../../../worker/app.ts";
import { BINDINGS } from "../../../worker/bindings.ts";
import type { Env } from "../../../worker/env.ts";
import { hello, RawClient, type Closed, type Door } from "../../support/raw_client.ts";

/** The router in process, before the real objects unless a test puts something else there. */
export interface Router extends Door {
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** The settings of an open server. */
export const OPEN = { LATCHWORK_OPEN: "true" } as const;

export function router(settings: Partial<Env>): Router {
  const objects = Object.fromEntries(Object.values(BINDINGS).map((name) => [name, env[name]]));
  const app = createApp();
  return {
    fetch: async (path, init) =>
      app.request(new URL(path, "http://latchwork.test"), init, { ...objects, ...settings }),
  };
}

/** A client with an open session, by way of the router. */
export async function openThrough(door: Door, path: string): Promise<RawClient> {
  const client = await RawClient.open(door, hello(), path);
  await client.notice("welcome");
  return client;
}

/** The headers of an upgrade request. */
export function upgrade(token?: string): {
  readonly Upgrade: string;
  readonly "Sec-WebSocket-Protocol": string;
} {
  return {
    Upgrade: "websocket",
    "Sec-WebSocket-Protocol": offeredProtocols(hello(), token).join(", "),
  };
}

export interface Problem extends Omit<Fault, "message"> {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/** What a refused request was told; fails on anything that is not problem details. */
export async function problemOf(response: Response): Promise<Problem> {
  if (response.headers.get("Content-Type") !== "application/problem+json") {
    throw new Error(`Not a problem: ${response.status} ${await response.text()}`);
  }
  return response.json();
}

export interface RefusedSocket extends Closed {
  readonly protocol: string | null;
  readonly messages: ServerMessage[];
}

/** What a refused socket was told, from the first message to the close. */
export async function refusedSocket(response: Response): Promise<RefusedSocket> {
  const { webSocket } = response;
  if (webSocket === null) throw new Error(`No socket: status ${response.status}.`);
  const messages: ServerMessage[] = [];
  webSocket.addEventListener("message", ({ data }) => {
    messages.push(...(decodeMessages(String(data)) ?? []));
  });
  const closed = new Promise<Closed>((resolve) => {
    webSocket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
  webSocket.accept();
  const { code, reason } = await closed;
  return { messages, code, reason, protocol: response.headers.get("Sec-WebSocket-Protocol") };
}
