import { describe, expect, it } from "vitest";
import { drained, openStream } from "../support/core/streams.ts";
import { TIMEOUT_MS } from "../support/lock_like.ts";

describe("a repeated send", () => {
  it("[LE5] is sent once, after a restart too", () => {
    const { rig, ann, cat, toSend } = openStream(9);
    const sent = ann.send(toSend, 1);
    ann.repeat(sent);
    rig.restart();
    ann.repeat(sent);
    expect(sent.replies.map((reply) => "ok" in reply)).toEqual([true, true, true]);
    expect(drained(cat)).toEqual([1]);
  });

  it("[LE5] is sent once, though its item has been received and confirmed long ago", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(0);
    const sent = ann.send(toSend, 1);
    bob.confirm(bob.receive(toReceive));
    rig.restart();
    expect(ann.repeat(sent).fate).toBe("done");
    expect(drained(cat)).toEqual([]);
  });

  it("[LE5] [W1] while it is blocked keeps its one place, after a restart too", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(0);
    const sent = ann.send(toSend, 1);
    const next = cat.send(cat.open("send"), 2);
    ann.repeat(sent);
    rig.restart();
    ann.repeat(sent);
    expect([sent.replies, rig.line]).toEqual([[], ["ann", "cat"]]);
    expect(bob.receive(toReceive).items).toEqual([1]);
    expect([bob.receive(toReceive).items, next.fate]).toEqual([[2], "done"]);
  });

  it("[LE5] that settled late is known after a restart", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    ann.send(toSend, 1);
    const late = ann.send(toSend, 2);
    rig.restart();
    bob.confirm(bob.receive(toReceive));
    expect(late.fate).toBe("done");
    rig.restart();
    expect(ann.repeat(late).fate).toBe("done");
    expect(drained(cat)).toEqual([2]);
  });

  it("[LE5] that was refused is judged anew, though a later one was taken", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(1);
    ann.send(toSend, 1);
    const refused = ann.send(toSend, 2, { timeoutMs: 0 });
    bob.receive(toReceive);
    ann.send(toSend, 3);
    rig.restart();
    expect(ann.repeat(refused).fate).toBe("timeout");
    expect(drained(cat)).toEqual([3]);
  });

  it("[LE5] that were refused are judged anew, each once, though a crash forgot it, and others had waited through that", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(0);
    ann.send(toSend, "first");
    const refused = ["a", "b"].map((item) => ann.send(toSend, item, { timeoutMs: 0 }));
    ann.send(toSend, "last");
    rig.restart();
    expect([1, 2].flatMap(() => bob.receive(toReceive).items)).toEqual(["first", "last"]);
    const receives = [1, 2, 3].map(() => bob.receive(toReceive));
    for (const send of [...refused, ...refused]) ann.repeat(send);
    expect(receives.flatMap(({ items }) => items)).toEqual(["a", "b"]);
    rig.restart();
    for (const send of refused) expect(ann.repeat(send).fate).toBe("done");
    expect(ann.statistics()).toMatchObject({ tasksWaitingSend: 0, tasksWaitingReceive: 1 });
  });

  it("[LE5] that timed out late is judged anew, though a later one was taken", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(0);
    const refused = ann.send(toSend, 1, { timeoutMs: TIMEOUT_MS });
    const later = ann.send(toSend, 2);
    rig.advance(TIMEOUT_MS);
    bob.receive(toReceive);
    expect([refused.fate, later.fate]).toEqual(["timeout", "done"]);
    rig.restart();
    ann.repeat(refused);
    expect(ann.statistics()).toMatchObject({ tasksWaitingSend: 1 });
  });

  it("[LE5] the same number in another session is another send", () => {
    const { ann, bob, cat, toSend } = openStream(9);
    const sent = ann.send(toSend, 1);
    const other = cat.send(cat.open("send"), 2);
    expect([other.request.id, other.fate]).toEqual([sent.request.id, "done"]);
    expect(drained(bob)).toEqual([1, 2]);
  });
});

describe("the cancel of a send", () => {
  const applied = (result: unknown): unknown => (result as { applied?: unknown }).applied;

  it("[ST9] [LE5] says whether it had taken effect, again and again, after a restart too", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(1);
    const taken = ann.cancel(ann.send(toSend, 1));
    const blocked = ann.send(toSend, 2);
    const withdrawn = ann.cancel(blocked);
    expect([applied(taken.result), applied(withdrawn.result)]).toEqual([true, false]);
    rig.restart();
    ann.repeat(taken);
    ann.repeat(withdrawn);
    expect([applied(taken.result), applied(withdrawn.result)]).toEqual([true, false]);
    expect(bob.receive(toReceive).items).toEqual([1]);
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 0, tasksWaitingSend: 0 });
  });

  it("[ST8] [LE5] that withdrew it says so when it is repeated after a later send was taken", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(0);
    const cancel = ann.cancel(ann.send(toSend, "withdrawn"));
    ann.send(toSend, "sent");
    expect(bob.receive(toReceive).items).toEqual(["sent"]);
    ann.repeat(cancel);
    expect(applied(cancel.result)).toBe(false);
    rig.restart();
    ann.repeat(cancel);
    expect(applied(cancel.result)).toBe(false);
  });

  it.each([
    { order: "before", sends: ["withdrawn", "sent"] },
    { order: "after", sends: ["withdrawn", "sent"] },
  ])(
    "[ST8] [LE5] that withdrew it $order a later send was blocked says so when that was taken after a restart",
    ({ order, sends: [first, second] }) => {
      const { rig, ann, bob, toSend, toReceive } = openStream(0);
      const withdrawn = ann.send(toSend, first);
      const blocked = order === "after" ? ann.send(toSend, second) : null;
      const cancel = ann.cancel(withdrawn);
      const sent = blocked ?? ann.send(toSend, second);
      rig.restart();
      expect([bob.receive(toReceive).items, sent.fate]).toEqual([["sent"], "done"]);
      ann.repeat(cancel);
      expect(applied(cancel.result)).toBe(false);
    },
  );

  it("[ST8] [LE5] of one that never arrived says so, after a later send was taken, too", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(1);
    const lost = ann.lose();
    const cancel = ann.cancel(lost);
    ann.send(toSend, "sent");
    ann.repeat(cancel);
    expect(applied(cancel.result)).toBe(false);
    rig.restart();
    ann.repeat(cancel);
    expect([applied(cancel.result), bob.receive(toReceive).items]).toEqual([false, ["sent"]]);
  });

  it.each([1, 2, 3])(
    "[ST8] [LE5] of one that was refused says so, though %d hibernations forgot it, and a later send was taken",
    (hibernations) => {
      const { rig, ann, bob, toSend, toReceive } = openStream(0);
      const refused = ann.send(toSend, "refused", { timeoutMs: TIMEOUT_MS });
      rig.advance(TIMEOUT_MS);
      const blocked = ann.send(toSend, "blocked");
      for (let each = 1; each <= hibernations; each += 1) {
        rig.restart();
        ann.statistics();
        const later = ann.send(toSend, each);
        expect(bob.receive(toReceive).items).toEqual([each === 1 ? "blocked" : each - 1]);
        expect([ann.cancel(blocked), ann.cancel(refused)].map(({ result }) => result)).toEqual([
          { applied: true },
          { applied: false },
        ]);
        expect(later.fate).toBe("unanswered");
      }
    },
  );

  it("[LE5] of one that had timed out says that it had not taken effect", () => {
    const { rig, ann, toSend } = openStream(1);
    ann.send(toSend, 1);
    const late = ann.send(toSend, 2, { timeoutMs: TIMEOUT_MS });
    rig.advance(TIMEOUT_MS);
    expect(applied(ann.cancel(late).result)).toBe(false);
  });
});

describe("a repeated receive", () => {
  it("[ST2] [LE5] that was refused stays so while a later one has older items, after a restart too", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(9);
    const hasty = bob.receive(toReceive, { timeoutMs: 0 });
    const patient = bob.receive(toReceive);
    for (const item of ["older", "newer"]) ann.send(toSend, item);
    bob.repeat(hasty);
    rig.restart();
    bob.repeat(hasty);
    bob.repeat(patient);
    expect(hasty.replies).toEqual(hasty.replies.map(() => hasty.replies[0]));
    expect([hasty.fate, hasty.items, patient.items]).toEqual(["timeout", [], ["older"]]);
    expect(bob.receive(toReceive).items).toEqual(["newer"]);
  });

  it("[ST2] [LE5] is judged anew when nothing was given to a later one", () => {
    const { ann, bob, toSend, toReceive } = openStream(9);
    const hasty = bob.receive(toReceive, { timeoutMs: 0 });
    ann.send(toSend, "sent");
    expect(bob.repeat(hasty).items).toEqual(["sent"]);
  });

  it("[LE5] is given the same again, and nothing more, after a restart too", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(9);
    for (const item of [1, 2, 3]) ann.send(toSend, item);
    const received = bob.receive(toReceive, { max: 2 });
    const { result } = received;
    rig.restart();
    bob.repeat(received);
    expect([received.result, received.replies.length, rig.written]).toEqual([result, 2, []]);
    expect(ann.statistics()).toMatchObject({ currentBufferUsed: 1 });
  });

  it("[LE5] [W1] while it waits keeps its one place", () => {
    const { rig, ann, bob, cat, toSend, toReceive } = openStream(0);
    const waiting = bob.receive(toReceive);
    const next = cat.receive(cat.open("receive"));
    bob.repeat(waiting);
    rig.restart();
    bob.repeat(waiting);
    expect(rig.line).toEqual(["bob", "cat"]);
    ann.send(toSend, 1);
    expect([waiting.items, next.fate]).toEqual([[1], "unanswered"]);
  });

  it("[LE5] [ST3] whose delivery was lost is still exactly one delivery", () => {
    const { rig, ann, bob, toSend, toReceive } = openStream(0);
    const waiting = bob.receive(toReceive);
    ann.send(toSend, 1);
    rig.restart();
    waiting.replies.length = 0;
    expect(bob.repeat(waiting).items).toEqual([1]);
    expect(waiting.delivered[0]).not.toHaveProperty("redelivered");
    bob.confirm(waiting);
    expect(rig.rows.itemsCount).toBe(0);
  });

  it("[LE5] after its end was closed has nothing any more", () => {
    const { ann, bob, toSend, toReceive } = openStream(1);
    ann.send(toSend, 1);
    const received = bob.receive(toReceive);
    bob.release(toReceive);
    expect(bob.repeat(received).fate).toBe("closed");
  });
});

describe("other repeats", () => {
  it("[LE5] a repeated open opens one end, after a restart too", () => {
    const { rig, ann, toSend } = openStream(1);
    const { token } = toSend;
    ann.repeat(toSend);
    rig.restart();
    expect(ann.repeat(toSend).token).toBe(token);
    expect(ann.statistics()).toMatchObject({ openSendStreams: 1 });
  });

  it("[LE5] [ST4] a repeated clone opens one end, though its original is closed", () => {
    const { ann, toSend } = openStream(1);
    const clone = ann.clone("send", toSend);
    ann.release(toSend);
    expect([ann.repeat(clone).fate, ann.statistics()]).toMatchObject([
      "granted",
      { openSendStreams: 1 },
    ]);
  });

  it("[LE5] [ST7] a repeated reset spares what has come since, after a restart too", () => {
    const { rig, ann, bob, cat } = openStream(1);
    const reset = cat.reset();
    const end = ann.open("send");
    ann.send(end, 1);
    cat.repeat(reset);
    rig.restart();
    expect(cat.repeat(reset).fate).toBe("done");
    expect([ann.statistics(), drained(bob)]).toMatchObject([{ openSendStreams: 1 }, [1]]);
  });

  it("[LE2] an end's token grows, across a reset and a restart too", () => {
    const { rig, ann, toSend, toReceive } = openStream(1);
    ann.reset();
    rig.restart();
    rig.nowMs -= 1_000;
    expect(ann.open("send").token).toBeGreaterThan(Math.max(toSend.token, toReceive.token));
  });
});
