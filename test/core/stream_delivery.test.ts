import { describe, expect, it } from "vitest";
import { drained, ENDINGS, openStream } from "../support/core/streams.ts";

describe("an item that a receiver was given", () => {
  it("[ST3] stays on disk until its client confirms it", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(1);
    ann.send(toSend, 1);
    const received = bob.receive(toReceive);
    expect(rig.rows.itemsCount).toBe(1);
    expect(bob.confirm(received).fate).toBe("done");
    expect([rig.rows.itemsCount, rig.written]).toEqual([0, ["drop-item"]]);
  });

  it("[ST3] does not count towards the buffer, and nobody else is given it", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    ann.send(toSend, 1);
    bob.receive(toReceive);
    rig.restart();
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 0 });
    expect(drained(cat)).toEqual([]);
    expect(ann.send(toSend, 2).fate).toBe("done");
  });

  it.each(ENDINGS)(
    "[ST3] goes back to the front, marked, when the receiver's session $ending",
    ({ end }) => {
      const { rig, ann, bob, cat, toSend, toReceive } = openStream(2);
      const other = cat.open("receive");
      for (const item of [1, 2, 3]) ann.send(toSend, item);
      const [first] = bob.receive(toReceive).delivered;
      end(rig, bob);
      rig.restart();
      const again = cat.receive(other, { max: 9 });
      expect(again.items).toEqual([1, 2, 3].slice(0, again.items.length));
      expect(again.delivered[0]).toEqual({ ...first, redelivered: true });
      expect(again.delivered[1]).not.toHaveProperty("redelivered");
    },
  );

  it("[ST3] goes straight to whoever waits", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(0);
    const waiting = [bob.receive(toReceive), cat.receive(cat.open("receive"))];
    ann.send(toSend, 1);
    expect(waiting.map(({ fate }) => fate)).toEqual(["delivered", "unanswered"]);
    rig.silence(bob);
    expect(waiting.map(({ items }) => items)).toEqual([[1], [1]]);
    expect(waiting[1]?.delivered).toMatchObject([{ redelivered: true }]);
  });

  it("[ST3] stays marked, however often it is given", () => {
    const { rig, ann, bob, cat, dan, toSend, toReceive } = openStream(1);
    cat.open("receive");
    ann.send(toSend, 1);
    bob.receive(toReceive);
    rig.silence(bob);
    const received = cat.receive(cat.open("receive"));
    const end = dan.open("receive");
    cat.cancel(received);
    expect(dan.receive(end).delivered).toMatchObject([{ item: "1", redelivered: true }]);
  });

  it("[ST3] [ST6] goes back, but what was confirmed does not, though no receiver is left", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(null);
    for (const item of [1, 2, 3, 4]) ann.send(toSend, item);
    const held = bob.receive(toReceive, { max: 3 });
    const [, second] = held.delivered;
    bob.confirm({ delivered: second === undefined ? [] : [second] });
    rig.silence(bob);
    expect(cat.open("receive").fate).toBe("closed");
    expect([ann.statistics(), rig.rows.itemsCount]).toMatchObject([{ undelivered: 3 }, 3]);
  });

  it("[ST3] [ST2] several go back in their order, to those who go on", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(null);
    cat.open("receive");
    for (const item of [1, 2, 3, 4]) ann.send(toSend, item);
    bob.receive(toReceive, { max: 3 });
    rig.silence(bob);
    ann.send(toSend, 5);
    expect(drained(cat)).toEqual([1, 2, 3, 4, 5]);
  });

  it("[ST3] blocks senders when it comes back to a full buffer, and they keep their order", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const end = cat.open("receive");
    ann.send(toSend, 1);
    bob.receive(toReceive);
    ann.send(toSend, 2);
    rig.silence(bob);
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 2 });
    const blocked = ann.send(toSend, 3);
    expect(cat.receive(end).items).toEqual([1]);
    expect(blocked.fate).toBe("unanswered");
    expect(cat.receive(end).items).toEqual([2]);
    expect(blocked.fate).toBe("done");
  });

  it("[ST8] [ST3] goes back unmarked when its end is closed: the client did not use it", () => {
    const { ann, bob, cat, toSend, toReceive } = openStream(1);
    const end = cat.open("receive");
    ann.send(toSend, 1);
    bob.receive(toReceive);
    bob.release(toReceive);
    const [again] = cat.receive(end).delivered;
    expect(again).toMatchObject({ item: "1" });
    expect(again).not.toHaveProperty("redelivered");
  });

  it("[ST3] goes back marked when an operator takes its end away", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const end = cat.open("receive");
    ann.send(toSend, 1);
    bob.receive(toReceive);
    rig.revoke(toReceive);
    expect(cat.receive(end).delivered).toMatchObject([{ item: "1", redelivered: true }]);
  });

  it("[ST3] another end's stays with it", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const clone = bob.clone("receive", toReceive);
    ann.send(toSend, 1);
    const received = bob.receive(clone);
    bob.release(toReceive);
    rig.restart();
    expect(drained(cat)).toEqual([]);
    bob.confirm(received);
    expect(rig.rows.itemsCount).toBe(0);
  });
});

describe("a confirmation", () => {
  it("[LE3] by another session confirms nothing", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    ann.send(toSend, 1);
    const received = bob.receive(toReceive);
    expect([cat.confirm(received).fate, rig.written]).toEqual(["done", []]);
    expect(rig.rows.itemsCount).toBe(1);
  });

  it("[ST3] of an item that went to another meanwhile confirms nothing", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const end = cat.open("receive");
    ann.send(toSend, 1);
    const lost = bob.receive(toReceive);
    bob.release(toReceive);
    cat.receive(end);
    expect([bob.confirm(lost).fate, rig.written, rig.rows.itemsCount]).toEqual(["done", [], 1]);
  });

  it("[ST3] of what is in the buffer confirms nothing", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(1);
    ann.send(toSend, 1);
    const received = bob.receive(toReceive);
    bob.cancel(received);
    expect([bob.confirm(received).fate, rig.rows.itemsCount]).toEqual(["done", 1]);
  });

  it("[LE5] that is repeated, in one request or in two, changes nothing more", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(2);
    for (const item of [1, 2]) ann.send(toSend, item);
    const { delivered } = bob.receive(toReceive);
    const confirm = bob.confirm({ delivered: [...delivered, ...delivered] });
    expect(rig.written).toEqual(["drop-item"]);
    rig.restart();
    bob.repeat(confirm);
    expect([rig.written, rig.rows.itemsCount]).toEqual([[], 1]);
  });
});

describe("a receive that is cancelled when it has its item", () => {
  it("[ST9] [W3] gives it back to the front, unmarked, and to whoever waits", () => {
    const { ann, bob, cat, toSend, toReceive } = openStream(0);
    const crossed = bob.receive(toReceive);
    const next = cat.receive(cat.open("receive"));
    ann.send(toSend, 1);
    expect(crossed.items).toEqual([1]);
    bob.cancel(crossed);
    expect(next.items).toEqual([1]);
    expect(next.delivered[0]).not.toHaveProperty("redelivered");
  });

  it("[ST9] gives it back before those that came later, after a restart too", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(2);
    for (const item of [1, 2]) ann.send(toSend, item);
    const crossed = bob.receive(toReceive);
    rig.restart();
    bob.cancel(crossed);
    rig.restart();
    expect(bob.receive(toReceive, { max: 9 }).items).toEqual([1, 2]);
  });

  it("[ST9] takes no other receive's", () => {
    const { ann, bob, toSend, toReceive } = openStream(2);
    for (const item of [1, 2]) ann.send(toSend, item);
    const [first, second] = [bob.receive(toReceive), bob.receive(toReceive)];
    bob.cancel(second);
    bob.confirm(first);
    expect(bob.receive(toReceive, { max: 9 }).items).toEqual([2]);
  });

  it("[LE3] is not cancelled by another session", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const blank = cat.open("receive");
    ann.send(toSend, 1);
    const received = bob.receive(toReceive);
    cat.cancel(received);
    expect([cat.receive(blank).fate, rig.rows.itemsCount]).toEqual(["unanswered", 1]);
  });
});
