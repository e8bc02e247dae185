/** What runtimes differ in, as far as it matters to who uses the SDK. Each is found out by trying. */
export const FEATURES = {
  webSocket: "a global `WebSocket`",
  headers: "`WebSocket` takes headers (`{ headers }`)",
  asyncDispose: "`Symbol.asyncDispose`",
  using: "`await using` as it is written",
  disposableStack: "`AsyncDisposableStack`",
  abortTimeout: "`AbortSignal.timeout`",
  abortAny: "`AbortSignal.any`",
  withResolvers: "`Promise.withResolvers`",
  runningClock: "`performance.now()` goes on while code runs",
  longTimers: "timers of more than 2^31 − 1 ms",
  atLoad: "`connect` while a module is loaded",
  overRequests: "one client for several requests",
} as const;
export type FeatureId = keyof typeof FEATURES;
