/** Several listeners in one process: say, a dashboard for each of five people. */
import { act } from "../theatre/part.ts";
import { AbandonedError, follow, type Stage } from "./progress.ts";

export interface WatcherRole {
  readonly name: string;
  readonly listeners: number;
  readonly run: string;
  readonly patienceMs: number;
}

export type WatcherSaid =
  | { readonly is: "sees"; readonly listener: number; readonly stage: Stage }
  | { readonly is: "is told that nobody works on it" };

await act<WatcherRole, WatcherSaid>(async ({ role, latchwork, ending, say }) => {
  const { run, patienceMs } = role;
  async function listen(listener: number): Promise<void> {
    for await (const stage of follow(latchwork, run, { patienceMs, signal: ending })) {
      say({ is: "sees", listener, stage });
    }
  }
  try {
    await Promise.all(Array.from({ length: role.listeners }, (_, listener) => listen(listener)));
  } catch (error) {
    if (!(error instanceof AbandonedError)) throw error;
    say({ is: "is told that nobody works on it" });
  }
});
