import { expect, test } from "vitest";
import { readOffer } from "../../sdk/protocol.ts";
import { FakeNamespace } from "./support/fake_namespace.ts";
import { OPEN, openThrough, refusedSocket, router, upgrade } from "./support/router.ts";

const PATH = "/v1/default/lock/door";
const door = router(OPEN);

test("[LK1] clients that come through the router meet in one object", async () => {
  const first = await openThrough(door, PATH);
  const second = await openThrough(door, PATH);
  const token = await first.acquire();
  const waiting = second.post("acquire", { permits: 1, timeoutMs: 0 });
  expect(await second.reply(waiting)).toMatchObject({ error: { code: "timeout" } });
  await first.ask("release", { token });
  expect(await second.acquire()).toBeGreaterThan(token);
});

test("the object answers with the subprotocol that both speak", async () => {
  const response = await door.fetch(PATH, { headers: upgrade() });
  expect(response.status).toBe(101);
  expect(response.headers.get("Sec-WebSocket-Protocol")).toBe("latchwork.v1");
  response.webSocket?.accept();
  response.webSocket?.close(1000, "done");
});

test("no token reaches the object: not by header, not by subprotocol, not by address", async () => {
  const LOCKS = new FakeNamespace();
  const offered = upgrade("s3cret");
  const headers = {
    ...offered,
    Authorization: "Bearer s3cret",
    Cookie: "session=s3cret",
    Origin: "https://app.example",
  };
  const response = await router({ LATCHWORK_TOKEN: "s3cret", LOCKS }).fetch(
    `${PATH}?token=s3cret`,
    { headers },
  );
  expect(response.status).toBe(101);
  const [{ request, name } = { request: null, name: "" }] = LOCKS.reached;
  if (request === null) throw new Error("Nothing reached the object.");
  expect(name).toBe("default/door");
  expect([...request.headers.keys()].toSorted()).toEqual(["sec-websocket-protocol", "upgrade"]);
  const offer = readOffer(request.headers.get("Sec-WebSocket-Protocol"));
  expect(offer.token).toBeNull();
  expect(offer.version).toBe(1);
  expect(offer.hello).toBe(readOffer(offered["Sec-WebSocket-Protocol"]).hello);
  expect(request.url).not.toContain("s3cret");
});

test("a refused socket opens with the offered subprotocol, says one thing and closes", async () => {
  const response = await router({}).fetch(PATH, { headers: upgrade() });
  const refused = await refusedSocket(response);
  expect(refused).toMatchObject({
    protocol: "latchwork.v1",
    code: 4400,
    messages: [{ notice: "refused", error: { code: "unauthorized" } }],
  });
  expect(refused.messages).toHaveLength(1);
});

test("a refused socket of a version that nobody here knows is answered in that version", async () => {
  const headers = { Upgrade: "WebSocket", "Sec-WebSocket-Protocol": "latchwork.v99" };
  const refused = await refusedSocket(await router({}).fetch(PATH, { headers }));
  expect(refused.protocol).toBe("latchwork.v99");
});

test("a socket that offers nothing is refused without a subprotocol", async () => {
  const headers = { Upgrade: "websocket" };
  const refused = await refusedSocket(await router({}).fetch(PATH, { headers }));
  expect(refused).toMatchObject({ protocol: null, code: 4400 });
});

test("versions that do not meet, and a hello that is none, are refused by the object", async () => {
  for (const offer of ["latchwork.v99", "latchwork.v1"]) {
    const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": offer };
    const refused = await refusedSocket(await door.fetch(PATH, { headers }));
    expect(refused).toMatchObject({
      protocol: offer,
      code: 4400,
      messages: [{ notice: "refused", error: { code: "protocol" } }],
    });
  }
});

test("a socket for an address where nothing is, is told so in a frame", async () => {
  for (const path of ["/", "/v2/default/lock/x", "/v1/default", "/v1/default/lock/x/leases/1"]) {
    const refused = await refusedSocket(await door.fetch(path, { headers: upgrade() }));
    expect(refused).toMatchObject({
      code: 4400,
      messages: [{ notice: "refused", error: { code: "protocol" } }],
    });
  }
});
