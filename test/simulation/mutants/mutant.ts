import type { Kind } from "../../../sdk/protocol.ts";
import type { Fault } from "../world/faults.ts";

export interface Edit {
  readonly file: string;
  /** Occurs once in the file; it may span lines. */
  readonly find: string;
  readonly replace: string;
}

/** A deliberate bug: the simulation must find it. */
export interface Mutant extends Edit {
  /** What goes wrong, in words. */
  readonly name: string;
  /** The rules that it breaks. */
  readonly rules: readonly string[];
  /** Where it takes two to go wrong. */
  readonly also?: Edit;
  /** Where only some primitives can show it. */
  readonly kinds?: readonly Kind[];
  /** Where it takes much to come about: only these happen, `often` times as often as usual. */
  readonly faults?: readonly Fault[];
  readonly often?: number;
  /** How many programs call at once at the most; nobody does where it is left out. */
  readonly callers?: number;
}
