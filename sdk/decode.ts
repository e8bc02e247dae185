import type { Fault } from "./fault.ts";
import { LIMITS } from "./limits.ts";
import { isName } from "./names.ts";
import type { Config, Request } from "./requests.ts";

/** A request that could not be read, but whose id could: it is answered, and the rest of the frame stands. */
export interface BadRequest {
  readonly id: number;
  readonly bad: Fault;
}

type Raw = Readonly<Record<string, unknown>>;

/** One entry of a client's frame; `null` for what is no request at all. What it does not know of is left out. */
export function readRequest(entry: unknown): Request | BadRequest | null {
  if (!isObject(entry)) return null;
  const { id, op, config } = entry;
  if (!isCount(id) || id < 1 || typeof op !== "string") return null;
  try {
    if (config !== undefined && !isConfig(config))
      throw new Bad('"config" is an object of numbers');
    const request = { id, ...readBody(op, entry) } as Request;
    return config === undefined ? request : { ...request, config };
  } catch (error) {
    if (!(error instanceof Bad)) throw error;
    return { id, bad: error.fault };
  }
}

/** Thrown where a field is not as it must be. */
class Bad extends Error {
  readonly fault: Fault;

  constructor(what: string, fault: Partial<Fault> = {}) {
    super(what);
    this.fault = { code: "protocol", message: `The request is malformed: ${what}.`, ...fault };
  }
}

function readBody(op: string, raw: Raw): object {
  switch (op) {
    case "acquire":
      return {
        op,
        permits: raw["permits"] === undefined ? 1 : number(raw, "permits"),
        ...borrower(raw, true),
        ...timeoutMs(raw),
      };
    case "release":
      return { op, token: count(raw, "token") };
    case "cancel":
      return { op, target: count(raw, "target") };
    case "deposit":
      return { op, permits: number(raw, "permits") };
    case "wait":
      return { op, ...optional(raw, "token"), ...timeoutMs(raw) };
    case "notify":
      return { op, token: count(raw, "token"), ...optional(raw, "count") };
    case "return":
      return { op, ...borrower(raw, false) };
    case "set-total":
      return { op, totalTokens: numberOrNull(raw, "totalTokens") };
    case "open":
      return { op, side: side(raw), ...optional(raw, "from") };
    case "send":
      return { op, ...optional(raw, "end"), item: text(raw, "item"), ...timeoutMs(raw) };
    case "receive":
      return { op, ...optional(raw, "end"), ...max(raw), ...timeoutMs(raw) };
    case "confirm":
      return raw["items"] === undefined ? { op } : { op, items: counts(raw, "items") };
    case "statistics":
    case "end":
    case "set":
    case "clear":
    case "reset":
      return { op };
    default:
      throw new Bad(`this server knows no operation ${JSON.stringify(op.slice(0, 40))}`);
  }
}

function count(raw: Raw, name: string): number {
  const value = raw[name];
  if (isCount(value)) return value;
  throw new Bad(`"${name}" is a whole number`);
}

function optional(raw: Raw, name: string): object {
  return raw[name] === undefined ? {} : { [name]: count(raw, name) };
}

function counts(raw: Raw, name: string): number[] {
  const value = raw[name];
  if (Array.isArray(value) && value.length <= LIMITS.unconfirmedMax && value.every(isCount))
    return value;
  throw new Bad(`"${name}" is an array of at most ${LIMITS.unconfirmedMax} whole numbers`);
}

/** Any number: whether it is one that can be had is for the primitive to say. */
function number(raw: Raw, name: string): number {
  const value = raw[name];
  if (typeof value === "number") return value;
  throw new Bad(`"${name}" is a number`);
}

function numberOrNull(raw: Raw, name: string): number | null {
  const value = raw[name];
  if (value === null || typeof value === "number") return value;
  throw new Bad(`"${name}" is a number or null`);
}

function text(raw: Raw, name: string): string {
  const value = raw[name];
  if (typeof value === "string") return value;
  throw new Bad(`"${name}" is a string`);
}

function side(raw: Raw): string {
  const value = raw["side"];
  if (value === "send" || value === "receive") return value;
  throw new Bad('"side" is "send" or "receive"');
}

function max(raw: Raw): object {
  if (raw["max"] === undefined) return {};
  const value = count(raw, "max");
  if (value >= 1 && value <= LIMITS.unconfirmedMax) return { max: value };
  throw new Bad(`"max" is a whole number from 1 to ${LIMITS.unconfirmedMax}`);
}

function borrower(raw: Raw, isOptional: boolean): object {
  const value = raw["borrower"];
  if (value === undefined && isOptional) return {};
  if (isName(value)) return { borrower: value };
  throw new Bad('"borrower" is a name, as those of primitives are');
}

function timeoutMs(raw: Raw): object {
  if (raw["timeoutMs"] === undefined) return {};
  const value = count(raw, "timeoutMs");
  if (value <= LIMITS.timeoutMsMax) return { timeoutMs: value };
  throw new Bad(`"timeoutMs" is a whole number from 0 to ${LIMITS.timeoutMsMax}`);
}

/** Of numbers only: a configuration is quoted in faults, and what is nested without end cannot be. */
function isConfig(value: unknown): value is Config {
  if (!isObject(value)) return false;
  return Object.values(value).every((each) => each === null || typeof each === "number");
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
