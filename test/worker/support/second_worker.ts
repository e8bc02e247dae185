import {
  decodeMessages,
  encodeRequests,
  offeredProtocols,
  type Hello,
  type ServerMessage,
} from "../../../sdk/protocol.ts";
import type { ObjectNamespace } from "../../../worker/env.ts";

/** A program of its own, beside Latchwork's Worker: it has the router as a service, and the objects as a binding. */
interface Env {
  readonly LATCHWORK: Fetcher;
  readonly LOCKS: ObjectNamespace;
}

const ROUTER = "http://latchwork/v1/default/lock/shared";

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    switch (new URL(request.url).pathname) {
      case "/inspect-by-service":
        return env.LATCHWORK.fetch(ROUTER);
      case "/inspect-by-binding":
        return Response.json(await env.LOCKS.getByName("default/shared").inspect());
      case "/try-acquire":
        return Response.json(await tryAcquire(env));
      default:
        return new Response(null, { status: 404 });
    }
  },
};

/** What the router answers to an acquire that does not wait. */
async function tryAcquire(env: Env): Promise<ServerMessage> {
  const hello: Hello = {
    session: crypto.randomUUID(),
    secret: crypto.randomUUID(),
    client: "second Worker",
    ttlMs: 10_000,
    attempt: 1,
    resume: false,
  };
  const headers = {
    Upgrade: "websocket",
    "Sec-WebSocket-Protocol": offeredProtocols(hello).join(", "),
  };
  const { webSocket } = await env.LATCHWORK.fetch(ROUTER, { headers });
  if (webSocket === null) throw new Error("No socket.");
  const answer = new Promise<ServerMessage>((resolve) => {
    webSocket.addEventListener("message", ({ data }) => {
      const reply = decodeMessages(String(data))?.find((message) => !("notice" in message));
      if (reply !== undefined) resolve(reply);
    });
  });
  webSocket.accept();
  const [frame = ""] = encodeRequests([
    { id: 1, op: "acquire", permits: 1, timeoutMs: 0 },
    { id: 2, op: "end" },
  ]);
  webSocket.send(frame);
  return answer;
}
