import { readItem } from "../checks/stream.ts";
import type { Disk } from "../world/disk.ts";
import type { Ledger } from "../checks/ledger.ts";
import type { Violations } from "../checks/violations.ts";

export type Fate = "under way" | "sent" | "not sent" | "unknown";

interface Sent {
  readonly atMs: number;
  fate: Fate;
}

interface Receipt {
  /** Names the end that it was received on. */
  readonly end: object;
  readonly client: { readonly name: string };
  readonly atMs: number;
  /** How many its end had received when it was asked for. */
  readonly after: number;
  /** Of a loop, which has an item only when it asks for the next: true if its client has left before. */
  readonly isUnsure: () => boolean;
}

/** What became of each item, as those who sent and received it saw it. */
export class Fates {
  readonly #items = new Map<string, Sent>();
  readonly #byEnd = new Map<object, readonly { readonly item: string; readonly after: number }[]>();
  readonly #receipts = new Map<string, Receipt[]>();
  /** How many may have been confirmed in an answer that nobody heard. */
  #unheard = 0;

  sending(item: string, atMs: number): void {
    this.#items.set(item, { atMs, fate: "under way" });
  }

  settled(item: string, fate: Fate): void {
    const sent = this.#items.get(item);
    if (sent !== undefined) sent.fate = fate;
  }

  received(item: string, receipt: Receipt): void {
    const ofEnd = this.#byEnd.get(receipt.end) ?? [];
    this.#byEnd.set(receipt.end, [...ofEnd, { item, after: receipt.after }]);
    this.#receipts.set(item, [...(this.#receipts.get(item) ?? []), receipt]);
  }

  unheard(count: number): void {
    this.#unheard += count;
  }

  /** ST2, ST3, ST8, ST9: what was sent is somewhere, once; what was withdrawn is nowhere. */
  judge(disk: Disk, ledger: Ledger, violations: Violations): void {
    const onDisk = new Set<string>();
    for (const { text, delivery } of disk.items.values()) {
      const item = JSON.parse(text) as string;
      onDisk.add(item);
      const isBack = delivery === null;
      violations.check("ST9", isBack, () => `${item} is given to somebody who does not want it`);
    }
    for (const [item, { fate, atMs }] of this.#items) {
      const receipts = this.#receipts.get(item) ?? [];
      const isThere = receipts.length > 0 || onDisk.has(item);
      const mayBeGone = fate !== "sent" || atMs <= ledger.resetAtMs;
      if (!isThere && !mayBeGone) this.#unheard -= 1;
      violations.check("ST3", this.#unheard >= 0, () => `${item} was sent and is lost`);
      const mayBeThere = fate !== "not sent" || !isThere;
      violations.check("ST8", mayBeThere, () => `${item} was withdrawn and is there`);
      // Who lost it may hear of it later than who has it since: so it is not the last receipt that counts.
      const sure = receipts.filter(
        ({ client, atMs, isUnsure }) => !ledger.hasLost(client.name, atMs) && !isUnsure(),
      );
      const isOnce = sure.length <= 1;
      violations.check(
        "ST2",
        isOnce,
        () => `${item} was received by ${receipts.map(({ client }) => client.name).join(", ")}`,
      );
      const isLate =
        onDisk.has(item) &&
        receipts.some(
          ({ client, atMs, isUnsure }) => !ledger.hasLost(client.name, atMs) && !isUnsure(),
        );
      violations.check("ST2", !isLate, () => `${item} was received, and is there again`);
    }
    for (const item of this.#receipts.keys()) {
      const wasSent = this.#items.has(item);
      violations.check("ST2", wasSent, () => `${item} was received and never sent`);
    }
    this.#judgeOrder(ledger, violations);
  }

  /** How many have come to this end by now. */
  receivedOn(end: object): number {
    return this.#byEnd.get(end)?.length ?? 0;
  }

  /**
   * ST2, as each end sees it: nobody asks for an item, and is given an older one than was there already. Of calls that
   * overlap any may be first. What was given to others before, and came back, may come late.
   */
  #judgeOrder({ deliveries }: Ledger, violations: Violations): void {
    for (const received of this.#byEnd.values()) {
      const sent = received.map(({ item }) => ({ item, ...readItem(item) }));
      const inOrder = sent.map(({ item, isPatient }) => isPatient && deliveries.get(item) === 1);
      for (const [at, { after }] of received.entries()) {
        const own = sent[at];
        if (own === undefined || inOrder[at] !== true) continue;
        const newer = sent
          .slice(0, after)
          .find(({ end, number }, i) => inOrder[i] && end === own.end && number > own.number);
        const isInOrder = newer === undefined;
        violations.check("ST2", isInOrder, () => `${own.item} was received after ${newer?.item}`);
      }
    }
  }
}
