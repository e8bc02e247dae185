import type { Environment } from "./environment.ts";

export interface SessionWatch {
  start(): void;
  stop(): void;
}

/** One timer that looks after a session: it rings when the session may no longer be trusted, however often that moves. */
export function watchOver(
  environment: Environment,
  trustedUntilMs: () => number,
  /** True if the watch goes on. */
  ring: () => boolean,
): SessionWatch {
  let cancel: (() => void) | null = null;
  const start = (): void => {
    cancel ??= environment.after(Math.max(1, trustedUntilMs() - environment.nowMs()), () => {
      cancel = null;
      if (ring()) start();
    });
  };
  const stop = (): void => {
    cancel?.();
    cancel = null;
  };
  return { start, stop };
}
