import { LatchworkError, type ErrorCode } from "../../../sdk/index.ts";

/** A promise whose fate a test can look at without waiting for it. */
export class Watched<Value> {
  readonly promise: Promise<Value>;
  #outcome: { value: Value } | { error: unknown } | null = null;

  constructor(promise: Promise<Value>) {
    this.promise = promise;
    promise.then(
      (value) => (this.#outcome = { value }),
      (error: unknown) => (this.#outcome = { error }),
    );
  }

  get fate(): "pending" | "resolved" | "rejected" | ErrorCode {
    if (this.#outcome === null) return "pending";
    if ("value" in this.#outcome) return "resolved";
    const { error } = this.#outcome;
    return error instanceof LatchworkError ? error.code : "rejected";
  }

  get value(): Value {
    if (this.#outcome === null || !("value" in this.#outcome)) {
      throw new Error(`There is no value: ${this.fate}.`);
    }
    return this.#outcome.value;
  }

  get error(): unknown {
    if (this.#outcome === null || !("error" in this.#outcome)) {
      throw new Error(`There is no error: ${this.fate}.`);
    }
    return this.#outcome.error;
  }
}

export function watch<Value>(promise: Promise<Value>): Watched<Value> {
  return new Watched(promise);
}
