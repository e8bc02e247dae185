import type { Side } from "../../sdk/protocol.ts";
import type { WaitingClaim } from "./claim.ts";
import { weightOf } from "./stream_items.ts";
import { WaitQueue } from "./wait_queue.ts";

/** What a call on no end says instead of an end's token. */
export const NO_END = 0;

/** An end is a held claim, its token its name; a blocked call is a waiting one. */
export type Detail =
  | { readonly is: "end"; readonly side: Side }
  | { readonly is: "send"; readonly end: number; readonly text: string }
  | { readonly is: "receive"; readonly end: number; readonly max: number };

/** The calls that are blocked in a stream, at either side, each in the order of arrival (W1). */
export class StreamLines {
  readonly senders = new WaitQueue<WaitingClaim<Detail>>();
  readonly receivers = new WaitQueue<WaitingClaim<Detail>>();
  #weight = 0;

  /** What the items weigh that wait for room. */
  get weight(): number {
    return this.#weight;
  }

  join(claim: WaitingClaim<Detail>): void {
    if (claim.detail.is === "send") {
      this.senders.join(claim);
      this.#weight += weightOf(claim.detail.text);
    } else this.receivers.join(claim);
  }

  leave(claim: WaitingClaim<Detail>): void {
    if (claim.detail.is === "send") {
      if (this.senders.leave(claim)) this.#weight -= weightOf(claim.detail.text);
    } else this.receivers.leave(claim);
  }
}
