import { LIMITS, type Fault } from "../../sdk/protocol.ts";

/** What a host says when it refuses. */

export const WRONG_SECRET: Fault = {
  code: "forbidden",
  message: "A session with this id exists, and the secret is not its secret.",
};

export const TOO_MANY_SESSIONS: Fault = {
  code: "limit-exceeded",
  message: `At most ${LIMITS.sessionsMax} sessions can be open at one object.`,
  limit: "sessionsMax",
  max: LIMITS.sessionsMax,
};

export function idsGrow(id: number, last: number): Fault {
  const message = `Request ids only grow on a connection; ${id} came after ${last}.`;
  return { code: "protocol", message };
}
