import { z } from "zod";
import { LIMITS, nameFault, clientFault } from "../../sdk/protocol.ts";

/** What calls take and give, as schemas: they check what comes, and the OpenAPI document is made of them. */

const TIMEOUT_MS = 30_000;
const TTL_MS = 60_000;

function count(what: string, { from = 0, to }: { from?: number; to: number }): z.ZodNumber {
  const error = `${what} is a whole number from ${from} to ${to}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
}

function text(rule: string, fault: (value: unknown) => { message: string } | null): z.ZodString {
  return z.string({ error: rule }).superRefine((value, context) => {
    const found = fault(value);
    if (found !== null)
      context.addIssue({ code: "custom", message: found.message.replace(/\.$/, "") });
  });
}

const flag = (what: string): z.ZodBoolean => z.boolean({ error: `${what} is true or false` });

/** How long a call may take. */
export const wait = {
  timeoutMs: count("timeoutMs", { to: LIMITS.callTimeoutMsMax })
    .default(TIMEOUT_MS)
    .describe(
      "How long to wait, in milliseconds; 0 is now or not at all. Hang up to give up earlier.",
    ),
};

const { sessionTtlMsMin: from, sessionTtlMsMax: to } = LIMITS;
const ttlMs = count("ttlMs", { from, to });

/** What every call that is granted something says. */
export const begins = {
  client: text("client is text", clientFault)
    .default("http")
    .describe("The name that operators see."),
  ttlMs: ttlMs
    .default(TTL_MS)
    .describe(
      "How long what is granted lives without a call that names its lease, in milliseconds.",
    ),
};

export const lease = {
  lease: z
    .string({ error: "lease is what the call was answered with that granted it" })
    .describe("What the call was answered with that granted it. Whoever has it may release it."),
};

export const maybeLease = { lease: lease.lease.optional() };

export const renewing = {
  ttlMs: ttlMs.optional().describe("From now on; left out, as long as before."),
};

const permitsMax = LIMITS.permitsMax;
export const permits = {
  permits: count("permits", { from: 1, to: permitsMax })
    .default(1)
    .describe("How many, all or nothing."),
};

const orNull = (what: string, max: number): z.ZodNullable<z.ZodNumber> =>
  count(what, { to: max }).nullable();

/** What the first call to state it fixes for good. */
export const semaphoreConfig = configOf({
  permits: count("config.permits", { to: permitsMax }).describe("Free at the start."),
  maxPermits: count("config.maxPermits", { to: permitsMax })
    .optional()
    .describe("The most there can ever be, held and free together."),
});
export const limiterConfig = configOf({
  totalTokens: orNull("config.totalTokens", permitsMax).describe("null is without limit."),
});
export const streamConfig = configOf({
  maxBufferSize: orNull("config.maxBufferSize", LIMITS.bufferItemsMax).describe(
    "How many items may wait for a receiver: 0 is a rendezvous, null without limit.",
  ),
});

function configOf<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): { config: z.ZodOptional<z.ZodObject<Shape>> } {
  const config = z
    .strictObject(shape)
    .optional()
    .describe("What the name is configured with. The first call that states it fixes it for good.");
  return { config };
}

export const borrower = text("borrower is a name", nameFault).describe("Who borrows: any name.");

export const totalTokens = {
  totalTokens: orNull("totalTokens", permitsMax).describe("null is without limit."),
};

export const side = {
  side: z.enum(["send", "receive"], { error: 'side is "send" or "receive"' }),
};

export const notifying = {
  count: count("count", { to: LIMITS.waitersMax }).default(1).describe("How many, in their order."),
};

/** Whatever comes out of JSON: a schema that says so again would walk through it for nothing. */
const anyJson = z
  .unknown()
  .refine((value) => value !== undefined, { error: "item is any JSON value" })
  .describe("Any JSON value, null included.");
export const item = { item: anyJson };

const seqs = z.array(count("a place", { to: Number.MAX_SAFE_INTEGER })).max(LIMITS.unconfirmedMax);
export const confirming = {
  items: seqs.optional().describe("The seq of each; left out, all that the lease stands for."),
};

export const receiving = {
  max: count("max", { from: 1, to: LIMITS.unconfirmedMax })
    .default(1)
    .describe("How many items at most; one at least is waited for."),
  confirm: flag("confirm")
    .default(false)
    .describe(
      "Counts the items as received with this answer: no lease, no confirm; they are lost if the answer is.",
    ),
};

/** What is granted, and what is to be given back. */
const held = {
  lease: z.string().describe("Names what was granted, in later calls. Keep it to yourself."),
  ttlMs: z.int().describe("How long it lives without a call that names the lease."),
  expiresAtMs: z.int().describe("When, in milliseconds since the epoch by the server's clock."),
};
const token = z
  .int()
  .describe("The fencing token: greater than that of every earlier grant of the name.");

export const ANSWERS = {
  Done: z.object({}).describe("It was done."),
  Grant: z.object({ token, ...held }).describe("It is yours until it is released or expires."),
  Woken: z
    .object({
      token,
      woken: z.enum(["notified", "timed-out", "cancelled"]).describe("How the waiting ended."),
      ...held,
    })
    .describe("The lock is yours again, however the waiting ended."),
  Items: z
    .object({
      items: z.array(
        z.object({
          seq: z.int().describe("The item's place in the stream."),
          item: anyJson,
          redelivered: z
            .boolean()
            .optional()
            .describe("True if somebody was given it before, and did not confirm it."),
        }),
      ),
      lease: held.lease.optional(),
      ttlMs: held.ttlMs.optional(),
      expiresAtMs: held.expiresAtMs.optional(),
    })
    .describe("The items, to be confirmed before they expire; then they go to another."),
} as const;
export type AnswerName = keyof typeof ANSWERS;
