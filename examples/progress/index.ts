/** Twenty listeners in four processes see every stage of a run, one process of them late; the deployer is killed in it. */
import type { Actor } from "../theatre/actor.ts";
import type { Finding } from "../theatre/finding.ts";
import { play } from "../theatre/play.ts";
import { until } from "../theatre/until.ts";
import type { DeployerSaid } from "./deployer.ts";
import { forget, STAGES, type Stage } from "./progress.ts";
import type { WatcherSaid } from "./watcher.ts";

const WATCHERS = 4;
const LISTENERS = 5;
/** Stages that are told before the deployer dies; it dies in the next. */
const BEFORE = 2;

await play("A fan-out of progress, with twenty listeners", async (stage) => {
  const { latchwork } = stage;
  const waiting = async (reached: Stage): Promise<number> =>
    (await latchwork.event(`runs/release-42/${reached}`).statistics()).tasksWaiting;
  const watch = (name: string, run = "release-42", listeners = LISTENERS): Actor<WatcherSaid> =>
    stage.cast(name, new URL("watcher.ts", import.meta.url), { listeners, run, patienceMs: 2_000 });
  const deploy = (name: string): Actor<DeployerSaid> =>
    stage.cast(name, new URL("deployer.ts", import.meta.url));

  const deployer = deploy("deployer-1");
  await deployer.says("works on");
  const heir = deploy("deployer-2");
  const lock = latchwork.lock("runs/release-42");
  await until(async () => (await lock.statistics()).tasksWaiting === 1);

  const early = Array.from({ length: WATCHERS - 1 }, (_, n) => watch(`watcher-${n + 1}`));
  for (const [n, each] of STAGES.slice(0, BEFORE).entries()) {
    await deployer.says("works on", n + 1);
    await until(async () => (await waiting(each)) === early.length * LISTENERS);
    deployer.tell(`finish ${each}`);
  }
  await deployer.says("works on", BEFORE + 1);
  const seen = early.length * LISTENERS * BEFORE;
  await until(() => sightings(early).length === seen);
  stage.narrate("the deployer is killed; the other waits for its TTL, and the listeners with it");
  await deployer.kill();
  const all = [...early, watch(`watcher-${WATCHERS}`)];
  stage.narrate(`watcher-${WATCHERS} comes late`);
  for (const each of STAGES.slice(BEFORE)) heir.tell(`finish ${each}`);
  await Promise.all([heir, ...all].map((each) => each.ended));

  stage.narrate("somebody follows a run on which nobody works");
  const hopeless = watch("watcher-x", "release-43", 1);
  await hopeless.says("is told that nobody works on it");
  await forget(latchwork, "release-42");
  const left = await Promise.all(
    STAGES.map((each) => latchwork.event(`runs/release-42/${each}`).isSet()),
  );
  return [
    ...judgeListeners(all),
    judgeDeployers(deployer, heir),
    {
      text: `who followed what nobody works on was told so, and did not wait for ever`,
      good: hopeless.heard("sees").length === 0,
    },
    {
      text: `${left.filter(Boolean).length} events are left set when the run is forgotten`,
      good: !left.some(Boolean),
    },
  ];
});

function sightings(watchers: readonly Actor<WatcherSaid>[]): readonly Stage[] {
  return watchers.flatMap((each) => each.heard("sees")).map(({ stage }) => stage);
}

function judgeListeners(watchers: readonly Actor<WatcherSaid>[]): readonly Finding[] {
  const complete = (watcher: Actor<WatcherSaid>): number =>
    Array.from({ length: LISTENERS }, (_, n) => n).filter((n) => {
      const stages = watcher.heard("sees").filter(({ listener }) => listener === n);
      return stages.map(({ stage }) => stage).join() === STAGES.join();
    }).length;
  const counts = watchers.map(complete);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return [
    {
      text: `${total} listeners saw each of ${STAGES.length} stages once, in order; ${counts.at(-1)} of them came late`,
      good: total === WATCHERS * LISTENERS && counts.at(-1) === LISTENERS,
    },
  ];
}

function judgeDeployers(deployer: Actor<DeployerSaid>, heir: Actor<DeployerSaid>): Finding {
  const first = deployer.heard("works on").map(({ stage }) => stage);
  const rest = heir.heard("works on").map(({ stage }) => stage);
  return {
    text: `the first deployer died in "${first.at(-1)}", the second went on there: ${rest.join(", ")}`,
    good:
      first.join() === STAGES.slice(0, BEFORE + 1).join() &&
      rest.join() === STAGES.slice(BEFORE).join() &&
      heir.heard("has carried it out").length === 1,
  };
}
