import { describe, expect, it } from "vitest";
import { drained, openStream } from "../support/core/streams.ts";
import { TIMEOUT_MS, WAYS } from "../support/lock_like.ts";

describe("sending and receiving", () => {
  it("[ST1] a rendezvous: send settles when a receiver has taken the item", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(0);
    const sent = ann.send(toSend, "hello");
    expect([sent.fate, rig.rows.itemsCount]).toEqual(["unanswered", 0]);
    rig.restart();
    expect([bob.receive(toReceive).items, sent.fate]).toEqual([["hello"], "done"]);
  });

  it("[ST1] a rendezvous with a receiver that waits settles at once", () => {
    const { ann, bob, toSend, toReceive } = openStream(0);
    const received = bob.receive(toReceive);
    expect([ann.send(toSend, "hello").fate, received.items]).toEqual(["done", ["hello"]]);
  });

  it("[ST1] each receiver lets one item through, and the next send waits", () => {
    const { ann, bob, toSend, toReceive } = openStream(0);
    const sent = [1, 2, 3].map((item) => ann.send(toSend, item));
    expect(bob.receive(toReceive, { max: 5 }).items).toEqual([1]);
    expect(sent.map(({ fate }) => fate)).toEqual(["done", "unanswered", "unanswered"]);
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 0, tasksWaitingSend: 2 });
  });

  it("[ST1] with a buffer, send settles when the item is in it, and waits when it is full", () => {
    const { rig, ann, toSend } = openStream(2);
    const sent = [1, 2, 3].map((item) => ann.send(toSend, item));
    expect(sent.map(({ fate }) => fate)).toEqual(["done", "done", "unanswered"]);
    expect(rig.rows.itemsCount).toBe(2);
  });

  it("[ST1] without limit it never waits", () => {
    const { ann, toSend } = openStream(null);
    const sent = Array.from({ length: 100 }, (_, item) => ann.send(toSend, item).fate);
    expect(new Set(sent)).toEqual(new Set(["done"]));
  });

  it("[ST1] an item that is accepted at once writes its own row and its mark, no claim's", () => {
    const { rig, ann, toSend } = openStream(1);
    ann.send(toSend, 1);
    expect(rig.rows.claimsCount).toBe(2);
    expect(rig.written.filter((type) => type === "put-item")).toEqual(["put-item"]);
  });

  it("[ST2] each item goes to exactly one receiver, in order", () => {
    const { ann, bob, cat, toSend, toReceive } = openStream(0);
    const other = cat.open("receive");
    const received = [bob.receive(toReceive), cat.receive(other), bob.receive(toReceive)];
    for (const item of [1, 2, 3]) ann.send(toSend, item);
    expect(received.map(({ items }) => items)).toEqual([[1], [2], [3]]);
  });

  it("[ST2] [W1] items are received in the order sent, whatever the clock does, after a restart too", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(2);
    for (const item of [1, 2, 3, 4]) {
      ann.send(toSend, item);
      rig.nowMs -= 10;
    }
    rig.restart();
    for (const item of [1, 2, 3, 4]) expect(bob.receive(toReceive).items).toEqual([item]);
  });

  it("[ST2] several at once, as many as are there and as were asked for", () => {
    const { ann, bob, toSend, toReceive } = openStream(null);
    for (const item of [1, 2, 3, 4, 5]) ann.send(toSend, item);
    expect(bob.receive(toReceive, { max: 3 }).items).toEqual([1, 2, 3]);
    expect(bob.receive(toReceive, { max: 3 }).items).toEqual([4, 5]);
  });

  it("[ST10] a waiting receiver is served before the buffer fills", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(2);
    const received = bob.receive(toReceive);
    ann.send(toSend, 1);
    expect([received.items, ann.statistics()]).toMatchObject([[1], { currentBufferUsed: 0 }]);
    expect(rig.line).toEqual([]);
  });

  it("[ST10] blocked senders refill the buffer in order, each as soon as there is room", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const other = cat.open("send");
    const sent = [ann.send(toSend, 1), cat.send(other, 2), ann.send(toSend, 3)];
    bob.receive(toReceive);
    expect(sent.map(({ fate }) => fate)).toEqual(["done", "done", "unanswered"]);
    rig.restart();
    expect(bob.receive(toReceive).items).toEqual([2]);
    expect(sent.map(({ fate }) => fate)).toEqual(["done", "done", "done"]);
    expect(bob.receive(toReceive).items).toEqual([3]);
  });

  it("[ST10] a receiver of several empties the buffer, and all who fit refill it", () => {
    const { ann, bob, toSend, toReceive } = openStream(2);
    const sent = [1, 2, 3, 4, 5].map((item) => ann.send(toSend, item));
    expect(bob.receive(toReceive, { max: 9 }).items).toEqual([1, 2]);
    expect(sent.map(({ fate }) => fate)).toEqual(["done", "done", "done", "done", "unanswered"]);
  });

  it("[W2] try never barges: it fails while others wait", () => {
    const { ann, bob, cat, toSend, toReceive } = openStream(1);
    bob.receive(toReceive);
    expect(cat.receive(cat.open("receive"), { timeoutMs: 0 }).fate).toBe("timeout");
    for (const item of [1, 2, 3]) ann.send(toSend, item);
    expect(cat.send(cat.open("send"), 4, { timeoutMs: 0 }).fate).toBe("timeout");
    expect(ann.statistics()).toMatchObject({ tasksWaitingSend: 1, tasksWaitingReceive: 0 });
  });

  it("[W2] try takes what is there: an item in the buffer, a blocked sender's, a waiting receiver", () => {
    const { ann, bob, toSend, toReceive } = openStream(0);
    expect(ann.send(toSend, 0, { timeoutMs: 0 }).fate).toBe("timeout");
    const sent = ann.send(toSend, 1);
    expect(bob.receive(toReceive, { timeoutMs: 0 }).items).toEqual([1]);
    expect(sent.fate).toBe("done");
    expect(bob.receive(toReceive, { timeoutMs: 0 }).fate).toBe("timeout");
    bob.receive(toReceive);
    expect(ann.send(toSend, 2, { timeoutMs: 0 }).fate).toBe("done");
  });

  it.each([null, 0, false, "", "ä\u2028\uD83D\uDE00", [], {}, [null, [{ a: null }]], 1e300])(
    "[ST11] %j is an item",
    (item) => {
      const { rig, ann, bob, toSend, toReceive } = openStream(1);
      expect(ann.send(toSend, item).fate).toBe("done");
      rig.restart();
      expect(bob.receive(toReceive).items).toEqual([item]);
    },
  );

  it("[ST11] a lone surrogate, which no disk keeps, is refused at the sender", () => {
    const { ann, toSend } = openStream(1);
    expect(ann.sendText(toSend, JSON.stringify("\uD800")).fate).toBe("done");
    expect(ann.sendText(toSend, '"\uD800"').fate).toBe("invalid-argument");
  });

  it.each(["", "undefined", "NaN", "{", "'a'", "[1,]", "1 2", "\u0000"])(
    "[ST11] %j is not JSON, and is refused at the sender",
    (text) => {
      const { rig, ann, bob, toSend, toReceive } = openStream(1);
      const waiting = bob.receive(toReceive);
      expect(ann.sendText(toSend, text).fate).toBe("invalid-argument");
      expect([rig.written, waiting.fate]).toEqual([[], "unanswered"]);
    },
  );
});

describe.each(WAYS)("a call that is $way", ({ fate, cancel }) => {
  it("[ST9] [W3] as a receive: loses nothing, and the item goes to the next receiver", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    bob.clone("receive", toReceive);
    const leaving = bob.receive(toReceive, { timeoutMs: TIMEOUT_MS });
    const next = cat.receive(cat.open("receive"));
    cancel(rig, bob, leaving);
    rig.restart();
    ann.send(toSend, 1);
    expect([leaving.fate, next.items]).toEqual([fate, [1]]);
  });

  it("[ST9] [W5] as the only receive: the item goes to the buffer", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const end = cat.open("receive");
    cancel(rig, bob, bob.receive(toReceive, { timeoutMs: TIMEOUT_MS }));
    expect(ann.send(toSend, 1).fate).toBe("done");
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 1 });
    expect(cat.receive(end).delivered).toMatchObject([{ item: "1" }]);
  });

  it("[ST1] [W3] as a send: its item is withdrawn, and those behind move up", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const other = cat.open("send");
    cat.send(other, "first");
    const leaving = ann.send(toSend, "withdrawn", { timeoutMs: TIMEOUT_MS });
    const next = cat.send(other, "second");
    cancel(rig, ann, leaving);
    rig.restart();
    expect(bob.receive(toReceive).items).toEqual(["first"]);
    expect([leaving.fate, next.fate]).toEqual([fate, "done"]);
    expect([bob.receive(toReceive).items, drained(bob)]).toEqual([["second"], []]);
  });

  it("[W4] [W3] leaves no deadline, and no row", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(0);
    const claims = rig.rows.claimsCount;
    cancel(rig, ann, ann.send(toSend, 1, { timeoutMs: TIMEOUT_MS }));
    cancel(rig, bob, bob.receive(toReceive, { timeoutMs: TIMEOUT_MS }));
    expect([rig.machine.nextDeadlineMs, rig.line]).toEqual([null, []]);
    expect(rig.rows.claimsCount).toBeLessThanOrEqual(claims);
  });
});

describe("time-outs", () => {
  it("[W4] come when the time is up, no millisecond earlier, and a restart does not put them off", () => {
    const { rig, ann, toSend, bob, toReceive } = openStream(0);
    const waiting = bob.receive(toReceive, { timeoutMs: TIMEOUT_MS });
    rig.restart();
    rig.advance(TIMEOUT_MS - 1);
    expect([waiting.fate, rig.machine.nextDeadlineMs]).toEqual(["unanswered", rig.nowMs + 1]);
    rig.advance(1);
    const blocked = ann.send(toSend, 1, { timeoutMs: TIMEOUT_MS });
    rig.restart();
    rig.advance(TIMEOUT_MS - 1);
    expect([waiting.fate, blocked.fate]).toEqual(["timeout", "unanswered"]);
    rig.advance(1);
    expect(blocked.fate).toBe("timeout");
  });

  it("[W4] are of no concern to what was settled in time", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(0);
    const received = bob.receive(toReceive, { timeoutMs: TIMEOUT_MS });
    ann.send(toSend, 1, { timeoutMs: TIMEOUT_MS });
    expect([rig.advance(TIMEOUT_MS), received.items]).toEqual([[], [1]]);
  });
});
