import { describe, expect, it } from "vitest";
import { LockMachine } from "../../objects/core/lock.ts";
import { Rig } from "../support/machines.ts";

const rigOf = (): Rig => new Rig((recovered) => new LockMachine(recovered));

describe("Lock", () => {
  it("[LK4] statistics of a free lock", () => {
    const ann = rigOf().client("ann");
    expect(ann.statistics()).toEqual({ locked: false, owner: null, tasksWaiting: 0 });
  });

  it("[LK4] statistics tell the owner, since when, and how many wait", () => {
    const rig = rigOf();
    const { ann, bob, cat } = rig.clients(["ann", "bob", "cat"]);
    const { token } = ann.acquire();
    const since = rig.nowMs;
    rig.advance(10);
    bob.acquire();
    const owner = { client: "ann", token, since };
    expect(cat.statistics()).toEqual({ locked: true, owner, tasksWaiting: 1 });
    rig.restart();
    expect(cat.statistics()).toEqual({ locked: true, owner, tasksWaiting: 1 });
  });

  it("[LK4] [LK2] after a hand-over they tell the new owner: it was never free between", () => {
    const rig = rigOf();
    const { ann, bob } = rig.clients(["ann", "bob"]);
    const first = ann.acquire();
    const second = bob.acquire();
    rig.advance(10);
    ann.release(first);
    const owner = { client: "bob", token: second.token, since: rig.nowMs };
    expect(ann.statistics()).toEqual({ locked: true, owner, tasksWaiting: 0 });
  });

  it("[LK4] looking writes nothing", () => {
    const rig = rigOf();
    rig.client("ann").statistics();
    expect(rig.written).toEqual([]);
  });

  it.each([0, 2, -1, 0.5, Number.NaN, Infinity])(
    "[LK1] has no %d permits to acquire",
    (permits) => {
      const rig = rigOf();
      const ann = rig.client("ann");
      expect(ann.acquire({ permits }).fate).toBe("invalid-argument");
      expect([rig.holders, rig.rows.claimsCount]).toEqual([[], 0]);
    },
  );

  it("takes no configuration", () => {
    const ann = rigOf().client("ann", { permits: 1 });
    expect(ann.acquire().fate).toBe("invalid-argument");
  });

  it("takes no deposit", () => {
    const ann = rigOf().client("ann");
    expect(ann.deposit(1).fate).toBe("protocol");
  });

  it("needs no configuration to be inspected", () => {
    expect(rigOf().machine.notConfigured).toBeNull();
  });

  it("is disposable while nobody holds it or waits for it", () => {
    const rig = rigOf();
    const { ann, bob } = rig.clients(["ann", "bob"]);
    expect(rig.machine.disposable).toBe(true);
    const first = ann.acquire();
    const second = bob.acquire();
    expect(rig.machine.disposable).toBe(false);
    ann.release(first);
    expect(rig.machine.disposable).toBe(false);
    bob.release(second);
    expect(rig.machine.disposable).toBe(true);
  });
});
