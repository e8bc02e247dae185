import type { WaitOptions } from "../../../sdk/index.ts";

/** A way in which a wait is given up, for `test.each`. */
export interface Way {
  readonly how: string;
  /** @param close closes the client that waits. */
  readonly prepare: (close: () => Promise<void>) => GivingUp;
}

export interface GivingUp {
  /** What the wait is to be called with. */
  readonly options: WaitOptions;
  /** Does it, or leaves it to the clock. */
  readonly giveUp: () => Promise<void>;
  /** What the wait rejects with. */
  readonly error: object;
}

const TIMEOUT_MS = 100;

export const BY_ABORT: Way = {
  how: "aborted",
  prepare: () => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    return {
      options: { signal: controller.signal },
      giveUp: () => Promise.resolve(controller.abort(reason)),
      error: reason,
    };
  },
};

/** The connection must be open already: time that is lost on connecting ends in another error. */
export const BY_TIME_OUT: Way = {
  how: "timed out",
  prepare: () => ({
    options: { timeoutMs: TIMEOUT_MS },
    giveUp: () => Promise.resolve(),
    error: { code: "timeout" },
  }),
};

export const BY_CLOSING: Way = {
  how: "its client closed",
  prepare: (close) => ({ options: {}, giveUp: close, error: { code: "closed" } }),
};

export const ALL_WAYS = [BY_ABORT, BY_TIME_OUT, BY_CLOSING];

/** Those that happen when the test says so, and not when the clock does. */
export const WAYS_AT_WILL = [BY_ABORT, BY_CLOSING];
