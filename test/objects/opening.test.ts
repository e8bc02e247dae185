import { beforeEach, describe, expect, test } from "vitest";
import { decodeMessages, offeredProtocols, type ServerMessage } from "../../sdk/protocol.ts";
import { hello } from "../support/raw_client.ts";
import { stopClock } from "./support/clock.ts";
import { lock } from "./support/named_object.ts";

beforeEach(stopClock);

interface Refused {
  readonly protocol: string | null;
  readonly code: number;
  readonly messages: readonly ServerMessage[];
}

async function refused(name: string, offer: string | null): Promise<Refused> {
  const headers = new Headers({ Upgrade: "websocket" });
  if (offer !== null) headers.set("Sec-WebSocket-Protocol", offer);
  const response = await lock(name).stub.fetch("http://object/", { headers });
  const { webSocket } = response;
  if (webSocket === null) throw new Error(`No socket: status ${response.status}.`);
  const messages: ServerMessage[] = [];
  webSocket.addEventListener("message", ({ data }) => {
    messages.push(...(decodeMessages(String(data)) ?? []));
  });
  const closed = new Promise<number>((resolve) => {
    webSocket.addEventListener("close", ({ code }) => resolve(code));
  });
  webSocket.accept();
  const code = await closed;
  return { protocol: response.headers.get("Sec-WebSocket-Protocol"), code, messages };
}

function offerOf(changes: Parameters<typeof hello>[0] = {}): string {
  return offeredProtocols(hello(changes)).join(", ");
}

const REFUSAL = { code: 4400, messages: [{ notice: "refused", error: { code: "protocol" } }] };

describe("an upgrade", () => {
  test("whose versions do not meet the server's is refused in words, in a version it offered", async () => {
    const offer = offerOf().replace("latchwork.v1", "latchwork.v98, latchwork.v99");
    const said = await refused("versions", offer);
    expect(said).toMatchObject({ ...REFUSAL, protocol: "latchwork.v98" });
  });

  test.each([
    ["nothing", null],
    ["no hello", "latchwork.v1"],
    ["a hello that is not JSON", "latchwork.v1, latchwork.hello.AAAA"],
    ["a hello with an id too short", offerOf({ session: "short" })],
    ["a hello with no attempt", offerOf({ attempt: 0 })],
  ])("that says %s is refused in words", async (what, offer) => {
    expect(await refused(what, offer)).toMatchObject(REFUSAL);
  });

  test("that is refused leaves no trace of the name", async () => {
    await refused("no-trace", "latchwork.v1");
    expect(await lock("no-trace").tables()).toEqual([]);
  });

  test("is what an object answers to, and nothing else", async () => {
    const response = await lock("plain").stub.fetch("http://object/");
    expect(response.status).toBe(426);
    await response.body?.cancel();
  });
});
