import { describe, expect, it } from "vitest";
import { LIMITS } from "../../sdk/protocol.ts";
import { openStream, type OpenStream } from "../support/core/streams.ts";

/** JSON of exactly that many characters. */
const textOf = (characters: number): string => JSON.stringify("x".repeat(characters - 2));

describe("itemCharactersMax", () => {
  const { itemCharactersMax: max } = LIMITS;

  it("an item may be as large, and not one character larger", () => {
    const { rig, ann, toSend } = openStream(9);
    expect(ann.sendText(toSend, textOf(max)).fate).toBe("done");
    expect(ann.sendText(toSend, textOf(max + 1)).replies).toMatchObject([
      { error: { limit: "itemCharactersMax", max } },
    ]);
    expect(rig.rows.itemsCount).toBe(1);
  });
});

describe("streamCharactersMax", () => {
  const { streamCharactersMax: max, itemCharactersMax } = LIMITS;
  const large = textOf(itemCharactersMax);
  const largeCount = Math.floor(max / (itemCharactersMax + 64));
  const rest = max - largeCount * (itemCharactersMax + 64) - 64;

  function fill({ ann, toSend }: OpenStream): void {
    for (let count = 0; count < largeCount; count += 1) ann.sendText(toSend, large);
    ann.sendText(toSend, textOf(rest));
  }

  it.each([
    { where: "buffered", maxBufferSize: null },
    { where: "blocked", maxBufferSize: 0 },
    { where: "some of it buffered, some blocked", maxBufferSize: 3 },
  ])("a stream holds that many, $where, and not one item more", ({ maxBufferSize }) => {
    const stream = openStream(maxBufferSize);
    const { rig, ann, toSend } = stream;
    fill(stream);
    expect(rig.rows.itemsCount + rig.line.length).toBe(largeCount + 1);
    const refused = { replies: [{ error: { limit: "streamCharactersMax", max } }] };
    expect(ann.sendText(toSend, "1")).toMatchObject(refused);
    rig.restart();
    expect(ann.sendText(toSend, "1")).toMatchObject(refused);
  });

  it("what has been given and not confirmed counts; what is confirmed does not", () => {
    const stream = openStream(null);
    const { rig, ann, bob, toSend, toReceive } = stream;
    fill(stream);
    const received = bob.receive(toReceive);
    expect(ann.sendText(toSend, "1").fate).toBe("limit-exceeded");
    bob.confirm(received);
    expect(ann.sendText(toSend, large).fate).toBe("done");
    expect(ann.sendText(toSend, "1").fate).toBe("limit-exceeded");
    rig.restart();
    expect(ann.sendText(toSend, "1").fate).toBe("limit-exceeded");
  });

  it("what is withdrawn counts no more, nor what a reset drops", () => {
    const stream = openStream(0);
    const { ann, toSend } = stream;
    fill(stream);
    ann.release(toSend);
    ann.reset();
    const again = { ...stream, toSend: ann.open("send") };
    fill(again);
    const refused = ann.sendText(again.toSend, "1");
    expect(refused.fate).toBe("limit-exceeded");
    ann.reset();
    expect(ann.sendText(ann.open("send"), "1").fate).toBe("unanswered");
  });
});

describe("deliveryCharactersMax", () => {
  const { deliveryCharactersMax: max } = LIMITS;
  const quarter = max / 4;

  it("a delivery ends with the item that reaches it", () => {
    const { ann, bob, toSend, toReceive } = openStream(null);
    for (let count = 0; count < 6; count += 1) ann.sendText(toSend, textOf(quarter));
    expect(bob.receive(toReceive, { max: 9 }).items).toHaveLength(4);
    expect(bob.receive(toReceive, { max: 9 }).items).toHaveLength(2);
  });

  it("one character less, and one more item is in it", () => {
    const { ann, bob, toSend, toReceive } = openStream(null);
    ann.sendText(toSend, textOf(quarter - 1));
    for (let count = 0; count < 5; count += 1) ann.sendText(toSend, textOf(quarter));
    expect(bob.receive(toReceive, { max: 9 }).items).toHaveLength(5);
  });
});

describe("unconfirmedMax", () => {
  const { unconfirmedMax: max } = LIMITS;
  const exceeded = { replies: [{ error: { limit: "unconfirmedMax", max } }] };

  function send({ ann, toSend }: OpenStream, count: number): void {
    for (let item = 0; item < count; item += 1) ann.send(toSend, item);
  }

  it("a session is given that many, and not one more until it confirms", () => {
    const stream = openStream(null);
    const { rig, bob, toReceive } = stream;
    send(stream, max + 5);
    const first = bob.receive(toReceive, { max: max - 1 });
    expect(bob.receive(toReceive, { max: 9 }).items).toEqual([max - 1]);
    expect(bob.receive(toReceive)).toMatchObject(exceeded);
    rig.restart();
    expect(bob.receive(toReceive)).toMatchObject(exceeded);
    bob.confirm(first);
    expect(bob.receive(toReceive, { max: 9 }).items).toHaveLength(5);
  });

  it("is every session's own", () => {
    const stream = openStream(null);
    const { bob, cat, toReceive } = stream;
    send(stream, max + 1);
    bob.receive(toReceive, { max });
    expect(cat.receive(cat.open("receive")).items).toEqual([max]);
  });

  it("holds for receives that waited when nothing was unconfirmed yet, and nothing is lost", () => {
    const stream = openStream(0);
    const { rig, bob, cat, toReceive } = stream;
    const waiting = Array.from({ length: max + 1 }, () => bob.receive(toReceive));
    const next = cat.receive(cat.open("receive"));
    send(stream, max + 1);
    expect(waiting.filter(({ fate }) => fate === "delivered")).toHaveLength(max);
    expect(waiting.at(-1)).toMatchObject(exceeded);
    expect([next.items, rig.rows.itemsCount]).toEqual([[max], max + 1]);
  });

  it("holds in a rendezvous with nobody else: the sender goes on waiting", () => {
    const stream = openStream(0);
    const { ann, bob, toSend, toReceive } = stream;
    const waiting = Array.from({ length: max + 1 }, () => bob.receive(toReceive));
    send(stream, max);
    const last = ann.send(toSend, "last");
    expect([waiting.at(-1)?.fate, last.fate]).toEqual(["limit-exceeded", "unanswered"]);
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 0, tasksWaitingSend: 1 });
  });

  it("a receive of several that waited is given no more than there is room for", () => {
    const stream = openStream(null);
    const { rig, bob, cat, toReceive } = stream;
    const end = cat.open("receive");
    send(stream, max);
    cat.receive(end, { max });
    const waiting = [1, max].map((each) => bob.receive(toReceive, { max: each }));
    rig.silence(cat);
    expect(waiting.map(({ items }) => items.length)).toEqual([1, max - 1]);
    expect(bob.receive(toReceive)).toMatchObject(exceeded);
  });
});

describe("waitersMax and claimsPerSessionMax", () => {
  it("waitersMax: that many wait to send, and not one more", () => {
    const { rig, ann } = openStream(0);
    const crowd = Array.from({ length: 5 }, (_, index) => {
      const client = rig.client(`${index}`, { maxBufferSize: 0 });
      return { client, end: client.open("send") };
    });
    const add = (waiters: number): void => {
      const each = crowd[waiters % crowd.length];
      each?.client.send(each.end, 0);
    };
    for (let waiters = 0; waiters < LIMITS.waitersMax; waiters += 1) add(waiters);
    expect(ann.statistics()).toMatchObject({ tasksWaitingSend: LIMITS.waitersMax });
    expect(ann.send(ann.open("send"), 0).replies).toMatchObject([
      { error: { limit: "waitersMax", max: LIMITS.waitersMax } },
    ]);
  });

  it("claimsPerSessionMax: a session has that many ends and blocked calls, and not one more", () => {
    const { ann, bob, toReceive, toSend } = openStream(0);
    for (let claims = 1; claims < LIMITS.claimsPerSessionMax; claims += 1) bob.receive(toReceive);
    const refused = { replies: [{ error: { limit: "claimsPerSessionMax" } }] };
    expect(bob.receive(toReceive)).toMatchObject(refused);
    expect(bob.open("receive")).toMatchObject(refused);
    for (let item = 0; item < 3; item += 1) ann.send(toSend, item);
    expect(bob.open("send").fate).toBe("granted");
  });
});
