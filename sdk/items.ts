import { InvalidArgumentError, LimitExceededError } from "./errors.ts";
import { LIMITS } from "./limits.ts";

/**
 * An item as it travels (ST11).
 *
 * @throws InvalidArgumentError for what JSON cannot carry, or would carry as something else.
 * @throws LimitExceededError for an item that is too large.
 */
export function encodeItem(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, refuseWhatIsLost);
  } catch (cause) {
    if (cause instanceof InvalidArgumentError) throw cause;
    throw new InvalidArgumentError(`JSON cannot carry this item: ${(cause as Error).message}.`, {
      cause,
    });
  }
  if (text === undefined) throw cannot(`a value of type ${typeof value}`);
  if (text.length <= LIMITS.itemCharactersMax) return text;
  throw new LimitExceededError(
    `An item has at most ${LIMITS.itemCharactersMax} characters of JSON; this one has ${text.length}.`,
    { limit: "itemCharactersMax", max: LIMITS.itemCharactersMax },
  );
}

/** JSON turns some values into others without a word: NaN into null, a Map into an empty object. */
function refuseWhatIsLost(this: unknown, key: string, value: unknown): unknown {
  switch (typeof value) {
    case "number":
      if (!Number.isFinite(value)) throw cannot(String(value));
      break;
    case "undefined":
      // Left out of an object, as one would expect; in an array it would become null.
      if (Array.isArray(this)) throw cannot("undefined in an array");
      break;
    case "function":
    case "symbol":
      throw cannot(`a ${typeof value}${key === "" ? "" : ` (at "${key}")`}`);
    case "object":
      if (value instanceof Map || value instanceof Set) throw cannot("a Map or a Set");
      break;
    case "bigint":
    case "boolean":
    case "string":
  }
  return value;
}

function cannot(what: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `JSON cannot carry ${what}: an item is any JSON value, null included.`,
  );
}
