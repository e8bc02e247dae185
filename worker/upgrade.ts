import { CLOSE, encodeMessages, readOffer, type Fault } from "../sdk/protocol.ts";

export function isUpgrade(request: Request): boolean {
  return request.method === "GET" && request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/**
 * Turns a WebSocket away in words. A browser shows a program nothing of an upgrade that failed, so this one
 * succeeds, says why it is refused, and is closed.
 */
export function refuseSocket(request: Request, error: Fault): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.send(encodeMessages([{ notice: "refused", error }]));
  server.close(CLOSE.refused, "see the last message");
  const { protocol } = readOffer(request.headers.get("Sec-WebSocket-Protocol"));
  const headers = new Headers();
  if (protocol !== null) headers.set("Sec-WebSocket-Protocol", protocol);
  return new Response(null, { status: 101, webSocket: client, headers });
}
