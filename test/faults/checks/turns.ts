import type { History, Interval, MemberHistory, Turn } from "../history.ts";
import { TOTALS, type Place } from "../reports.ts";

/** Of a TTL, what lies between the moment at which a client gives up and the one at which the server does. */
const MARGIN_PART = 0.1;
/** Less than this is no standing still. */
const STALL_NS = 50_000_000n;
const NEVER_NS = 2n ** 62n;

export interface TurnsChecked {
  readonly violations: string[];
  /** Turns that another's overtook while their process stood still: what only the token helps against. */
  readonly overtaken: number;
}

/** LK1, SE1, CL1, LE2, LE4: who was inside together, and with which tokens. */
export function checkTurns(history: History): TurnsChecked {
  const violations: string[] = [];
  const overtaken = new Set<Turn>();
  const { turns } = history;
  for (const place of Object.keys(TOTALS) as Place[]) {
    const here = turns.filter((turn) => turn.place === place);
    for (const turn of together(here, TOTALS[place], violations)) overtaken.add(turn);
    tokens(here, { place, inOrder: TOTALS[place] === 1 }, violations);
  }
  const borrowers = Map.groupBy(
    turns.filter(({ borrower }) => borrower !== undefined),
    ({ borrower }) => borrower,
  );
  for (const here of borrowers.values()) together(here, 1, violations);
  for (const turn of turns) {
    if (!turn.wasRefused || turn.left?.how !== "released" || isExcused(turn, turn.enteredNs))
      continue;
    violations.push(`${describe(turn)} was refused although it had lost nothing`);
  }
  return { violations, overtaken: overtaken.size };
}

/** Returns those that were overtaken and are excused. */
function together(turns: readonly Turn[], total: number, violations: string[]): Set<Turn> {
  const overtaken = new Set<Turn>();
  let inside: Turn[] = [];
  for (const turn of turns.toSorted((a, b) => (a.enteredNs < b.enteredNs ? -1 : 1))) {
    inside = inside.filter((other) => endOf(other) > turn.enteredNs);
    inside.push(turn);
    if (sum(inside) <= total) continue;
    const acting = inside.filter((other) => !isExcused(other, turn.enteredNs));
    for (const other of inside) if (!acting.includes(other)) overtaken.add(other);
    if (sum(acting) <= total) continue;
    const who = acting.map((other) => describe(other)).join(" and ");
    violations.push(`${sum(acting)} of ${total} inside together: ${who}`);
  }
  return overtaken;
}

/** LE2: no token twice; and where there is one holder at a time, growing in the order of entering. */
function tokens(
  turns: readonly Turn[],
  { place, inOrder }: { place: Place; inOrder: boolean },
  violations: string[],
): void {
  const given = new Set<number>();
  for (const turn of turns) {
    if (given.has(turn.token)) violations.push(`${describe(turn)}: its token was given before`);
    given.add(turn.token);
  }
  if (!inOrder) return;
  let newest: Turn | null = null;
  for (const turn of turns.toSorted((a, b) => (a.enteredNs < b.enteredNs ? -1 : 1))) {
    const isOlder = newest !== null && turn.token < newest.token;
    // Who stood still between the grant and its own noticing came in late.
    if (isOlder && isExcused(turn, turn.enteredNs)) continue;
    if (isOlder) violations.push(`${place}: ${describe(turn)} came after ${String(newest?.token)}`);
    newest = turn;
  }
}

/** True if the process stood still when it should have noticed that another might come in at that moment. */
function isExcused(turn: Turn, atNs: bigint): boolean {
  const { member } = turn;
  const marginNs = BigInt(Math.round(member.ttlMs * MARGIN_PART * 1e6));
  const endNs = endOf(turn);
  const window = { fromNs: atNs - marginNs, untilNs: endNs > atNs ? endNs : atNs };
  return stallsOf(member).some((stall) => meet(stall, window));
}

/** Whoever was killed may have stood still since it was last heard. */
function stallsOf({ stalls, killedNs, lastHeardNs }: MemberHistory): readonly Interval[] {
  if (killedNs === null || killedNs - lastHeardNs < STALL_NS) return stalls;
  return [...stalls, { fromNs: lastHeardNs, untilNs: killedNs }];
}

function meet(a: Interval, b: Interval): boolean {
  return a.fromNs <= b.untilNs && b.fromNs <= a.untilNs;
}

function endOf({ left, member }: Turn): bigint {
  return left?.atNs ?? member.killedNs ?? NEVER_NS;
}

function sum(turns: readonly Turn[]): number {
  return turns.reduce((total, { permits }) => total + permits, 0);
}

function describe(turn: Turn): string {
  const { member, place, token, enteredNs, left, borrower } = turn;
  const ms = (ns: bigint): string => (Number(ns) / 1e6).toFixed(1);
  const end = left === null ? "not left" : `${left.how} at ${ms(left.atNs)}`;
  const whose = borrower === undefined ? "" : ` for ${borrower}`;
  return `${member.name} in the ${place}${whose} (token ${token}, in at ${ms(enteredNs)}, ${end})`;
}
