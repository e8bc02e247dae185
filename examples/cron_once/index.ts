/** Three regions have the same cron: one of them does the work, also if it dies in the middle or another fires late. */
import { FENCES } from "../fencing/fence.ts";
import type { Actor } from "../theatre/actor.ts";
import type { Finding } from "../theatre/finding.ts";
import { openDatabase, rows } from "../theatre/database.ts";
import { play } from "../theatre/play.ts";
import { until } from "../theatre/until.ts";
import { oncePerTick, type Outcome } from "./once_per_tick.ts";
import type { RegionSaid } from "./region.ts";

const CUSTOMERS = 7;
const MIDDLE = 3;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

await play("A cron that runs once in the world, with three regions", async (stage) => {
  const { latchwork, folder } = stage;
  const database = openDatabase(folder);
  database.exec(FENCES);
  database.exec("CREATE TABLE invoices (tick, customer, token, PRIMARY KEY (tick, customer))");

  const firstMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const region = (name: string, skewMs: number): Actor<RegionSaid> =>
    stage.cast(name, new URL("region.ts", import.meta.url), {
      folder,
      customers: CUSTOMERS,
      middle: MIDDLE,
      skewMs,
      ticksMs: [firstMs, firstMs + HOUR_MS],
    });
  const [frankfurt, virginia, tokyo] = [
    region("frankfurt", -1_400),
    region("virginia", 250),
    region("tokyo", 2_000),
  ];
  const weekBefore = new Date(firstMs - 7 * DAY_MS).toISOString();
  const oldMark = latchwork.event(`cron/invoices/${weekBefore}`);
  await oldMark.set();

  stage.narrate("the first tick: two regions fire, the third is late");
  for (const each of [frankfurt, virginia]) {
    each.tell("halt in 0");
    each.tell("fire 0");
  }
  const [runner, other] = await Promise.race([
    frankfurt.says("is in the middle").then(() => [frankfurt, virginia] as const),
    virginia.says("is in the middle").then(() => [virginia, frankfurt] as const),
  ]);
  await until(async () => (await latchwork.lock("cron/invoices").statistics()).tasksWaiting === 1);
  stage.narrate(`${runner.name} is killed; ${other.name} is in line, and waits for its TTL`);
  await runner.kill();
  const takenOver = await other.says("is through");
  stage.narrate("all is done when tokyo fires");
  tokyo.tell("fire 0");
  const late = await tokyo.says("is through");

  stage.narrate(`the second tick: all fire, ${runner.name} too, which was started again`);
  const again = region(runner.name, 0);
  again.tell("fire 0");
  const missed = await again.says("is through");
  const all = [other, tokyo, again];
  for (const each of all) each.tell("fire 1");
  const outcomes = await Promise.all(
    all.map(async (each) => (await each.says("is through", 2)).outcome),
  );
  const tooOld = await oncePerTick(
    latchwork,
    { job: "invoices", scheduledAtMs: firstMs - 4 * DAY_MS },
    () => Promise.reject(new Error("It must not run.")),
    AbortSignal.timeout(60_000),
  );
  await Promise.all(all.map((each) => each.ended));

  const invoices = rows<Invoice>(database, "SELECT tick, token FROM invoices");
  return [
    ...judgeFirst(runner, other, takenOver.outcome),
    ...judgeInvoices(
      invoices,
      [runner, ...all].flatMap((each) => each.heard("bills")),
    ),
    {
      text: `tokyo, which was late, and ${again.name}, started again: ${late.outcome}, ${missed.outcome}`,
      good: late.outcome === "was done already" && missed.outcome === "was done already",
    },
    {
      text: `the second tick: ${outcomes.toSorted().join(", ")}`,
      good: outcomes.toSorted().join() === "ran,was done already,was done already",
    },
    {
      text: `a tick of four days ago ${tooOld}, and the mark of a week ago is ${(await oldMark.isSet()) ? "still there" : "gone"}`,
      good: tooOld === "is too old" && !(await oldMark.isSet()),
    },
  ];
});

interface Invoice {
  readonly tick: number;
  readonly token: number;
}

function judgeFirst(
  runner: Actor<RegionSaid>,
  other: Actor<RegionSaid>,
  outcome: Outcome,
): readonly Finding[] {
  const before = runner.heard("bills");
  const after = other.heard("bills").filter(({ tick }) => tick === 0);
  return [
    {
      text: `the first tick: ${runner.name} billed ${before.length} customers and died, ${other.name} ${outcome} and billed ${after.length}`,
      good: before.length === MIDDLE && after.length === CUSTOMERS - MIDDLE && outcome === "ran",
    },
    {
      text: "whoever took over had a greater token",
      good: (after[0]?.token ?? 0) > (before[0]?.token ?? Infinity),
    },
  ];
}

function judgeInvoices(
  invoices: readonly Invoice[],
  bills: readonly Invoice[],
): readonly Finding[] {
  return [0, 1].map((tick) => {
    const stored = invoices.filter((each) => each.tick === tick).length;
    const sent = bills.filter((each) => each.tick === tick).length;
    return {
      text: `tick ${tick}: ${stored} of ${CUSTOMERS} customers have an invoice, ${sent} were sent`,
      good: stored === CUSTOMERS && sent === CUSTOMERS,
    };
  });
}
