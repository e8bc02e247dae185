import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LeaseLostError, LIMITS, type HeldCondition } from "../../sdk/index.ts";
import { settle } from "../support/sdk/clock.ts";
import { holdCondition, since } from "../support/sdk/handles.ts";
import { watch } from "../support/sdk/watched.ts";
import { TOKEN, World } from "../support/sdk/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const REASON = new Error("Never mind.");
const TIMEOUT = { code: "timeout", message: "It was not to be had." } as const;

describe("a condition's lock", () => {
  it("[LE2] is acquired, and bears the server's token", async () => {
    const { held, socket } = await holdCondition(world);
    expect(socket.url).toBe("wss://locks.example/v1/tests/condition/a");
    expect(socket.requests).toEqual([{ id: 1, op: "acquire", permits: 1 }]);
    expect([held.token, held.signal.aborted]).toEqual([TOKEN, false]);
  });

  it("[W2] is tried for, now or not at all", async () => {
    const condition = world.lw.condition("a");
    const [first, second] = [watch(condition.tryAcquire()), watch(condition.tryAcquire())];
    const socket = await world.socket();
    expect(socket.asked("acquire").timeoutMs).toBe(0);
    socket.say({ re: 1, ok: { token: TOKEN } }, { re: 2, error: TIMEOUT });
    await settle();
    expect([first.value?.token, second.value]).toEqual([TOKEN, null]);
  });

  it("[LK3] is not acquired by whoever gave up", async () => {
    const controller = new AbortController();
    const acquiring = watch(world.lw.condition("a").acquire({ signal: controller.signal }));
    const socket = await world.socket();
    controller.abort(REASON);
    await settle();
    socket.answer(socket.asked("cancel"));
    await settle();
    expect(acquiring.error).toBe(REASON);
  });

  it("is held for as long as a piece of work takes, then released", async () => {
    const running = watch(world.lw.condition("a").run((held) => held.notify().then(() => "done")));
    const socket = await world.socket();
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    socket.answer(socket.asked("notify"));
    await settle();
    socket.answer(socket.asked("release"));
    await settle();
    expect(running.value).toBe("done");
  });

  it("is released with the newest token by work that waits", async () => {
    const running = watch(world.lw.condition("a").run((held) => held.wait()));
    const socket = await world.socket();
    socket.answer(socket.asked("acquire"), { token: TOKEN });
    await settle();
    socket.answer(socket.asked("wait"), { token: TOKEN + 5, woken: "notified" });
    await settle();
    socket.answer(socket.asked("release"));
    await settle();
    expect([running.fate, socket.asked("release").token]).toEqual(["resolved", TOKEN + 5]);
  });

  it("is released at the end of an `await using`, with the newest token", async () => {
    const { held, socket } = await holdCondition(world);
    const working = watch(
      (async () => {
        await using mine = held;
        await mine.wait();
      })(),
    );
    await settle();
    socket.answer(socket.asked("wait"), { token: TOKEN + 5, woken: "notified" });
    await settle();
    expect([working.fate, socket.asked("release").token]).toEqual(["pending", TOKEN + 5]);
    socket.answer(socket.asked("release"));
    await settle();
    expect(working.fate).toBe("resolved");
  });

  it("tells who holds it, and how many wait", async () => {
    const reading = watch(world.lw.condition("a").statistics());
    const lock = { locked: false, owner: null, tasksWaiting: 1 };
    (await world.socket()).say({ re: 1, ok: { tasksWaiting: 2, lock } });
    await settle();
    expect(reading.value).toEqual({ tasksWaiting: 2, lock });
  });
});

describe("a notification", () => {
  it.each([
    { what: "one", ask: (held: HeldCondition) => held.notify(), count: { count: 1 } },
    { what: "several", ask: (held: HeldCondition) => held.notify(3), count: { count: 3 } },
    { what: "nobody", ask: (held: HeldCondition) => held.notify(0), count: { count: 0 } },
    { what: "all", ask: (held: HeldCondition) => held.notifyAll(), count: {} },
  ])("[CO3] is for $what", async ({ ask, count }) => {
    const { held, socket } = await holdCondition(world);
    const notifying = watch(ask(held));
    await settle();
    expect(since(socket, 1)).toEqual([{ id: 2, op: "notify", token: TOKEN, ...count }]);
    expect(notifying.fate).toBe("pending");
    socket.answer(socket.asked("notify"));
    await settle();
    expect(notifying.value).toBeUndefined();
  });

  it.for([-1, 1.5, Number.NaN, Infinity, 2 ** 53, "1", null] as number[])(
    "for %s is refused before anything is sent",
    async (count) => {
      const { held, socket } = await holdCondition(world);
      const notifying = watch(held.notify(count));
      await settle();
      expect([notifying.fate, since(socket, 1)]).toEqual(["invalid-argument", []]);
      expect((notifying.error as Error).message).toContain(String(LIMITS.waitersMax));
    },
  );

  it("[CO1] by whom the server knows not to hold the lock is refused", async () => {
    const { held, socket } = await holdCondition(world);
    const notifying = watch(held.notify());
    await settle();
    socket.reject(socket.asked("notify"), { code: "not-owner", message: "It is another's." });
    await settle();
    expect(notifying.fate).toBe("not-owner");
  });
});

const USES: readonly { use: string; ask: (held: HeldCondition) => Promise<unknown> }[] = [
  { use: "wait", ask: (held) => held.wait() },
  { use: "waitFor", ask: (held) => held.waitFor(() => true) },
  { use: "notify", ask: (held) => held.notify() },
  { use: "notifyAll", ask: (held) => held.notifyAll() },
];

describe.each(USES)("[CO1] $use needs the lock: nothing is sent", ({ ask }) => {
  it("after its release", async () => {
    const { held, socket } = await holdCondition(world);
    watch(held.release());
    const using = watch(ask(held));
    await settle();
    expect(using.fate).toBe("not-owner");
    expect(since(socket, 1)).toEqual([{ id: 2, op: "release", token: TOKEN }]);
  });

  it("after its loss", async () => {
    const { held, socket } = await holdCondition(world);
    socket.say({ notice: "lost", token: TOKEN, reason: "revoked" });
    expect(held.signal.reason).toBeInstanceOf(LeaseLostError);
    const using = watch(ask(held));
    await settle();
    expect([using.fate, since(socket, 1)]).toEqual(["not-owner", []]);
  });

  it("while another wait goes on", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    const using = watch(ask(held));
    await settle();
    expect([using.fate, waiting.fate]).toEqual(["not-owner", "pending"]);
    expect(since(socket, 1)).toEqual([{ id: 2, op: "wait", token: TOKEN }]);
  });
});

describe("a release", () => {
  it("[CO1] during a wait is refused, harms nobody, and can be had later", async () => {
    const { held, socket } = await holdCondition(world);
    const waiting = watch(held.wait());
    const releasing = watch(held.release());
    await settle();
    expect(releasing.fate).toBe("not-owner");
    expect(since(socket, 1)).toEqual([{ id: 2, op: "wait", token: TOKEN }]);
    socket.answer(socket.asked("wait"), { token: TOKEN + 1, woken: "notified" });
    await settle();
    const again = watch(held.release());
    await settle();
    socket.answer(socket.asked("release"));
    await settle();
    expect([waiting.fate, again.fate]).toEqual(["resolved", "resolved"]);
    expect(socket.asked("release").token).toBe(TOKEN + 1);
  });
});
