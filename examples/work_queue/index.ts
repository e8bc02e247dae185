/** Two shops in one region, four workers in another. One is asked to end, one is killed over a job, which another does. */
import type { Actor } from "../theatre/actor.ts";
import { openDatabase, rows } from "../theatre/database.ts";
import type { Finding } from "../theatre/finding.ts";
import { play } from "../theatre/play.ts";
import { until } from "../theatre/until.ts";
import type { ShopSaid } from "./shop.ts";
import { LEDGER } from "./table_ledger.ts";
import type { WorkerSaid } from "./worker.ts";

const SHOPS = 2;
const JOBS_PER_SHOP = 12;
const JOBS = SHOPS * JOBS_PER_SHOP;
const HALTS_AT = 3;

await play("A work queue between two regions, with two shops and four workers", async (stage) => {
  const { latchwork, folder } = stage;
  const database = openDatabase(folder);
  database.exec(LEDGER);
  const worker = (n: number, haltsAt = 0): Actor<WorkerSaid> =>
    stage.cast(`virginia-${n}`, new URL("worker.ts", import.meta.url), { folder, haltsAt });

  const shops = Array.from({ length: SHOPS }, (_, n) =>
    stage.cast<ShopSaid>(`frankfurt-${n + 1}`, new URL("shop.ts", import.meta.url), {
      jobs: JOBS_PER_SHOP,
      batchSize: JOBS,
    }),
  );
  const queue = latchwork.stream("jobs/thumbnails", { maxBufferSize: 8 });
  await until(async () => (await queue.statistics()).tasksWaitingSend === SHOPS);
  const full = await queue.statistics();
  const offered = (): number => shops.flatMap((shop) => shop.heard("offers")).length;
  await until(() => offered() >= full.maxBufferSize + SHOPS);
  const offeredMax = offered();
  stage.narrate(`no worker is there: ${full.currentBufferUsed} jobs are buffered, both shops wait`);

  const doomed = worker(1, HALTS_AT);
  const { id: lost } = await doomed.says("is in the middle");
  const polite = worker(2, 1);
  await polite.says("is in the middle");
  const ending = polite.terminate();
  await polite.says("is asked to end");
  polite.tell("go on");
  await ending;
  stage.narrate(`${polite.name} has finished its job, and ended`);

  const others = [worker(3), worker(4)];
  const receivers = SHOPS + 1 + others.length; // each shop keeps an end open on this side too
  await until(async () => (await queue.statistics()).openReceiveStreams === receivers);
  stage.narrate(`${doomed.name} is killed in the middle of ${lost}`);
  await doomed.kill();
  await Promise.all([...shops, ...others].map((each) => each.ended));

  const ledger = rows<Entry>(database, "SELECT * FROM ledger");
  return [
    {
      text: `back-pressure: of ${JOBS} jobs ${offeredMax} were offered, and ${full.currentBufferUsed} accepted, before a worker came`,
      good:
        full.currentBufferUsed === full.maxBufferSize && offeredMax === full.maxBufferSize + SHOPS,
    },
    ...judgeJobs(ledger, { lost, doomed, others: [polite, ...others] }),
    judgePolite(polite),
    ...judgeEnd(shops, others, await queue.statistics()),
  ];
});

interface Entry {
  readonly id: string;
  readonly attempts: number;
  readonly worker: string;
  readonly result: string | null;
}

interface Cast {
  readonly lost: string;
  readonly doomed: Actor<WorkerSaid>;
  readonly others: readonly Actor<WorkerSaid>[];
}

function judgeJobs(ledger: readonly Entry[], { lost, doomed, others }: Cast): readonly Finding[] {
  const made = ledger.filter(({ id, result }) => result === `${id}.thumbnail.jpg`).length;
  const done = [doomed, ...others].flatMap((each) => each.heard("does")).map(({ id }) => id);
  const again = others.flatMap((each) => each.heard("begins").filter(({ attempt }) => attempt > 1));
  const heir = ledger.find(({ id }) => id === lost);
  return [
    {
      text: `${made} of ${JOBS} thumbnails are there, and ${done.length} were made: none twice`,
      good: made === JOBS && done.length === JOBS && new Set(done).size === JOBS,
    },
    {
      text: `begun again, and known as such: ${again.map(({ id, attempt }) => `${id} (attempt ${attempt})`).join(", ")}; ${heir?.worker} did it`,
      good:
        again.map(({ id }) => id).join() === lost &&
        heir?.attempts === 2 &&
        heir.worker !== doomed.name,
    },
  ];
}

function judgePolite(polite: Actor<WorkerSaid>): Finding {
  const [begun, done] = [polite.heard("begins").length, polite.heard("does").length];
  return {
    text: `${polite.name}, asked to end in the middle of a job, finished ${done} of ${begun}; what it had fetched went to others`,
    good: begun === 1 && done === 1 && polite.heard("ends").length === 1,
  };
}

function judgeEnd(
  shops: readonly Actor<ShopSaid>[],
  workers: readonly Actor<WorkerSaid>[],
  { currentBufferUsed, undelivered }: { currentBufferUsed: number; undelivered: number },
): readonly Finding[] {
  const know = shops.filter((shop) => shop.heard("knows that all is done").length === 1).length;
  const ended = workers.filter((each) => each.heard("ends").length === 1).length;
  return [
    {
      text: `${know} of ${shops.length} shops know that all is done; ${ended} of ${workers.length} living workers' loops ended`,
      good: know === shops.length && ended === workers.length,
    },
    {
      text: `${currentBufferUsed + undelivered} jobs are left in the queue`,
      good: currentBufferUsed + undelivered === 0,
    },
  ];
}
