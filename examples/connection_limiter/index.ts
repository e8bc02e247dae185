/** Forty requests to functions, five connections. A function is killed, and the database is made larger meanwhile. */
import type { Limiter } from "../../sdk/index.ts";
import type { Actor } from "../theatre/actor.ts";
import type { Finding } from "../theatre/finding.ts";
import { play } from "../theatre/play.ts";
import { until } from "../theatre/until.ts";
import { SmallDatabase } from "./database.ts";
import type { FunctionSaid } from "./function.ts";

const INSTANCES = 10;
const REQUESTS = 40;
const SMALL = 5;
const LARGE = 8;

await play(
  `A limiter of database connections, with ${REQUESTS} requests to functions`,
  async (stage) => {
    const { latchwork } = stage;
    const database = new SmallDatabase(SMALL);
    const port = await database.listen();
    const limiter = latchwork.limiter("orders-db", { totalTokens: SMALL });
    const instance = (name: string, requests: readonly number[]): Actor<FunctionSaid> =>
      stage.cast(name, new URL("function.ts", import.meta.url), {
        port,
        requests,
        totalTokens: SMALL,
        // Longer than any machine needs for this; in a function some seconds less than it may run.
        patienceMs: 600_000,
      });
    const instances = Array.from({ length: INSTANCES }, (_, n) =>
      instance(`function-${n}`, requestsOf(n)),
    );
    await untilBorrowed(limiter, { borrowed: SMALL, waiting: REQUESTS - SMALL });
    await until(() => database.connections === SMALL);
    stage.narrate(`${SMALL} have a connection, ${REQUESTS - SMALL} wait`);

    const doomed = await Promise.race(
      instances.map((each) => each.says("has a connection").then(() => each)),
    );
    const died = doomed.name;
    const borrowersOfDead = async (): Promise<number> =>
      (await limiter.statistics()).borrowers.filter((each) => each.startsWith(`${died}/`)).length;
    const held = await borrowersOfDead();
    stage.narrate(`${died} is killed, with ${held} connections; the platform repeats its requests`);
    await doomed.kill();
    const heir = instance(`${died}-again`, requestsOf(instances.indexOf(doomed)));
    const others = [...instances.filter((each) => each !== doomed), heir];
    await until(async () => (await borrowersOfDead()) === 0);
    await untilBorrowed(limiter, { borrowed: SMALL, waiting: REQUESTS - SMALL });
    await until(() => database.connections === SMALL);
    stage.narrate(`its TTL is over, and ${SMALL} connections are in use again`);
    const small = database.most;

    stage.narrate(`the database is made larger first, then the limiter: ${LARGE}`);
    database.connectionsMax = LARGE;
    await limiter.setTotalTokens(LARGE);
    await untilBorrowed(limiter, { borrowed: LARGE, waiting: REQUESTS - LARGE });
    await until(() => database.connections === LARGE);
    database.answer();
    await Promise.all(others.map((each) => each.ended));
    const left = await limiter.statistics();
    await database.close();

    return [
      ...judgeConnections(database, small),
      {
        text: `${held} tokens of ${died} came back when its TTL was over`,
        good: held > 0 && left.borrowedTokens === 0 && left.availableTokens === LARGE,
      },
      judgeRequests(others),
    ];
  },
);

function requestsOf(n: number): readonly number[] {
  const each = REQUESTS / INSTANCES;
  return Array.from({ length: each }, (_, request) => n * each + request + 1);
}

function untilBorrowed(
  limiter: Limiter,
  { borrowed, waiting }: { borrowed: number; waiting: number },
): Promise<void> {
  return until(async () => {
    const { borrowedTokens, tasksWaiting } = await limiter.statistics();
    return borrowedTokens === borrowed && tasksWaiting === waiting;
  });
}

function judgeConnections({ most, refused }: SmallDatabase, small: number): readonly Finding[] {
  return [
    {
      text: `the database had ${small} connections at most while it was small, ${most} when it was larger`,
      good: small === SMALL && most === LARGE,
    },
    { text: `it turned ${refused} away`, good: refused === 0 },
  ];
}

function judgeRequests(instances: readonly Actor<FunctionSaid>[]): Finding {
  const answers = instances.flatMap((each) => each.heard("answers"));
  const served = answers.filter(({ status }) => status === 200).map(({ request }) => request);
  return {
    text: `${new Set(served).size} of ${REQUESTS} requests were served, ${answers.length - served.length} were told to come again`,
    good: new Set(served).size === REQUESTS && answers.length === REQUESTS,
  };
}
