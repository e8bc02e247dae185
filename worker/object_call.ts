import type { Fault } from "../sdk/protocol.ts";
import type { Address } from "./address.ts";
import { stubOf } from "./bindings.ts";
import type { Env, ObjectStub } from "./env.ts";
import { Refusal } from "./refusal.ts";
import { report } from "./report.ts";

const ATTEMPTS_MAX = 2;
const RETRY_AFTER_MS = 1_000;

/** Which object to call, and what it means to call it twice. */
export interface Callee {
  readonly env: Env;
  readonly address: Address;
  /** True if calling it twice does no more than calling it once. */
  readonly repeatable: boolean;
  /** True if the call is for its effect: one that was lost on the way may have had it. */
  readonly changes: boolean;
  /** Aborted when whoever asks has gone. */
  readonly signal?: AbortSignal;
}

/**
 * Calls an object. Where the platform lost a repeatable call on the way, asks once more.
 *
 * @throws Refusal `closed` when nobody is there any more to read an answer; `overloaded` when nothing was done, and the
 * client should come back; `connection-lost` when nobody can say whether it was.
 */
export async function callObject<Answer>(
  callee: Callee,
  call: (stub: ObjectStub) => Promise<Answer>,
): Promise<Answer> {
  const { env, address, repeatable, signal } = callee;
  for (let attempt = 1; ; attempt += 1) {
    // A stub that has thrown is dead: every attempt has its own.
    const stub = stubOf(env, address);
    try {
      return await call(stub);
    } catch (error) {
      if (signal?.aborted === true) throw new Refusal(HUNG_UP, { status: 499 });
      const mayRepeat =
        repeatable && isMarked(error, "retryable") && !isMarked(error, "overloaded");
      if (!mayRepeat || attempt === ATTEMPTS_MAX) throw refusalOf(error, callee, attempt);
    }
  }
}

/** Nobody reads it. */
const HUNG_UP: Fault = { code: "closed", message: "The caller has hung up." };

/** The platform marks what its stubs throw. */
function isMarked(error: unknown, mark: "retryable" | "overloaded"): boolean {
  return error instanceof Error && (error as { [name in typeof mark]?: unknown })[mark] === true;
}

function refusalOf(error: unknown, { changes }: Callee, attempt: number): Refusal {
  // Of an earlier attempt this one says nothing.
  if (isMarked(error, "overloaded") && !(changes && attempt > 1)) {
    return comeBack("More is asked of this name than its object can answer; nothing was done.");
  }
  report(error);
  if (!changes) return comeBack("The object could not be reached, or failed; nothing was done.");
  const message =
    "The object could not be reached, or its answer was lost. Look whether it was done before asking again.";
  return new Refusal({ code: "connection-lost", message });
}

function comeBack(what: string): Refusal {
  const message = `${what} Come back in ${RETRY_AFTER_MS} ms.`;
  return new Refusal({ code: "overloaded", message, retryAfterMs: RETRY_AFTER_MS });
}
