import {
  ConnectionLostError,
  LeaseLostError,
  type Latchwork,
  type Lease,
} from "../../sdk/index.ts";
import { StaleTokenError } from "../fencing/fence.ts";

export interface Term {
  /** Goes with every write. What is written to refuses it once a later term has begun there. */
  readonly token: number;
  /** Aborted when the term is over: by losing the lease, or since this process is to end. Stop then. */
  readonly signal: AbortSignal;
}

/**
 * Leads whenever this process is elected, until `signal` is aborted; then it resigns, and the next in line leads at once.
 *
 * `lead` must stop soon when `term.signal` is aborted: pass that on to everything it waits for. Until it has stopped this
 * process does not stand again, so it never leads twice at a time. An error that is not the end of a term goes to
 * the caller, after the office was given up: a leader that cannot work should not keep others from it.
 */
export async function standForElection(
  latchwork: Latchwork,
  office: string,
  lead: (term: Term) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const lock = latchwork.lock(`leaders/${office}`);
  while (!signal.aborted) {
    let lease: Lease | null = null;
    try {
      lease = await lock.acquire({ signal });
      await lead({
        token: lease.token,
        signal: AbortSignal.any([signal, lease.signal]),
      });
    } catch (error) {
      const isOver = signal.aborted || lease?.signal.aborted === true || isLoss(error);
      if (!isOver) throw error;
    } finally {
      // What was lost cannot be given back, and what cannot be given back ends with the TTL.
      await lease?.release().catch(() => {});
    }
  }
}

/** Overtaken, or cut off from the server for too long: no reason to give up for good. */
function isLoss(error: unknown): boolean {
  return (
    error instanceof StaleTokenError ||
    error instanceof LeaseLostError ||
    error instanceof ConnectionLostError
  );
}
