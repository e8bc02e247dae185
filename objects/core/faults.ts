import { LIMITS, type Fault, type Kind, type LimitName } from "../../sdk/protocol.ts";

/** What machines say when they refuse, where more than one says it. */

export const TIMEOUT: Fault = {
  code: "timeout",
  message: "It was not to be had within the wait's time limit.",
};

export function notOwner(token: number): Fault {
  return {
    code: "not-owner",
    message: `This session does not hold the lease with token ${token}: it was released, lost, or is another's.`,
  };
}

export function noSuchOperation(kind: Kind, op: string): Fault {
  return { code: "protocol", message: `A ${kind} has no operation "${op}".` };
}

export function invalid(message: string): Fault {
  return { code: "invalid-argument", message };
}

export function limitExceeded(limit: LimitName, what: string): Fault {
  const max = LIMITS[limit];
  return { code: "limit-exceeded", message: `${what}: at most ${max}.`, limit, max };
}

/** `was` is what the name was configured with, `stated` what the caller thinks. */
export function configMismatch(
  kind: Kind,
  { stated, was, advice = "" }: { stated: object; was: object; advice?: string },
): Fault {
  return {
    code: "config-mismatch",
    message: `This ${kind} was configured with ${inWords(was)}; you stated ${inWords(stated)}.${advice}`,
    stated,
    actual: was,
  };
}

/** A configuration for people, to whom `null` says nothing. */
function inWords(config: object): string {
  const stated = Object.entries(config).filter(([, value]) => value !== undefined);
  return stated.map(([name, value]) => `${name} ${String(value ?? Infinity)}`).join(", ");
}

export function isWhole(value: unknown, from: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= from;
}
