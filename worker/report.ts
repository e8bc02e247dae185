/** Tells the operator, in the Worker's log, what no client should see. */
export function report(error: unknown): void {
  // oxlint-disable-next-line no-console -- the console is a Worker's log, and this is its one entry
  console.error(error);
}
