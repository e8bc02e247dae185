/** One program tells its progress to many, who may come late. */
import { connect, type Latchwork } from "../sdk/index.ts";
import { another, check, stage } from "./support/stage.ts";

const STAGES = ["fetched", "built", "tested", "deployed"];
const LISTENERS = 6;

// The part to copy. An event for each stage, not one that is cleared and set again: who comes late passes at once
// through what is over, and nobody misses a stage that was short.
const stageEvent = (latchwork: Latchwork, run: string, stageName: string) =>
  latchwork.event(`runs/${run}/${stageName}`);

const [role, url = ""] = process.argv.slice(2);
if (role === "listener") {
  await using latchwork = connect(url);
  for (const each of STAGES) {
    await stageEvent(latchwork, "42", each).wait();
    console.log(each);
  }
} else {
  await using server = await stage();
  await using latchwork = connect(server.url);
  const seen = new Map<number, string[]>();
  const listen = (n: number): Promise<number | null> => {
    const lines: string[] = [];
    seen.set(n, lines);
    return another(import.meta.filename, ["listener", server.url], (line) => lines.push(line))
      .ended;
  };
  const listeners = Array.from({ length: LISTENERS }, (_, n) => listen(n));
  const first = stageEvent(latchwork, "42", STAGES[0] ?? "");
  while ((await first.statistics()).tasksWaiting < LISTENERS)
    await new Promise((resolve) => setTimeout(resolve, 20));
  for (const each of STAGES) await stageEvent(latchwork, "42", each).set();
  await Promise.all(listeners);
  await listen(LISTENERS);
  const all = [...seen.values()].map((lines) => lines.join());
  check(
    `${LISTENERS} listeners saw every stage, in order`,
    all.slice(0, LISTENERS).every((lines) => lines === STAGES.join()),
  );
  check("and so did one that came when all was over", all.at(-1) === STAGES.join());
}
