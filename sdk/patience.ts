import type { Environment } from "./environment.ts";

/** Until it settles, but no longer than this. */
export function settled(
  asked: Promise<unknown>,
  environment: Environment,
  patienceMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const cancelTimer = environment.after(patienceMs, resolve);
    const settle = (): void => {
      cancelTimer();
      resolve();
    };
    asked.then(settle, settle);
  });
}
