import { describe, expect, it } from "vitest";
import { SemaphoreMachine } from "../../objects/core/semaphore.ts";
import { LIMITS, type SemaphoreConfig } from "../../sdk/protocol.ts";
import { Rig } from "../support/machines.ts";

const rigOf = (): Rig => new Rig((recovered) => new SemaphoreMachine(recovered));
const MAX = LIMITS.permitsMax;

describe("a semaphore's configuration", () => {
  it.each<SemaphoreConfig>([
    { permits: 0 },
    { permits: MAX },
    { permits: 0, maxPermits: 0 },
    { permits: 2, maxPermits: 2 },
    { permits: 0, maxPermits: MAX },
  ])("[SE4] %j is one", (config) => {
    const { permits, maxPermits = null } = config;
    const statistics = rigOf().client("ann", config).statistics();
    expect(statistics).toEqual({ value: permits, maxPermits, tasksWaiting: 0 });
  });

  it.each<SemaphoreConfig>([
    { permits: -1 },
    { permits: 0.5 },
    { permits: Number.NaN },
    { permits: Infinity },
    { permits: MAX + 1 },
    { permits: 2, maxPermits: 1 },
    { permits: 1, maxPermits: 1.5 },
    { permits: 1, maxPermits: MAX + 1 },
    { permits: 1, maxPermits: Infinity },
    {} as SemaphoreConfig,
  ])("[SE4] %o is none, and configures nothing", (config) => {
    const rig = rigOf();
    expect(rig.client("ann", config).acquire().fate).toBe("invalid-argument");
    expect(rig.machine.notConfigured?.code).toBe("not-configured");
    expect(rig.client("bob", { permits: 1 }).acquire().fate).toBe("granted");
  });

  it("is fixed by the first who states one; later ones may state the same or none", () => {
    const rig = rigOf();
    rig.client("ann", { permits: 2, maxPermits: 5 }).acquire();
    rig.restart();
    expect(rig.client("same", { permits: 2, maxPermits: 5 }).tryAcquire().fate).toBe("granted");
    expect(rig.client("less", { permits: 2 }).tryAcquire().fate).toBe("timeout");
    expect(rig.client("none").tryAcquire().fate).toBe("timeout");
  });

  it("is written once", () => {
    const rig = rigOf();
    const ann = rig.client("ann", { permits: 1 });
    ann.statistics();
    expect(rig.written).toEqual(["put-state"]);
    ann.statistics();
    expect(rig.written).toEqual([]);
  });

  it.each<[SemaphoreConfig, SemaphoreConfig]>([
    [{ permits: 2 }, { permits: 3 }],
    [{ permits: 2, maxPermits: 5 }, { permits: 3 }],
    [
      { permits: 2, maxPermits: 5 },
      { permits: 2, maxPermits: 6 },
    ],
    [{ permits: 2 }, { permits: 2, maxPermits: 2 }],
  ])("%j refuses %j, says both, and changes nothing", (actual, stated) => {
    const rig = rigOf();
    const ann = rig.client("ann", actual);
    ann.statistics();
    const refused = rig.client("bob", stated).acquire();
    expect(refused.replies).toMatchObject([{ error: { code: "config-mismatch", stated, actual } }]);
    expect([rig.holders, ann.tryAcquire(2).fate]).toEqual([[], "granted"]);
  });

  it("is compared with what was configured, not with what deposits made of it", () => {
    const ann = rigOf().client("ann", { permits: 1 });
    expect(ann.deposit(1).fate).toBe("done");
    expect(ann.tryAcquire(2).fate).toBe("granted");
  });

  it("cannot be done without: until someone states it, nothing is granted or counted", () => {
    const rig = rigOf();
    const ann = rig.client("ann");
    ann.statistics();
    expect([ann.acquire().fate, ann.tryAcquire().fate, ann.deposit(1).fate]).toEqual([
      "not-configured",
      "not-configured",
      "not-configured",
    ]);
    expect(rig.rows.claimsCount).toBe(0);
  });

  it("is not needed to release or to cancel", () => {
    const ann = rigOf().client("ann");
    expect(ann.release({ token: 1 }).fate).toBe("not-owner");
    expect(ann.cancel(ann.acquire()).fate).toBe("done");
  });

  it("may be stated with a release that finds another one", () => {
    const rig = rigOf();
    const ann = rig.client("ann", { permits: 1 });
    const { token } = ann.acquire();
    const release = { id: 9, op: "release", token, config: { permits: 2 } } as const;
    expect(rig.ask(ann.session, release).fate).toBe("done");
  });

  it("makes the name worth keeping, though nobody holds or waits", () => {
    const rig = rigOf();
    expect(rig.machine.disposable).toBe(true);
    rig.client("ann", { permits: 1 }).statistics();
    expect(rig.machine.disposable).toBe(false);
    rig.restart();
    expect([rig.machine.disposable, rig.machine.notConfigured]).toEqual([false, null]);
  });
});
