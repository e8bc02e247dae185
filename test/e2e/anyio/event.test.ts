import { expect, test } from "vitest";
import type { Event } from "../../../sdk/index.ts";
import { ALL_WAYS, BY_ABORT } from "../../support/anyio/giving_up.ts";
import { roundTrip, serverOfThisFile } from "../../support/anyio/test_server.ts";
import { watch } from "../../support/sdk/watched.ts";

const server = serverOfThisFile();
const events = (): [Event, Event, Event] =>
  server.three((latchwork, name) => latchwork.event(name));

test("[EV1] an event that nobody has used is not set, and nobody waits", async () => {
  const [ours] = events();
  expect(await ours.statistics()).toEqual({ isSet: false, tasksWaiting: 0 });
  expect(await ours.isSet()).toBe(false);
});

test("[EV1] wait returns at once when another client has set it before", async () => {
  const [ours, theirs] = events();
  await theirs.set();
  await ours.wait({ timeoutMs: 0 });
  expect(await ours.isSet()).toBe(true);
});

test("[EV1] a waiter in another client wakes when it is set, and not before", async () => {
  const [ours, theirs] = events();
  const waiting = watch(theirs.wait());
  await roundTrip(theirs);
  expect(waiting.fate).toBe("pending");
  expect(await ours.isSet()).toBe(false);
  await ours.set();
  await waiting.promise;
  expect(await theirs.isSet()).toBe(true);
});

test("[EV2] set wakes every waiter of every client", async () => {
  const [ours, theirs, others] = events();
  const waiting = [theirs.wait(), theirs.wait(), others.wait()];
  await Promise.all([roundTrip(theirs), roundTrip(others)]);
  expect(await ours.statistics()).toEqual({ isSet: false, tasksWaiting: 3 });
  await ours.set();
  expect(await ours.statistics()).toEqual({ isSet: true, tasksWaiting: 0 });
  await Promise.all(waiting);
});

test.each(ALL_WAYS)(
  "[W3] a waiter that gave up is counted no more, and set does not wake it: $how",
  async ({ prepare }) => {
    const [ours, theirs, others] = events();
    await roundTrip(theirs);
    const { options, giveUp, error } = prepare(() => server.closeClientOf(theirs));
    const waiting = watch(theirs.wait(options));
    await roundTrip(theirs);
    const patient = others.wait();
    expect(await others.statistics()).toMatchObject({ tasksWaiting: 2 });
    await giveUp();
    await expect(waiting.promise).rejects.toMatchObject(error);
    expect(await ours.statistics()).toMatchObject({ tasksWaiting: 1 });
    await ours.set();
    await patient;
    await expect(waiting.promise).rejects.toMatchObject(error);
  },
);

test("[EV2, W3] a waiter that has been woken stays woken: an abort after the set changes nothing", async () => {
  const [ours] = events();
  const { options, giveUp } = BY_ABORT.prepare(() => Promise.resolve());
  const waiting = ours.wait(options);
  await ours.set();
  await giveUp();
  await expect(waiting).resolves.toBeUndefined();
});

test("[W3] a wait whose signal is aborted already asks nothing, though the event is set", async () => {
  const [ours] = events();
  const { options, giveUp, error } = BY_ABORT.prepare(() => Promise.resolve());
  await ours.set();
  await giveUp();
  await expect(ours.wait(options)).rejects.toMatchObject(error);
});

test("[EV1] statistics count who waits", async () => {
  const [ours, theirs, others] = events();
  expect(await ours.statistics()).toEqual({ isSet: false, tasksWaiting: 0 });
  const first = theirs.wait();
  expect(await theirs.statistics()).toEqual({ isSet: false, tasksWaiting: 1 });
  const second = others.wait();
  expect(await others.statistics()).toEqual({ isSet: false, tasksWaiting: 2 });
  await ours.set();
  await Promise.all([first, second]);
  expect(await ours.statistics()).toEqual({ isSet: true, tasksWaiting: 0 });
});

test("[EV3] setting and clearing again change nothing", async () => {
  const [ours, theirs] = events();
  await ours.set();
  await theirs.set();
  expect(await ours.isSet()).toBe(true);
  await theirs.clear();
  await ours.clear();
  expect(await ours.isSet()).toBe(false);
});

test("[EV4] after clear a wait blocks again, until the next set", async () => {
  const [ours, theirs] = events();
  await ours.set();
  await theirs.wait();
  await ours.clear();
  const waiting = watch(theirs.wait());
  await roundTrip(theirs);
  expect(waiting.fate).toBe("pending");
  await ours.set();
  await waiting.promise;
});

test("[EV2] a set that is followed by clear at once has woken everybody who waited", async () => {
  const [ours, theirs, others] = events();
  const waiting = [theirs.wait(), others.wait()];
  await Promise.all([roundTrip(theirs), roundTrip(others)]);
  await Promise.all([ours.set(), ours.clear()]);
  await Promise.all(waiting);
  expect(await ours.statistics()).toEqual({ isSet: false, tasksWaiting: 0 });
});
