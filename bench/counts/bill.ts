import type { Count, Counted } from "./count.ts";
import { CLOUDFLARE, DYNAMODB, UPSTASH } from "./prices.ts";
import type { Tally } from "./tally.ts";
import type { Work } from "./work.ts";

const MILLION = 1_000_000;
const MONTH_MS = 30 * 86_400_000;
/** The SDK's ordinary TTL, and how often it pings in one. */
const TTL_MS = 15_000;
const PINGS_PER_TTL = 4;
/** Who renews a lock by himself does so three times within its TTL, that one may fail. */
const RENEWALS_PER_TTL = 3;
/** What one alarm takes: no clock in the object can tell. A guess, and on the high side. */
const ALARM_MS = 10;

/** What the same work takes of others: commands, written and read items. Waiting by polling would come on top. */
interface Elsewhere {
  readonly commands: number;
  readonly writes: number;
  readonly reads: number;
}

const CYCLE: Elsewhere = { commands: 2, writes: 2, reads: 0 };
/** Put in, taken by one receiver, deleted when it is done. */
const ITEM: Elsewhere = { commands: 3, writes: 3, reads: 1 };

export function bill(work: Work): Count {
  const ttls = MONTH_MS / TTL_MS;
  const heldTtl: Tally = {
    ...work.heldTtl,
    messages: work.heldTtl.messages + PINGS_PER_TTL,
    activeMs: work.heldTtl.alarmsRun * ALARM_MS,
  };
  const renewals = RENEWALS_PER_TTL * ttls;
  const renewing: Elsewhere = { commands: renewals, writes: renewals, reads: 0 };
  return {
    name: "bill",
    title: "The bill",
    unit: "$",
    entries: [
      ...bills("a million lock cycles, uncontended", work.freeCycle, CYCLE),
      ...bills("a million lock cycles, contended", work.contendedCycle, CYCLE),
      ...bills("a million items, one by one", work.item, ITEM),
      ...bills("a million items, in batches of 16", work.batchedItem, ITEM),
      ...bills("a million limiter decisions", work.decision, CYCLE),
      ours("a lock held for a month", heldTtl, ttls),
      ...theirs("a lock held for a month", renewing, 1),
    ],
  };
}

function bills(what: string, tally: Tally, elsewhere: Elsewhere): Counted[] {
  return [ours(what, tally, MILLION), ...theirs(what, elsewhere, MILLION)];
}

function ours(what: string, tally: Tally, times: number): Counted {
  const requests = tally.messages / CLOUDFLARE.messagesPerRequest + tally.alarmsRun;
  const gigabyteSeconds = (tally.activeMs / 1_000) * CLOUDFLARE.gigabytes;
  return total(`${what}: Latchwork`, times, [
    ["rows written", tally.rowsWritten + tally.alarmsSet, CLOUDFLARE.rowWritten],
    ["rows read", tally.rowsRead, CLOUDFLARE.rowRead],
    ["requests", requests, CLOUDFLARE.request],
    ["GB-s", gigabyteSeconds, CLOUDFLARE.gigabyteSecond],
  ]);
}

function theirs(what: string, { commands, writes, reads }: Elsewhere, times: number): Counted[] {
  return [
    total(`${what}: Upstash Redis`, times, [["commands", commands, UPSTASH.command]]),
    total(`${what}: DynamoDB`, times, [
      ["writes", writes, DYNAMODB.write],
      ["reads", reads, DYNAMODB.read],
    ]),
  ];
}

type Item = readonly [what: string, count: number, price: number];

/** The sum, and how it is made. */
function total(what: string, times: number, items: readonly Item[]): Counted {
  const figure = items.reduce((sum, [, count, price]) => sum + times * count * price, 0);
  const sums = items
    .filter(([, count]) => count > 0)
    .map(([name, count, price]) => {
      const dollars = (times * count * price).toFixed(3);
      return `${shortly(times * count)} ${name} $${dollars}`;
    });
  return { what, figure, note: sums.join(" + ") };
}

function shortly(count: number): string {
  return count.toLocaleString("en", { maximumSignificantDigits: 4 });
}
