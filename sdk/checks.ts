import { check } from "./errors.ts";
import type { Fault } from "./fault.ts";
import type { LimitName } from "./limits.ts";

/** What is wrong with an argument, and what is allowed. */
export function invalid(rule: string, value: unknown): Fault {
  return { code: "invalid-argument", message: `${rule}, not ${describe(value)}.` };
}

/** The same of one that is too large for a limit; `null` for one that is not. */
export function sizeFault(
  rule: string,
  limit: LimitName,
  { is, max }: { is: number; max: number },
): Fault | null {
  if (is <= max) return null;
  return { code: "limit-exceeded", message: `${rule}; this one has ${is}.`, limit, max };
}

/** What is wrong with a count, and what is allowed; `null` for a good one. */
export function countFault(
  name: string,
  value: unknown,
  { from = 0, to, or = "" }: { from?: number; to: number; or?: string },
): Fault | null {
  const isGood =
    Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
  return isGood ? null : invalid(`${name} is a whole number from ${from} to ${to}${or}`, value);
}

const OR_INFINITY = ", or Infinity";

/** A count, or Infinity, which travels as `null`. @throws InvalidArgumentError for any other number. */
export function countOrNull(name: string, value: number, to: number): number | null {
  if (value === Infinity) return null;
  check(countFault(name, value, { to, or: OR_INFINITY }));
  return value;
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  return typeof value === "number" || value === null ? String(value) : typeof value;
}
