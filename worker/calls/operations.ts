import { z } from "zod";
import { isKind, type Kind } from "../../sdk/protocol.ts";
import * as s from "./schemas.ts";

/** One thing that can be asked of a primitive by a call. */
export interface Operation {
  readonly summary: string;
  readonly body: z.ZodObject;
  /**
   * `begins`: what is granted becomes a lease. `needs`: is about the lease that the body names. `may`: either,
   * as the body names one or not.
   */
  readonly lease: "begins" | "needs" | "may";
  readonly answer: s.AnswerName;
  /** What the object is asked, where that is not what the operation is called. */
  readonly op?: string;
  /** What is sent with it, besides the fields of the body that are not about the call itself. */
  readonly fields?: object;
}

const acquire = (shape: object, summary: string): Operation => ({
  summary,
  body: z.strictObject({ ...s.wait, ...s.begins, ...shape }),
  lease: "begins",
  answer: "Grant",
});
const about = (shape: object, summary: string, more: Partial<Operation> = {}): Operation => ({
  summary,
  body: z.strictObject({ ...s.lease, ...shape }),
  lease: "needs",
  answer: "Done",
  ...more,
});
const once = (shape: object, summary: string, more: Partial<Operation> = {}): Operation => ({
  summary,
  body: z.strictObject({ client: s.begins.client, ...shape }),
  lease: "begins",
  answer: "Done",
  ...more,
});

const release = about(
  {},
  "Gives back what the lease stands for; the next in line has it in the same step (LK2).",
);
const renew = about(s.renewing, "The lease lives for its time to live from now on (LE1).", {
  answer: "Grant",
});
const leases = { release, renew };

/** Every operation, by the kind of primitive that has it and by its name in the address. */
export const OPERATIONS: Readonly<Record<Kind, Readonly<Record<string, Operation>>>> = {
  lock: {
    acquire: acquire({}, "Waits until the lock is yours (LK1, W1)."),
    ...leases,
  },
  semaphore: {
    acquire: acquire(
      { ...s.permits, ...s.semaphoreConfig },
      "Waits until the permits are yours (W1, W6).",
    ),
    ...leases,
    deposit: once(
      { ...s.permits, ...s.semaphoreConfig },
      "Deposits permits that nobody held, as a signal (SE2, SE3).",
    ),
  },
  event: {
    wait: once({ ...s.wait }, "Waits until the event is set; at once if it is (EV1)."),
    set: once({}, "Wakes everybody who waits, and lets everybody pass until it is cleared (EV2)."),
    clear: once({}, "Lets those who come from now on wait again (EV4)."),
  },
  condition: {
    acquire: acquire({}, "Waits until the condition's lock is yours (LK1, W1)."),
    ...leases,
    wait: about(
      s.wait,
      "Gives the lock up and waits to be notified, in one step (CO2); then has it again (CO5).",
      {
        answer: "Woken",
      },
    ),
    notify: about(s.notifying, "Wakes the first of those who wait, in their order (CO3)."),
    "notify-all": about({}, "Wakes all who wait (CO3).", { op: "notify" }),
  },
  limiter: {
    acquire: acquire(
      {
        borrower: s.borrower.optional().describe("Who borrows: any name; left out, this call."),
        ...s.limiterConfig,
      },
      "Waits until a token is yours; a borrower has one at most (CL1).",
    ),
    ...leases,
    return: once(
      { borrower: s.borrower, ...s.limiterConfig },
      "Gives back what a borrower has, whoever borrowed it (CL3).",
    ),
    "set-total": once(
      { ...s.totalTokens, ...s.limiterConfig },
      "Changes how many may borrow at once (CL4, CL5).",
    ),
  },
  stream: {
    send: {
      ...once(
        { ...s.item, ...s.wait, ...s.maybeLease, ...s.streamConfig },
        "Sends an item: answered when it is in the buffer, or with a receiver (ST1). By itself, or on an end.",
      ),
      lease: "may",
    },
    receive: {
      ...acquire(
        { ...s.receiving, ...s.maybeLease, ...s.streamConfig },
        "Waits for items that no other receiver gets (ST2). By itself, or on an end.",
      ),
      lease: "may",
      answer: "Items",
    },
    confirm: about(s.confirming, "The items are received for good (ST3)."),
    open: {
      ...acquire({ ...s.side, ...s.streamConfig }, "Opens an end (ST4)."),
      body: z.strictObject({ ...s.begins, ...s.side, ...s.streamConfig }),
    },
    close: { ...release, summary: "Closes the end (ST4).", op: "release" },
    release: {
      ...release,
      summary: "Closes the end; or gives back items that were received, for others (ST3).",
    },
    renew,
    reset: once({ ...s.streamConfig }, "Closes every end and drops every item (ST7)."),
  },
};

export function isOperation(kind: string, op: string): boolean {
  return isKind(kind) && Object.hasOwn(OPERATIONS[kind], op);
}
