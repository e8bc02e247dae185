import type { StoredItem } from "../../../objects/host/ports.ts";
import type { Request, Side } from "../../../sdk/protocol.ts";
import type { Commit, Disk } from "../world/disk.ts";
import { endsOf, streamState, waiting } from "./rows.ts";
import type { Ledger } from "./ledger.ts";
import type { Violations } from "./violations.ts";

const GIVING_BACK: ReadonlySet<Request["op"]> = new Set(["cancel", "release", "end", "reset"]);

export class StreamChecks {
  readonly #violations: Violations;
  readonly #ledger: Ledger;
  /** Of each end, the number of the last item that was accepted from it. */
  readonly #accepted = new Map<string, number>();
  #wasGone: Record<Side, boolean> = { send: false, receive: false };
  /** Asked since the last commit. */
  #reset = false;
  /** Within one turn an item may be given to somebody, come back, and be given to another: the disk does not show it. */
  #mayHaveComeBack = false;

  constructor(violations: Violations, ledger: Ledger) {
    this.#violations = violations;
    this.#ledger = ledger;
  }

  asked({ op }: Request): void {
    if (op === "reset") this.#reset = true;
    if (GIVING_BACK.has(op)) this.#mayHaveComeBack = true;
  }

  committed(disk: Disk, commit: Commit): void {
    this.#nobodyWaitsInVain(disk);
    this.#endsStayClosed(disk);
    this.#fromTheFront(disk, commit);
    this.#inTheOrderSent(commit);
    this.#onceForEachReceive(disk, commit);
    this.#mayHaveComeBack = false;
    for (const { delivery, seq } of disk.items.values()) {
      const isWith = delivery === null || disk.sessions.has(delivery.session);
      this.#violations.check("ST3", isWith, () => `item ${seq} is with nobody`);
    }
  }

  /** ST1, ST5, ST6, ST10. */
  #nobodyWaitsInVain(disk: Disk): void {
    const { maxBufferSize, opened } = streamState(disk);
    const ends = endsOf(disk);
    const buffered = [...disk.items.values()].filter(({ delivery }) => delivery === null).length;
    const blocked = new Set(waiting(disk).map(({ detail }) => (detail as { is: Side }).is));
    const check = (rule: string, side: Side, isVain: boolean, what: string): void =>
      this.#violations.check(rule, !blocked.has(side) || !isVain, () => what);
    check("ST10", "receive", buffered > 0, "a receiver waits before a full buffer");
    check("ST10", "send", buffered < maxBufferSize, "a sender waits while there is room");
    check("ST1", "send", blocked.has("receive"), "a sender and a receiver wait for each other");
    const isOver = opened.send && ends.send === 0 && buffered === 0;
    check("ST5", "receive", isOver, "a receiver waits, and no sender is left");
    const isBroken = opened.receive && ends.receive === 0;
    check("ST6", "send", isBroken, "a sender waits, and no receiver is left");
  }

  /** ST7. */
  #endsStayClosed(disk: Disk): void {
    const { opened } = streamState(disk);
    const ends = endsOf(disk);
    for (const side of ["send", "receive"] as const) {
      const isAgain = this.#wasGone[side] && ends[side] > 0;
      this.#violations.check(
        "ST7",
        !isAgain || this.#reset,
        () => `the ${side} side was closed for good, and is open`,
      );
      this.#wasGone[side] = opened[side] && ends[side] === 0;
    }
    this.#reset = false;
  }

  /** ST2, ST3: what has been in the buffer all the while, further in front, is given out first. */
  #fromTheFront(disk: Disk, { items }: Commit): void {
    let last = 0;
    for (const [seq, { before, after }] of items) {
      // Given to somebody and confirmed in one turn: it was never on the disk as somebody's.
      if (after === null && before?.delivery === null) this.#ledger.delivered(textOf(before), 1);
      if (after === null || after.delivery === null || isSame(before, after)) continue;
      const times = this.#mayHaveComeBack ? 2 : 1;
      this.#ledger.delivered(textOf(after), times);
      // Who has been given what another had may have been given it after what came back.
      if ((before?.delivery ?? null) === null) last = Math.max(last, seq);
    }
    for (const { seq, delivery } of disk.items.values()) {
      this.#violations.check(
        "ST2",
        delivery !== null || seq > last || items.has(seq),
        () => `item ${last} was given out before ${seq}`,
      );
    }
  }

  /** LE5: a receive that is asked again gets the same, not more. */
  #onceForEachReceive({ items }: Disk, commit: Commit): void {
    for (const { before, after } of commit.items.values()) {
      const delivery = after?.delivery ?? null;
      if (after === null || delivery === null || isSame(before, after)) continue;
      const { session, requestId } = delivery;
      const isMore = [...items.values()].some(
        (item) =>
          item.delivery?.session === session &&
          item.delivery.requestId === requestId &&
          !commit.items.has(item.seq),
      );
      this.#violations.check("LE5", !isMore, () => `receive ${requestId} was given more, later`);
    }
  }

  /**
   * ST2: the workload numbers what it sends on an end. What is refused for want of time, and whose refusal is lost,
   * is judged anew when it is asked again, and may then come behind what was sent later; so it is not looked at.
   */
  #inTheOrderSent({ items }: Commit): void {
    const accepted = [...items.values()].flatMap(({ before, after }) =>
      before === null && after !== null ? [after] : [],
    );
    for (const { text } of accepted.toSorted(bySeq)) {
      const { end, number, isPatient } = readItem(textOf({ text }));
      if (!isPatient) continue;
      const last = this.#accepted.get(end) ?? -1;
      this.#violations.check("ST2", number > last, () => `${text} came after number ${last}`);
      this.#accepted.set(end, number);
    }
  }
}

/** What an item says of itself: the end that it was sent on, its number there, and whether it had all the time. */
interface SentItem {
  readonly end: string;
  readonly number: number;
  readonly isPatient: boolean;
}

export function writeItem({ end, number, isPatient }: SentItem): string {
  return [end, number, isPatient ? "patient" : "hasty"].join(" / ");
}

export function readItem(item: string): SentItem {
  const [end = "", number = "", patience = ""] = item.split(" / ");
  return { end, number: Number(number), isPatient: patience === "patient" };
}

function textOf({ text }: Pick<StoredItem, "text">): string {
  return JSON.parse(text) as string;
}

function bySeq(a: StoredItem, b: StoredItem): number {
  return a.seq - b.seq;
}

/** True if the item is where it was. */
function isSame(before: StoredItem | null, { delivery }: StoredItem): boolean {
  const was = before?.delivery ?? null;
  return was?.session === delivery?.session && was?.requestId === delivery?.requestId;
}
