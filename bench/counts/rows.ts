import type { Count } from "./count.ts";
import type { Work } from "./work.ts";

/** What an operation costs, through the SDK; the tests of `test/objects` assert the same step by step. */
export function rowsOf(work: Work): Count[] {
  return [
    {
      name: "rows",
      title: "Rows written, alarms apart",
      unit: "rows",
      entries: [
        { what: "uncontended cycle", figure: work.freeCycle.rowsWritten, limit: 2 },
        { what: "contended cycle", figure: work.contendedCycle.rowsWritten, limit: 3 },
        { what: "item, alone", figure: work.item.rowsWritten, limit: 4 },
        { what: "item, in a batch of 16", figure: work.batchedItem.rowsWritten, limit: 3 },
        { what: "limiter decision", figure: work.decision.rowsWritten },
        { what: "ping", figure: work.ping.rowsWritten, limit: 0 },
      ],
    },
    {
      name: "alarms",
      title: "Alarms set; each is billed as a row",
      unit: "alarms",
      entries: [
        { what: "uncontended cycle, of many", figure: work.freeCycle.alarmsSet },
        { what: "a TTL during which a lock is held", figure: work.heldTtl.alarmsSet },
      ],
    },
    {
      name: "messages",
      title: "Messages from clients to objects",
      unit: "messages",
      entries: [
        { what: "uncontended cycle", figure: work.freeCycle.messages },
        { what: "contended cycle", figure: work.contendedCycle.messages },
        { what: "item, alone", figure: work.item.messages },
        { what: "item, in a batch of 16", figure: work.batchedItem.messages },
        { what: "limiter decision", figure: work.decision.messages },
      ],
    },
    {
      name: "commits",
      title: "Commits; none is billed, but each answer waits for one",
      unit: "commits",
      entries: [
        { what: "uncontended cycle", figure: work.freeCycle.commits },
        { what: "contended cycle", figure: work.contendedCycle.commits },
        { what: "item, alone", figure: work.item.commits },
        { what: "item, in a batch of 16", figure: work.batchedItem.commits },
      ],
    },
  ];
}
