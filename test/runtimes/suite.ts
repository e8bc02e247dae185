/** What the SDK does on every runtime: one list of cases, run on each of them (`npm run test:runtimes`). */
import * as sdk from "../../sdk/index.ts";
import type { Case } from "./inside/case.ts";
import { CountedWebSocket, Timers } from "./inside/counted.ts";
import {
  aborted,
  expectEqual,
  expectRejection,
  expectThat,
  failureOf,
  lossOf,
  pause,
  until,
} from "./inside/expect.ts";
import { nativeUsing } from "./inside/probes.ts";
import { useTwice } from "./inside/requests.ts";

export const CASES: Case[] = [];

function shows(title: string, run: Case["run"]): void {
  CASES.push({ title, run });
}

// Holding and giving back.

shows("a lock is held by one at a time, and tokens grow", async ({ client, name }) => {
  const lock = client().lock(name);
  const first = await lock.acquire();
  expectEqual(await client().lock(name).tryAcquire(), null, "What a second client gets");
  expectEqual(await lock.isLocked(), true, "isLocked");
  await first.release();
  await first.release();
  const second = await client().lock(name).acquire();
  expectThat(second.token > first.token, `${second.token} is greater than ${first.token}`);
});

shows("those who wait are served in the order in which they came", async ({ client, name }) => {
  const lock = client().lock(name);
  const held = await lock.acquire();
  const served: number[] = [];
  const turns = Array.from({ length: 20 }, (_, turn) => lock.run(() => void served.push(turn)));
  await until(async () => (await lock.statistics()).tasksWaiting === 20);
  await held.release();
  await Promise.all(turns);
  expectEqual(served, Array.from(served.keys()), "The order");
});

shows("five hundred acquires at once are served, one by one", async ({ client, name }) => {
  const lock = client().lock(name);
  let inside = 0;
  let insideMost = 0;
  const tokens = await Promise.all(
    Array.from({ length: 500 }, () =>
      lock.run(async ({ token }) => {
        insideMost = Math.max(insideMost, (inside += 1));
        await Promise.resolve();
        inside -= 1;
        return token;
      }),
    ),
  );
  expectEqual(insideMost, 1, "The most at once");
  expectEqual(new Set(tokens).size, 500, "How many tokens there were");
});

shows("run gives back what work returns, and throws what it throws", async ({ client, name }) => {
  const lock = client().lock(name);
  expectEqual(await lock.run(({ signal }) => signal.aborted), false, "The signal");
  const failure = new RangeError("of the work");
  const thrown = await failureOf(lock.run(() => Promise.reject(failure)));
  expectThat(thrown === failure, "it is thrown");
  expectEqual(await lock.isLocked(), false, "isLocked");
});

shows("`await using`, compiled, gives a lease back", async ({ client, name }) => {
  const lock = client().lock(name);
  {
    await using lease = await lock.acquire();
    expectThat(lease.token > 0 && (await lock.isLocked()), "it is held");
  }
  expectEqual(await lock.isLocked(), false, "isLocked");
});

shows("`await using`, as it is written, does so too", async ({ client, name, needs }) => {
  needs("using");
  const native = await nativeUsing();
  const lock = client().lock(name);
  const inside = await native?.withNativeUsing(
    () => lock.acquire(),
    () => lock.isLocked(),
  );
  expectEqual([inside, await lock.isLocked()], [true, false], "isLocked inside and outside");
});

shows("a client that is closed frees at once what it holds", async ({ client, name }) => {
  const [one, other] = [client(), client()];
  const lease = await one.lock(name).acquire();
  const next = other.lock(name).acquire();
  const waiting = expectRejection(one.lock(name).acquire(), sdk.ClosedResourceError);
  await one[Symbol.asyncDispose]();
  await waiting;
  await next;
  expectEqual(await lossOf(lease), "session-ended", "Why the lease was lost");
  await expectRejection(() => one.lock(name), sdk.ClosedResourceError);
});

// Giving up.

shows("timeoutMs: 0 is now or not at all", async ({ client, name }) => {
  const event = client().event(name);
  await expectRejection(event.wait({ timeoutMs: 0 }), sdk.TimeoutError);
  await event.set();
  await event.wait({ timeoutMs: 0 });
});

shows("who waited for timeoutMs in vain has left the line", async ({ client, name }) => {
  const lock = client().lock(name);
  const held = await lock.acquire();
  const error = await expectRejection(lock.acquire({ timeoutMs: 60 }), sdk.TimeoutError);
  expectEqual([error.code, error.name], ["timeout", "TimeoutError"], "The error");
  expectEqual((await lock.statistics()).tasksWaiting, 0, "tasksWaiting");
  await held.release();
  expectThat((await lock.tryAcquire()) !== null, "nobody holds it");
});

shows("an abort rejects with its own reason", async ({ client, name }) => {
  const lock = client().lock(name);
  await lock.acquire();
  const controller = new AbortController();
  const waiting = lock.acquire({ signal: controller.signal });
  await until(async () => (await lock.statistics()).tasksWaiting === 1);
  const reason = { of: "the caller's own" };
  controller.abort(reason);
  expectThat((await failureOf(waiting)) === reason, "that is what it rejects with");
  expectEqual((await lock.statistics()).tasksWaiting, 0, "tasksWaiting");
  expectThat((await failureOf(lock.acquire({ signal: controller.signal }))) === reason, "again");
});

shows("AbortSignal.timeout gives a wait up", async ({ client, name, needs }) => {
  needs("abortTimeout");
  const waiting = client()
    .event(name)
    .wait({ signal: AbortSignal.timeout(60) });
  expectEqual(((await failureOf(waiting)) as Error).name, "TimeoutError", "The reason's name");
});

shows("AbortSignal.any of a lease's signal and one's own does", async ({ client, name, needs }) => {
  needs("abortAny");
  const one = client();
  const lease = await one.lock(name).acquire();
  const signal = AbortSignal.any([lease.signal, new AbortController().signal]);
  const waiting = failureOf(client().event(name).wait({ signal }));
  await one.close();
  expectThat((await waiting) === lease.signal.reason, "it rejects with the lease's reason");
});

shows("a timeoutMs that no timer can keep is refused", async ({ client, name }) => {
  const event = client().event(name);
  const { timeoutMsMax } = sdk.LIMITS;
  for (const timeoutMs of [timeoutMsMax + 1, -1, Number.NaN]) {
    await expectRejection(event.wait({ timeoutMs }), sdk.InvalidArgumentError);
  }
  const ends = new AbortController();
  const longest = [timeoutMsMax, Infinity].map((timeoutMs) =>
    failureOf(event.wait({ timeoutMs, signal: ends.signal })),
  );
  await until(async () => (await event.statistics()).tasksWaiting === 2);
  ends.abort("the end");
  expectEqual(await Promise.all(longest), ["the end", "the end"], "What the longest reject with");
});

// When the network fails.

shows("a lease and a place in line outlive a cut", async ({ client, traveller, road, name }) => {
  const [holder, waiter] = [traveller(), traveller()];
  const lease = await holder.lock(name).acquire();
  const place = waiter.lock(name).acquire();
  const watcher = client().lock(name);
  await until(async () => (await watcher.statistics()).tasksWaiting === 1);
  const behind = watcher.acquire();
  await road.cut();
  expectEqual(lease.signal.aborted, false, "signal.aborted");
  await lease.release();
  const granted = await place;
  expectThat(granted.token > lease.token, "the token is a later one");
  await granted.release();
  expectThat((await behind).token > granted.token, "who came last is served last");
});

shows("what is asked during a cut takes effect once", async ({ traveller, road, name }) => {
  const semaphore = traveller().semaphore(name, { permits: 0 });
  for (let round = 1; round <= 5; round += 1) {
    const releasing = Array.from({ length: 10 }, () => semaphore.release());
    await road.cut();
    await Promise.all(releasing);
    expectEqual(await semaphore.value(), round * 10, "The value");
  }
});

shows("a lease is lost before another can have it", async ({ client, traveller, road, name }) => {
  const lease = await traveller({ sessionTtlMs: 1_000 }).lock(name).acquire();
  const next = client().lock(name).acquire();
  await road.silence();
  const isLost = next.then(() => lease.signal.aborted);
  expectEqual([await lossOf(lease), await isLost], ["expired", true], "What became of it");
  await expectRejection(lease.release(), sdk.NotOwnerError);
});

shows("run rejects when its lease is lost, and work is told", async ({ client, name }) => {
  const [one, other] = [client(), client()];
  const limiter = one.limiter(name, { totalTokens: 1 });
  let told: unknown;
  const work = limiter.run(async ({ signal }) => (told = await aborted(signal)), {
    onBehalfOf: "tenant",
  });
  // Expected before it comes: a rejection that nobody awaits yet ends a program.
  const running = expectRejection(work, sdk.LeaseLostError);
  await until(async () => (await limiter.statistics()).borrowedTokens === 1);
  await other.limiter(name).releaseOnBehalfOf("tenant");
  const error = await running;
  expectThat(error.reason === "revoked" && error === told, "both are told that it was revoked");
});

shows("a server that cannot be reached is no time-out", async ({ traveller, road, name }) => {
  await road.close();
  const lock = traveller().lock(name);
  const error = await expectRejection(lock.acquire({ timeoutMs: 300 }), sdk.ConnectionLostError);
  expectEqual(error.code, "connection-lost", "The code");
  await road.open();
  await (await lock.acquire()).release();
});

shows("a semaphore hands out permits, and takes deposits", async ({ client, name }) => {
  const semaphore = client().semaphore(name, { permits: 2, maxPermits: 3 });
  const both = await semaphore.acquire({ permits: 2 });
  expectEqual(await semaphore.tryAcquire(), null, "What tryAcquire gets");
  await semaphore.release();
  await both.release();
  expectEqual(await semaphore.value(), 3, "The value");
  await expectRejection(semaphore.release(), sdk.OverReleaseError);
});

shows("a configuration is stated once", async ({ client, name }) => {
  await expectRejection(client().limiter(name).acquire(), sdk.NotConfiguredError);
  await client().limiter(name, { totalTokens: Infinity }).statistics();
  const other = client().limiter(name, { totalTokens: 5 });
  const { stated, actual } = await expectRejection(other.acquire(), sdk.ConfigMismatchError);
  const totals = [stated, actual].map((config) => (config as sdk.LimiterOptions).totalTokens);
  expectEqual(totals.map(String), ["5", "Infinity"], "What the error says");
});

shows("an event wakes everybody, and can be used again", async ({ client, name }) => {
  const event = client().event(name);
  const all = [client(), client(), client()].map((each) => each.event(name).wait());
  await until(async () => (await event.statistics()).tasksWaiting === 3);
  await Promise.all([event.set(), event.clear()]);
  await Promise.all(all);
  expectEqual(await event.isSet(), false, "isSet");
});

shows("a condition is waited for and notified", async ({ client, name }) => {
  const [one, other] = [client().condition(name), client().condition(name)];
  let job: string | null = null;
  const found = one.run(async (held) => {
    const { token } = held;
    const value = await held.waitFor(() => job);
    return { value, isLater: held.token > token };
  });
  await until(async () => (await other.statistics()).tasksWaiting === 1);
  await other.run(async (held) => {
    job = "a job";
    await held.notifyAll();
  });
  expectEqual(await found, { value: "a job", isLater: true }, "What was found");
  const held = await one.acquire();
  await expectRejection(held.wait({ timeoutMs: 30 }), sdk.TimeoutError);
  await held.notify();
  await held.release();
  await expectRejection(held.notify(), sdk.NotOwnerError);
});

shows("a limiter lends to each name once", async ({ client, name }) => {
  const limiter = client().limiter(name, { totalTokens: 1 });
  await limiter.acquire({ onBehalfOf: "A" });
  await expectRejection(limiter.acquire({ onBehalfOf: "A" }), sdk.AlreadyBorrowedError);
  const second = limiter.acquire({ onBehalfOf: "B" });
  await limiter.setTotalTokens(2);
  await second;
  expectEqual([...(await limiter.statistics()).borrowers].toSorted(), ["A", "B"], "Borrowers");
  await expectRejection(limiter.releaseOnBehalfOf("C"), sdk.NotBorrowedError);
});

shows("a stream is a rendezvous, or a loop until the end", async ({ client, name }) => {
  const [send, other] = [
    await client().stream<number>(name, { maxBufferSize: 0 }).openSend(),
    client().stream<number>(name),
  ];
  const receive = await other.openReceive({ prefetch: 8 });
  expectEqual(await send.trySend(0), false, "What trySend says");
  const sending = (async () => {
    for (let item = 1; item <= 50; item += 1) await send.send(item);
    await send.close();
  })();
  const received: number[] = [];
  for await (const item of receive) received.push(item);
  await sending;
  expectEqual(
    received,
    Array.from({ length: 50 }, (_, at) => at + 1),
    "What was received",
  );
  await expectRejection(receive.receive(), sdk.EndOfStreamError);
});

shows("what a loop leaves behind is for the next receiver", async ({ client, name }) => {
  const stream = client().stream<string>(name, { maxBufferSize: 10 });
  const [send, receive] = await stream.open();
  for (const item of ["a", "b", "c"]) await send.send(item);
  const second = await receive.clone();
  for await (const item of receive) if (item === "b") break;
  await receive.close();
  expectEqual(await second.receive(), "c", "The next item");
  const blocked = expectRejection(second.receive(), sdk.ClosedResourceError);
  await second.close();
  await blocked;
  await expectRejection(send.send("d"), sdk.BrokenResourceError);
});

shows("the largest item arrives as it was, and no larger one", async ({ client, name }) => {
  const [send, receive] = await client().stream(name, { maxBufferSize: 4 }).open();
  const largest = "€𝄞é\u2028\\".repeat(sdk.LIMITS.itemCharactersMax / 8).slice(0, 200_000);
  const item = { largest, nothing: null, list: [1.5, -0.25, true] };
  await send.send(item);
  expectEqual(await receive.receive(), item, "The item");
  const over = send.send("x".repeat(sdk.LIMITS.itemCharactersMax));
  expectEqual(
    (await expectRejection(over, sdk.LimitExceededError)).limit,
    "itemCharactersMax",
    "Limit",
  );
  await expectRejection(send.send(1n), sdk.InvalidArgumentError);
});

// Names, tokens, sockets.

shows("any Unicode is a name, and the same name is the same lock", async ({ client, name }) => {
  for (const odd of ["Prüfung/№ 1 %2F?#", "鎖 🔒", "..", "a b\u00A0c", "é"]) {
    const held = await client().lock(`${name}${odd}`).acquire();
    expectEqual(await client().lock(`${name}${odd}`).tryAcquire(), null, `${odd} when it is held`);
    await held.release();
  }
  const bad = ["", "a\n", "\uD800", "x".repeat(sdk.LIMITS.nameCharactersMax + 1)];
  for (const each of bad) {
    await expectRejection(() => client().lock(each), sdk.LatchworkError);
  }
  await client().lock(name).acquire();
  expectThat((await client({ namespace: "elsewhere" }).lock(name).tryAcquire()) !== null, "apart");
});

shows("a server that wants a token gets it, or turns away", async ({ guest, setup, name }) => {
  const none = await expectRejection(guest().lock(name).acquire(), sdk.UnauthorizedError);
  expectEqual(none.code, "unauthorized", "The code");
  await expectRejection(guest({ token: "wrong" }).lock(name).acquire(), sdk.UnauthorizedError);
  await guest({ token: setup.token }).lock(name).acquire();
  const asked = guest({ token: () => Promise.resolve(setup.token) }).lock(name);
  expectEqual(await asked.isLocked(), true, "isLocked");
});

shows("a WebSocket of one's own is opened at first use", async ({ client, name }) => {
  const before = CountedWebSocket.opened;
  const lw = client({ WebSocket: CountedWebSocket });
  const lock = lw.lock(name);
  await pause(10);
  expectEqual(CountedWebSocket.opened - before, 0, "Sockets before the first use");
  await Promise.all([lock.acquire(), lw.lock(name).statistics()]);
  expectEqual(CountedWebSocket.opened - before, 1, "Sockets after it");
});

shows("a closed client leaves neither timer nor socket", async ({ client, name }) => {
  using timers = new Timers();
  const lw = client({ WebSocket: CountedWebSocket });
  await lw.lock(name).acquire();
  const event = lw.event(name);
  const waiting = expectRejection(event.wait({ timeoutMs: 60_000 }), sdk.ClosedResourceError);
  await until(async () => (await event.statistics()).tasksWaiting === 1);
  expectThat(timers.pending > 0 && CountedWebSocket.open > 0, "both are counted");
  await lw.close();
  await waiting;
  await until(() => CountedWebSocket.open === 0);
  expectEqual(timers.pending, 0, "Timers that are left");
});

shows("a client of another request works, or says at once why not", async ({ setup, name }) => {
  const [first, second] = await useTwice(setup, name);
  expectEqual(first, null, "What the first use comes to");
  if (second === null) return;
  expectEqual(second.name, "ConnectionLostError", "The error's name");
  expectThat(second.message.includes("different request"), `"${second.message}" says why`);
});
