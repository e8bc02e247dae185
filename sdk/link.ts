import type { Wire } from "./wire.ts";

/** Where a connection stands with its server. */
export type Link =
  /** Nothing is wanted of the server. */
  | { readonly state: "idle" }
  /** Between two attempts; `cancel` calls the next one off. */
  | { readonly state: "resting"; readonly cancel: () => void }
  | ConnectingLink
  | OpenLink
  | { readonly state: "closed" };

export interface ConnectingLink {
  readonly state: "connecting";
  readonly startedAtMs: number;
  /** `null` until the token is there. */
  wire: Wire | null;
}

export interface OpenLink {
  readonly state: "open";
  readonly startedAtMs: number;
  readonly wire: Wire;
  /** True once the server has said that it knows the session. */
  welcomed: boolean;
}
