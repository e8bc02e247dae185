/** Three pods, one leader. It is frozen, and overtaken; what it still tries to write is refused. */
import { FENCES } from "../fencing/fence.ts";
import type { Actor } from "../theatre/actor.ts";
import { openDatabase, rows } from "../theatre/database.ts";
import type { Finding } from "../theatre/finding.ts";
import { play } from "../theatre/play.ts";
import { until } from "../theatre/until.ts";
import type { PodSaid } from "./pod.ts";

const WRITES = 3;

await play("Leader election, with three pods", async (stage) => {
  const { latchwork, folder } = stage;
  const database = openDatabase(folder);
  database.exec(FENCES);
  database.exec("CREATE TABLE schedule (id INTEGER PRIMARY KEY, pod, token)");

  const pods = ["pod-a", "pod-b", "pod-c"].map((name): Actor<PodSaid> =>
    stage.cast(name, new URL("pod.ts", import.meta.url), { folder }),
  );
  const elected = (among: readonly Actor<PodSaid>[]) =>
    Promise.race(among.map((pod) => pod.says("leads").then(() => pod)));
  const others = (...known: readonly Actor<PodSaid>[]) =>
    pods.filter((pod) => !known.includes(pod));
  const waiting = async () => (await latchwork.lock("leaders/scheduler").statistics()).tasksWaiting;

  const first = await elected(pods);
  await first.says("writes", WRITES);
  await until(async () => (await waiting()) === 2);
  stage.narrate(`${first.name} is frozen; the next in line waits for its TTL`);
  first.tell("freeze");

  const second = await elected(others(first));
  await second.says("writes", WRITES);
  stage.narrate(`${first.name} goes on where it stood still`);
  first.wake();
  await first.says("is deposed");
  await until(async () => (await waiting()) === 2);

  stage.narrate(`${second.name} is to end, and resigns`);
  await second.terminate();
  const third = await elected(others(first, second));
  await third.says("writes", WRITES);
  await Promise.all([first.terminate(), third.terminate()]);

  const schedule = rows<Entry>(database, "SELECT pod, token FROM schedule ORDER BY id");
  return [...judgeTerms([first, second, third], schedule), ...judgeDeposed(first, schedule)];
});

interface Entry {
  readonly pod: string;
  readonly token: number;
}

function judgeTerms(
  leaders: readonly Actor<PodSaid>[],
  schedule: readonly Entry[],
): readonly Finding[] {
  const terms = leaders.map((pod) => pod.heard("leads")[0]?.token ?? 0);
  const written = schedule.map(({ token }) => token);
  const each = terms.map((term) => written.filter((token) => token === term).length);
  return [
    {
      text: `${leaders.map(({ name }) => name).join(", ")} have led, each with a greater token`,
      good: isInOrder(terms) && new Set(terms).size === leaders.length,
    },
    {
      text: `${schedule.length} entries were written, ${each.join(", ")} in the three terms, none after those of a later term`,
      good: isInOrder(written) && each.every((count) => count >= WRITES),
    },
  ];
}

function judgeDeposed(deposed: Actor<PodSaid>, schedule: readonly Entry[]): readonly Finding[] {
  const refused = deposed.heard("is refused");
  const kept = schedule.filter(({ pod }) => pod === deposed.name).length;
  const reasons = deposed.heard("is deposed").map(({ reason }) => reason);
  return [
    {
      text: `${refused.length} write of ${deposed.name} was refused by its token, before it knew; ${kept} were accepted, all before`,
      good:
        refused.length === 1 &&
        refused[0]?.knew === false &&
        kept === deposed.heard("writes").length,
    },
    {
      text: `then its signal told it: ${reasons.join(", ")}`,
      good: reasons.length === 1 && reasons[0] === "expired",
    },
  ];
}

function isInOrder(tokens: readonly number[]): boolean {
  return tokens.every((token, index) => index === 0 || token >= (tokens[index - 1] ?? 0));
}
