import { z } from "zod";
import type { Kind } from "../../sdk/protocol.ts";

/** What a GET of an object answers, as schemas. Times are milliseconds since the epoch. */

const count = z.int().min(0);
const orNull = count.nullable().describe("null is without limit.");

const lock = {
  locked: z.boolean(),
  owner: z
    .object({ client: z.string(), token: z.int(), since: z.int() })
    .nullable()
    .describe("Who holds it, by which token, and since when."),
  tasksWaiting: count,
};

const who = {
  client: z.string(),
  permits: z.int(),
  since: z.int(),
  borrower: z.string().optional(),
};
const report = {
  holders: z.array(
    z.object({ ...who, token: z.int(), side: z.enum(["send", "receive"]).optional() }),
  ),
  waiters: z.array(
    z.object({
      ...who,
      position: z.int().describe("1 is served next."),
      waitsFor: z.enum(["lock", "notification", "room", "item"]).optional(),
    }),
  ),
};

export const STATISTICS: Readonly<Record<Kind, z.ZodObject>> = {
  lock: z.object({ ...lock, ...report }),
  semaphore: z.object({ value: z.int(), maxPermits: orNull, tasksWaiting: count, ...report }),
  event: z.object({ isSet: z.boolean(), tasksWaiting: count, ...report }),
  condition: z.object({ tasksWaiting: count, lock: z.object(lock), ...report }),
  limiter: z.object({
    totalTokens: orNull,
    borrowedTokens: count,
    availableTokens: z.int().nullable(),
    borrowers: z.array(z.string()),
    tasksWaiting: count,
    ...report,
  }),
  stream: z.object({
    currentBufferUsed: count,
    maxBufferSize: orNull,
    openSendStreams: count,
    openReceiveStreams: count,
    tasksWaitingSend: count,
    tasksWaitingReceive: count,
    undelivered: count,
    ...report,
  }),
};
