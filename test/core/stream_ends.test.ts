import { describe, expect, it } from "vitest";
import { drained, ENDINGS, newStreamRig, openStream } from "../support/core/streams.ts";

describe("closing", () => {
  it("[ST4] an end is a holding: its token closes it, once, and nobody else's does", () => {
    const { rig, ann, bob, toSend } = openStream(1);
    expect(bob.release(toSend).fate).toBe("not-owner");
    expect(ann.release(toSend).fate).toBe("done");
    expect(ann.release(toSend).fate).toBe("not-owner");
    expect(bob.statistics()).toMatchObject({ openSendStreams: 0, openReceiveStreams: 1 });
    expect(rig.machine.heldTokens(ann.session)).toEqual([]);
  });

  it("[ST4] a side is closed when all of its clones are, whoever has them", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const clone = ann.clone("send", toSend);
    const other = cat.open("send");
    const waiting = bob.receive(toReceive);
    ann.release(toSend);
    cat.release(other);
    rig.restart();
    expect(waiting.fate).toBe("unanswered");
    expect(ann.send(clone, 1).fate).toBe("done");
    ann.release(clone);
    expect(bob.receive(toReceive).fate).toBe("end-of-stream");
  });

  it.each([
    { side: "send", open: "openSendStreams", fate: "end-of-stream" },
    { side: "receive", open: "openReceiveStreams", fate: "broken" },
  ] as const)("[ST4] a restart counts every $side end that is open", ({ side, open, fate }) => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(0);
    const [owner, end] = side === "send" ? [ann, toSend] : [bob, toReceive];
    const blocked = side === "send" ? bob.receive(toReceive) : ann.send(toSend, 1);
    const ends = [end, owner.clone(side, end), owner.clone(side, end)];
    for (let left = ends.length; left > 0; left -= 1) {
      rig.restart();
      expect([cat.statistics(), blocked.fate]).toMatchObject([{ [open]: left }, "unanswered"]);
      const next = ends.pop();
      if (next !== undefined) owner.release(next);
    }
    expect([cat.statistics(), blocked.fate]).toMatchObject([{ [open]: 0 }, fate]);
  });

  it.each(ENDINGS)("[ST4] the ends of a session that $ending count as closed", ({ end }) => {
    const { rig, ann, bob, toSend, toReceive } = openStream(1);
    ann.clone("send", toSend);
    const waiting = bob.receive(toReceive);
    end(rig, ann);
    expect(waiting.fate).toBe("end-of-stream");
    expect(bob.statistics()).toMatchObject({ openSendStreams: 0 });
    rig.restart();
    expect(bob.receive(toReceive).fate).toBe("end-of-stream");
  });

  it("[ST4] an end that an operator takes away counts as closed, and its owner is told", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(1);
    const waiting = bob.receive(toReceive);
    rig.revoke(toSend);
    expect([rig.revoked, waiting.fate]).toEqual([[toSend.token], "end-of-stream"]);
    expect(ann.send(toSend, 1).fate).toBe("closed");
  });
});

describe("when the last sender closes", () => {
  it("[ST5] blocked receivers get end-of-stream at once, all of them", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const waiting = [bob.receive(toReceive), cat.receive(cat.open("receive"))];
    ann.release(toSend);
    expect(waiting.map(({ fate }) => fate)).toEqual(["end-of-stream", "end-of-stream"]);
    expect([rig.line, rig.machine.involves(bob.session)]).toEqual([[], true]);
  });

  it("[ST5] receivers drain the buffer, and then get end-of-stream, after a restart too", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(3);
    for (const item of [1, 2]) ann.send(toSend, item);
    ann.release(toSend);
    expect(bob.receive(toReceive).items).toEqual([1]);
    rig.restart();
    expect(bob.receive(toReceive).items).toEqual([2]);
    expect(bob.receive(toReceive).fate).toBe("end-of-stream");
    expect(bob.receive(toReceive, { timeoutMs: 0 }).fate).toBe("end-of-stream");
  });

  it("[ST5] who opens a receiving end only then drains it just so", () => {
    const { ann, cat, toSend } = openStream(null);
    for (const item of [1, 2]) ann.send(toSend, item);
    ann.release(toSend);
    expect(drained(cat)).toEqual([1, 2]);
  });

  it("[ST5] [ST3] an item that comes back is there to be drained, though others have had end-of-stream", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const other = cat.open("receive");
    ann.send(toSend, 1);
    bob.receive(toReceive);
    ann.release(toSend);
    expect(cat.receive(other).fate).toBe("end-of-stream");
    rig.silence(bob);
    expect(cat.receive(other).items).toEqual([1]);
    expect(cat.receive(other).fate).toBe("end-of-stream");
  });
});

describe("when the last receiver closes", () => {
  it("[ST6] blocked sends and later ones get broken, after a restart too", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    ann.send(toSend, 1);
    const blocked = [ann.send(toSend, 2), cat.send(cat.open("send"), 3)];
    bob.release(toReceive);
    expect(blocked.map(({ fate }) => fate)).toEqual(["broken", "broken"]);
    rig.restart();
    expect(ann.send(toSend, 4).fate).toBe("broken");
    expect(ann.send(toSend, 5, { timeoutMs: 0 }).fate).toBe("broken");
    expect(cat.send(cat.open("send"), 6).fate).toBe("broken");
  });

  it("[ST6] a later send gets broken though there is room, and its item is kept nowhere", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(5);
    ann.send(toSend, 1);
    bob.release(toReceive);
    for (let times = 0; times < 2; times += 1) {
      expect([ann.send(toSend, 2).fate, rig.rows.itemsCount]).toEqual(["broken", 1]);
      expect(ann.statistics()).toMatchObject({ currentBufferUsed: 1, undelivered: 1 });
      rig.restart();
    }
  });

  it.each(ENDINGS)("[ST6] [ST4] so it is when the last receiver's session $ending", ({ end }) => {
    const { rig, ann, bob, toSend } = openStream(0);
    const blocked = ann.send(toSend, 1);
    end(rig, bob);
    expect([blocked.fate, ann.send(toSend, 2).fate]).toEqual(["broken", "broken"]);
  });

  it("[ST6] what was accepted and never received is counted, what comes back too", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(5);
    for (const item of [1, 2, 3]) ann.send(toSend, item);
    bob.confirm(bob.receive(toReceive));
    bob.receive(toReceive);
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 1, undelivered: 0 });
    bob.end();
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 2, undelivered: 2 });
    rig.restart();
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 2, undelivered: 2 });
  });
});

describe("before and after", () => {
  it("[ST7] before any sender has opened, receivers wait", () => {
    const rig = newStreamRig();
    const { ann, bob } = rig.clients(["ann", "bob"], { maxBufferSize: 0 });
    const waiting = bob.receive(bob.open("receive"));
    rig.restart();
    expect(waiting.fate).toBe("unanswered");
    expect([ann.send(ann.open("send"), 1).fate, waiting.items]).toEqual(["done", [1]]);
  });

  it("[ST7] before any receiver has opened, senders fill the buffer, and then wait", () => {
    const rig = newStreamRig();
    const { ann, bob } = rig.clients(["ann", "bob"], { maxBufferSize: 1 });
    const end = ann.open("send");
    const fates = [ann.send(end, 1), ann.send(end, 2)].map(({ fate }) => fate);
    expect(fates).toEqual(["done", "unanswered"]);
    rig.restart();
    expect(drained(bob)).toEqual([1, 2]);
  });

  it.each(["send", "receive"] as const)(
    "[ST7] the %s side, once closed for good, opens no more, after a restart either",
    (side) => {
      const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
      ann.release(toSend);
      bob.release(toReceive);
      expect([cat.open(side).fate, rig.written]).toEqual(["closed", []]);
      rig.restart();
      expect(cat.open(side).fate).toBe("closed");
    },
  );

  it("[ST7] a new end of a side that is still open keeps it open", () => {
    const { ann, bob, cat, toSend, toReceive } = openStream(1);
    const other = cat.open("send");
    ann.release(toSend);
    expect(bob.receive(toReceive).fate).toBe("unanswered");
    expect(ann.open("send").fate).toBe("granted");
    cat.release(other);
    expect(bob.receive(toReceive).fate).toBe("unanswered");
  });

  it("[ST7] reset starts it again: nothing is left, nobody is closed for good", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    for (const item of [1, 2]) ann.send(toSend, item);
    bob.receive(toReceive);
    ann.release(toSend);
    expect([cat.reset().fate, rig.revoked]).toEqual(["done", [toReceive.token]]);
    expect([rig.rows.claimsCount, rig.rows.itemsCount]).toEqual([0, 0]);
    rig.restart();
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 0, openReceiveStreams: 0 });
    const end = ann.open("send");
    expect(ann.send(end, 3).fate).toBe("done");
    expect(drained(bob)).toEqual([3]);
  });

  it("[ST7] [ST8] reset closes what is blocked at either side, and every end, the resetter's too", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(0);
    const blocked = ann.send(toSend, 1);
    ann.reset();
    expect([blocked.fate, rig.revoked]).toEqual(["closed", [toSend.token, toReceive.token]]);
    const again = { send: ann.open("send"), receive: bob.open("receive") };
    const waiting = bob.receive(again.receive);
    bob.reset();
    expect([waiting.fate, ann.send(again.send, 2).fate]).toEqual(["closed", "closed"]);
    expect(again.send.token).toBeGreaterThan(toReceive.token);
  });

  it("[ST7] reset keeps the configuration", () => {
    const { rig, ann, toSend } = openStream(1);
    ann.send(toSend, 1);
    ann.reset();
    rig.restart();
    expect(rig.client("eve", { maxBufferSize: 2 }).open("send").fate).toBe("config-mismatch");
  });
});

describe("one's own closed end", () => {
  it("[ST8] sending, receiving and cloning with it is closed", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    cat.open("send");
    cat.open("receive");
    ann.release(toSend);
    bob.release(toReceive);
    rig.restart();
    expect([ann.send(toSend, 1).fate, bob.receive(toReceive).fate]).toEqual(["closed", "closed"]);
    expect(ann.clone("send", toSend).fate).toBe("closed");
    expect(bob.clone("receive", toReceive).fate).toBe("closed");
    expect(rig.rows.claimsCount).toBe(2);
  });

  it("[ST8] a blocked receive settles with closed, and its neighbours go on", () => {
    const { ann, bob, toSend, toReceive } = openStream(1);
    const clone = bob.clone("receive", toReceive);
    const [blocked, other] = [bob.receive(toReceive), bob.receive(clone)];
    bob.release(toReceive);
    expect([blocked.fate, other.fate]).toEqual(["closed", "unanswered"]);
    ann.send(toSend, 1);
    expect([blocked.replies.length, other.items]).toEqual([1, [1]]);
  });

  it("[ST8] a blocked send settles with closed, and its item is not delivered later", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(0);
    const clone = ann.clone("send", toSend);
    const [withdrawn, other] = [ann.send(toSend, "withdrawn"), ann.send(clone, "sent")];
    ann.release(toSend);
    rig.restart();
    expect([withdrawn.fate, bob.receive(toReceive).items]).toEqual(["closed", ["sent"]]);
    expect(other.fate).toBe("done");
  });

  it("[ST8] an end is good for its own side only, and for its own session", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    const fates = [
      ann.receive(toSend),
      bob.send(toReceive, 1),
      ann.clone("receive", toSend),
      cat.send(toSend, 1),
      cat.receive(toReceive),
      cat.clone("send", toSend),
      ann.send({ token: 1 }, 1),
    ].map(({ fate }) => fate);
    expect(new Set(fates)).toEqual(new Set(["closed"]));
    expect([rig.rows.claimsCount, rig.rows.itemsCount]).toEqual([2, 0]);
  });
});
