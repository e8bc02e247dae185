/** Latchwork for Hono: `latchwork/hono`. */
export type { ClientSource } from "./client.ts";
export { forgetKey, type ForgetKeyOptions } from "./forget_key.ts";
export type { HoldingOptions } from "./holding.ts";
export {
  limitConcurrency,
  type LimitConcurrencyOptions,
  type LimitConcurrencyVariables,
} from "./limit_concurrency.ts";
export type { KeyOf } from "./names.ts";
export { oncePerKey, type Idempotency, type OncePerKeyVariables } from "./once_per_key.ts";
export type { OncePerKeyOptions } from "./once_options.ts";
export { oneAtATime, type OneAtATimeOptions, type OneAtATimeVariables } from "./one_at_a_time.ts";
export type { CommonOptions } from "./options.ts";
export type { OnRefused, Refusal, RefusalCode } from "./refusal.ts";
export {
  memoryStore,
  type MemoryStoreOptions,
  type ResponseStore,
  type StoredResponse,
} from "./response_store.ts";
