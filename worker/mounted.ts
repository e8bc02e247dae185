import type { Address } from "./address.ts";

/** What another Worker, which has mounted this one, has chosen; made anew for each request. */
export interface Mounted {
  /** The path below the place of mounting, as it came. */
  readonly path: string;
  /** The settings that let clients in, by the names they have there. */
  readonly variables: VariableNames;
  /** Decides who comes in; null leaves it to the settings. */
  readonly gate: Gate | null;
}

export interface VariableNames {
  /** The secret that every client must show. */
  readonly token: string;
  /** "true" lets everyone in where there is no such secret. */
  readonly open: string;
}

/** Lets one request through to one object. */
export interface Gate {
  /** @throws Refusal where the mounting Worker does not let the request in. */
  pass(address: Address): Promise<void>;
  /** Whether the request was let in, and for this object. */
  isOpenFor(address: Address): boolean;
}
