import type { Kind } from "../../sdk/protocol.ts";

/** A run that once failed. */
export interface Found {
  readonly seed: number;
  readonly kind: Kind;
  readonly rules: string;
  readonly what: string;
}

/** What the simulation has found. A change to the simulation moves the seeds: then each is looked for anew, in a copy
 * of the code without its mending, as the mutants are. */
export const FOUND: readonly Found[] = [];
