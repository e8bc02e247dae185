import type { History, MemberHistory } from "../history.ts";

/** Two reports of one process may be made a little out of their order. */
const SLACK_NS = 200_000_000n;

/** ST2, ST3, ST8: what was sent is received, once while its receivers live; what was withdrawn is not. */
export function checkItems({ fates, receipts }: History): string[] {
  const violations: string[] = [];
  for (const [item, fate] of fates) {
    const got = receipts.get(item) ?? [];
    if (fate === "sent" && got.length === 0) violations.push(`${item} was sent, and is lost`);
    if (fate === "withdrawn" && got.length > 0) {
      violations.push(`${item} was withdrawn, and received by ${got[0]?.member.name ?? ""}`);
    }
    const inOrder = got.toSorted((a, b) => (a.atNs < b.atNs ? -1 : 1));
    for (const { member, atNs } of inOrder.slice(0, -1)) {
      if (hasLostSomething(member, atNs)) continue;
      const by = inOrder.map((receipt) => receipt.member.name).join(", ");
      violations.push(`${item} was received ${got.length} times, by ${by}; ${member.name} lives`);
    }
  }
  for (const item of receipts.keys()) {
    if (!fates.has(item)) violations.push(`${item} was received, and never sent`);
  }
  return violations;
}

/** After it had received the item its session ended, or it died: then others may have it again. */
function hasLostSomething({ losses, killedNs }: MemberHistory, atNs: bigint): boolean {
  return killedNs !== null || losses.some((lossNs) => lossNs >= atNs - SLACK_NS);
}

export function redelivered({ receipts }: History): number {
  return [...receipts.values()].filter((got) => got.length > 1).length;
}
