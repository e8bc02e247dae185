import type { Wire } from "./wire.ts";

/** Where a connection stands with its server. `leave` undoes what the state has under way. */
export type Link =
  /** Nothing is wanted of the server. */
  | { readonly state: "idle"; readonly leave: () => void }
  /** Between two attempts; `leave` calls the next one off. */
  | { readonly state: "resting"; readonly leave: () => void }
  | ConnectingLink
  | OpenLink
  | { readonly state: "closed"; readonly leave: () => void };

export const IDLE = { state: "idle", leave: () => {} } as const;
export const CLOSED = { ...IDLE, state: "closed" } as const;

export interface ConnectingLink {
  readonly state: "connecting";
  /** Nothing is to be undone until the token is there. */
  leave: () => void;
}

export interface OpenLink {
  readonly state: "open";
  readonly startedAtMs: number;
  readonly wire: Wire;
  /** True once the server has said that it knows the session. */
  welcomed: boolean;
  leave: () => void;
}
