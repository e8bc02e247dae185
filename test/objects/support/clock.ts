import { onTestFinished, vi } from "vitest";

export const HOUR_MS = 3_600_000;

/**
 * From here to the test's end the objects' clock stands, and moves only by `advance`. It is an hour ahead of the
 * platform's, so that no alarm goes off by itself.
 */
export function stopClock(): void {
  stopClockAt(Date.now() + HOUR_MS);
}

export function stopClockAt(nowMs: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: nowMs });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

export function advance(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}
