import { InvalidArgumentError, LimitExceededError } from "./errors.ts";
import { ITEM_CHARACTERS_MAX } from "./bounds.ts";

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
    if (cause instanceof RangeError && cause.message.includes("call stack"))
      throw cannot("what is nested so deeply");
    throw new InvalidArgumentError(`JSON cannot carry this item: ${(cause as Error).message}.`, {
      cause,
    });
  }
  if (text === undefined) throw cannot(`a value of type ${typeof value}`);
  if (text.length <= ITEM_CHARACTERS_MAX) return text;
  throw new LimitExceededError(
    `An item has at most ${ITEM_CHARACTERS_MAX} characters of JSON; this one has ${text.length}.`,
    { limit: "itemCharactersMax", max: ITEM_CHARACTERS_MAX },
  );
}

/** Of these JSON makes an object without what is in them. */
const LOST: ReadonlySet<string> = new Set([
  "ArrayBuffer",
  "Error",
  "Map",
  "Promise",
  "RegExp",
  "Set",
  "SharedArrayBuffer",
  "WeakMap",
  "WeakRef",
  "WeakSet",
]);

/** JSON turns some values into others without a word: NaN into null, a Map or a promise into an empty object. */
function refuseWhatIsLost(this: object, key: string, value: unknown): unknown {
  // A date has become a text by now, and one that is none has become null.
  const given: unknown = (this as Record<string, unknown>)[key];
  if (given instanceof Date && value === null) throw cannot(String(given));
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
    case "object": {
      const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
      if (kind === "Number" && !Number.isFinite(Number(value))) throw cannot(String(Number(value)));
      if (LOST.has(kind) || ArrayBuffer.isView(value)) throw cannot(`an object of type ${kind}`);
      break;
    }
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
