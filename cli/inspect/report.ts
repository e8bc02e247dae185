import type { Kind, Statistics } from "../../sdk/protocol.ts";
import type { painter } from "../colours.ts";
import { describeMs } from "../durations.ts";
import { table } from "../table.ts";
import type { Inspection } from "./inspection.ts";

/** What was seen of one name: an inspection, or why there is none. */
export interface Seen {
  readonly kind: Kind;
  readonly name: string;
  readonly inspection: Inspection | null;
}

const WAITS_FOR = {
  lock: "the lock",
  notification: "a notification",
  room: "room",
  item: "an item",
} as const;

/** Who holds and who waits, for people. */
export function report(
  seen: Seen,
  { nowMs, paint }: { nowMs: number; paint: ReturnType<typeof painter> },
): string[] {
  const { inspection } = seen;
  const title = paint("bold", `${seen.kind} ${seen.name}`);
  if (inspection === null) return [`${title}: not configured yet`];
  const { holders, waiters } = inspection;
  const since = (ms: number): string => `${describeMs(nowMs - ms)} (${instant(ms)})`;
  const style = (head: string): string => paint("dim", head);
  const permits = (count: number): string => (seen.kind === "semaphore" ? String(count) : "");
  const lines = [
    `${title}: ${paint(isFree(inspection) ? "green" : "yellow", stateOf(inspection))}`,
  ];
  if (holders.length > 0) {
    const rows = holders.map((each) => [
      each.client,
      each.side ?? "",
      each.borrower ?? "",
      permits(each.permits),
      String(each.token),
      since(each.since),
    ]);
    const head = ["HOLDER", "SIDE", "BORROWER", "PERMITS", "TOKEN", "SINCE"];
    lines.push("", ...table(head, rows, { style }));
  }
  if (waiters.length > 0) {
    const rows = waiters.map((each) => [
      String(each.position),
      each.client,
      each.borrower ?? "",
      permits(each.permits),
      each.waitsFor === undefined ? "" : WAITS_FOR[each.waitsFor],
      since(each.since),
    ]);
    const head = ["PLACE", "WAITER", "BORROWER", "PERMITS", "WAITS FOR", "SINCE"];
    lines.push("", ...table(head, rows, { style }));
  }
  return lines;
}

/** All of it in one line, for a log. */
export function reportLine({ kind, name, inspection }: Seen): string {
  if (inspection === null) return `${kind} ${name}: not configured yet`;
  const holders = inspection.holders.map(({ client, token }) => `${client} (${token})`);
  const by = holders.length === 0 ? "" : `; ${holders.join(", ")}`;
  return `${kind} ${name}: ${stateOf(inspection)}${by}`;
}

/** For programs. */
export function asJson({ kind, name, inspection }: Seen): object {
  return { kind, name, ...(inspection ?? { configured: false }) };
}

/** What changes when something happens, and not merely because time passes. */
export function fingerprint({ inspection }: Seen): string {
  return JSON.stringify(inspection);
}

function isFree({ holders, waiters }: Inspection): boolean {
  return holders.length === 0 && waiters.length === 0;
}

function stateOf({ waiters, ...statistics }: Inspection): string {
  const waiting = waiters.length === 0 ? "" : `, ${waiters.length} waiting`;
  return primitiveState(statistics) + waiting;
}

function primitiveState(statistics: Statistics): string {
  if ("locked" in statistics) return statistics.locked ? "held" : "free";
  if ("lock" in statistics) return statistics.lock.locked ? "held" : "free";
  if ("isSet" in statistics) return statistics.isSet ? "set" : "clear";
  if ("value" in statistics) {
    const { value, maxPermits } = statistics;
    return `${value} free${maxPermits === null ? "" : `, at most ${maxPermits}`}`;
  }
  if ("borrowers" in statistics) {
    return `${statistics.borrowedTokens} of ${orInfinity(statistics.totalTokens)} borrowed`;
  }
  const {
    currentBufferUsed: used,
    openSendStreams: send,
    openReceiveStreams: receive,
  } = statistics;
  const { maxBufferSize, undelivered } = statistics;
  const lost = undelivered > 0 ? `, ${undelivered} undelivered` : "";
  return `buffer ${used} of ${orInfinity(maxBufferSize)}, open ends: ${send} send, ${receive} receive${lost}`;
}

/** JSON lacks infinity: on the wire it is `null`. */
function orInfinity(value: number | null): string {
  return value === null ? "any number" : String(value);
}

/** To the second, and the same everywhere. */
function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
