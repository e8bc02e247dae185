import { describe, expect, it } from "vitest";
import { LIMITS } from "../../sdk/protocol.ts";
import { newStreamRig, openStream } from "../support/core/streams.ts";

describe("configuration and reports", () => {
  it.each([0, 1, LIMITS.bufferItemsMax, null])("[ST1] %j is a buffer's size", (maxBufferSize) => {
    const ann = newStreamRig().client("ann", { maxBufferSize });
    expect([ann.open("send").fate, ann.statistics()]).toMatchObject(["granted", { maxBufferSize }]);
  });

  it.each([-1, 0.5, Number.NaN, Infinity, LIMITS.bufferItemsMax + 1])(
    "[ST1] bufferItemsMax: %d is none",
    (maxBufferSize) => {
      const rig = newStreamRig();
      expect(rig.client("ann", { maxBufferSize }).open("send").fate).toBe("invalid-argument");
      expect(rig.machine.notConfigured?.code).toBe("not-configured");
    },
  );

  it("is not configured until somebody states it; then that stands", () => {
    const rig = newStreamRig();
    const plain = rig.client("plain");
    expect([plain.open("send").fate, plain.reset().fate, rig.machine.disposable]).toEqual([
      "not-configured",
      "not-configured",
      true,
    ]);
    rig.client("ann", { maxBufferSize: 3 }).statistics();
    rig.restart();
    expect([plain.open("send").fate, rig.machine.disposable]).toEqual(["granted", false]);
    expect(rig.client("bob", { maxBufferSize: null }).open("send").replies).toMatchObject([
      { error: { stated: { maxBufferSize: null }, actual: { maxBufferSize: 3 } } },
    ]);
  });

  it("statistics tell the buffer, the open ends, and who is blocked", () => {
    const { rig, ann, bob, cat, toSend } = openStream(1);
    cat.open("send");
    for (const item of [1, 2, 3]) ann.send(toSend, item);
    const expected = {
      currentBufferUsed: 1,
      maxBufferSize: 1,
      openSendStreams: 2,
      openReceiveStreams: 1,
      tasksWaitingSend: 2,
      tasksWaitingReceive: 0,
      undelivered: 0,
    };
    expect(bob.statistics()).toEqual(expected);
    rig.restart();
    expect(bob.statistics()).toEqual(expected);
  });

  it("operators see the open ends, and what the blocked wait for", () => {
    const { rig, ann, toSend } = openStream(0);
    ann.send(toSend, 1);
    expect(rig.machine.inspect({ waitersMax: 9 })).toMatchObject({
      holders: [
        { client: "ann", side: "send" },
        { client: "bob", side: "receive" },
      ],
      waiters: [{ client: "ann", waitsFor: "room", position: 1 }],
    });
  });

  it("operators see who waits for an item", () => {
    const { rig, bob, toReceive } = openStream(0);
    bob.receive(toReceive);
    const { waiters } = rig.machine.inspect({ waitersMax: 9 });
    expect(waiters).toMatchObject([{ client: "bob", waitsFor: "item" }]);
  });

  it("has no lock to acquire", () => {
    const { ann } = openStream(0);
    expect(ann.acquire().fate).toBe("protocol");
  });
});
