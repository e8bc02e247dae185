/** Stops a step that would break a promise. The host never commits such a step; it restarts from disk. */
export function invariant(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`Invariant broken: ${what}.`);
}
