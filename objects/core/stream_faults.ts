import { LIMITS, type Fault, type Side } from "../../sdk/protocol.ts";
import { isWhole, limitExceeded } from "./faults.ts";
import { weightOf } from "./stream_items.ts";

/** What a stream says when it refuses. */

export const NOT_CONFIGURED: Fault = {
  code: "not-configured",
  message: "Nobody has configured this stream yet: state its maxBufferSize when you open it.",
};

export const BUFFER_RULE = `maxBufferSize is a whole number from 0 to ${LIMITS.bufferItemsMax}, or null for no limit.`;

export function isBufferSize(value: unknown): value is number | null {
  return value === null || (isWhole(value, 0) && value <= LIMITS.bufferItemsMax);
}

export const END_OF_STREAM: Fault = {
  code: "end-of-stream",
  message: "No sender is left, and the buffer is empty.",
};

export const BROKEN: Fault = {
  code: "broken",
  message: "No receiver is left: nobody would have it.",
};

export const TOO_MUCH_UNCONFIRMED = limitExceeded(
  "unconfirmedMax",
  "This session has been given too many items that it has not confirmed",
);

export function closed(side: Side): Fault {
  return { code: "closed", message: `This ${side} end is closed, or was never this session's.` };
}

export function closedForGood(side: Side): Fault {
  const message = `Every ${side} end of this stream has been closed, which closes that side for good; reset() starts it anew.`;
  return { code: "closed", message };
}

/** ST11. Who is sent what is no JSON could not read it. */
export function itemFault(text: string, kept: number): Fault | null {
  if (text.length > LIMITS.itemCharactersMax) {
    return limitExceeded(
      "itemCharactersMax",
      `An item of ${text.length} characters of JSON is too large`,
    );
  }
  if (kept + weightOf(text) > LIMITS.streamCharactersMax) {
    return limitExceeded(
      "streamCharactersMax",
      "The stream holds too many characters of JSON that nobody has received",
    );
  }
  // What is not well-formed would come back from the disk as something else.
  if (text.isWellFormed() && isJson(text)) return null;
  return { code: "invalid-argument", message: "An item is JSON text; this one is not." };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function tooMany(waiting: number): Fault | null {
  return waiting < LIMITS.waitersMax
    ? null
    : limitExceeded("waitersMax", "Too many wait in this line");
}
