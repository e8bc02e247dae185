import {
  BUFFER_ITEMS_MAX,
  CLIENT_CHARACTERS_MAX,
  FRAME_CHARACTERS_MAX,
  ITEM_CHARACTERS_MAX,
  NAME_BYTES_MAX,
  NAME_CHARACTERS_MAX,
  PERMITS_MAX,
  REQUESTS_PER_FRAME_MAX,
  SESSION_TTL_MS_MAX,
  SESSION_TTL_MS_MIN,
  TIMEOUT_MS_MAX,
  UNCONFIRMED_MAX,
  WAITERS_MAX,
} from "./bounds.ts";

/**
 * Every bound that Latchwork puts on names, messages, queues and leases. Each is tested at the limit
 * and one past it; passing one is answered with `limit-exceeded` or `invalid-argument`, never with silence.
 */
export const LIMITS = {
  /** Characters (Unicode code points) in the name of a primitive. */
  nameCharactersMax: NAME_CHARACTERS_MAX,
  /** Bytes of a primitive's name in UTF-8. */
  nameBytesMax: NAME_BYTES_MAX,
  /** Characters in a client's name, the one that operators see. */
  clientCharactersMax: CLIENT_CHARACTERS_MAX,
  /** Characters in a session's id and in its secret. */
  sessionIdCharactersMin: 16,
  sessionIdCharactersMax: 64,
  /** How long a server may be asked to keep what a silent client holds, in milliseconds. */
  sessionTtlMsMin: SESSION_TTL_MS_MIN,
  sessionTtlMsMax: SESSION_TTL_MS_MAX,
  /** The longest wait a request may state, in milliseconds. Longer waits state none. */
  timeoutMsMax: TIMEOUT_MS_MAX,
  /** The longest wait of one HTTP call, in milliseconds: whoever wants to wait longer calls again. */
  callTimeoutMsMax: 300_000,
  /** Answers that one object keeps for repeats of HTTP calls with an idempotency key: each for a day, the latest of them. */
  answersMax: 10_000,
  /** Characters of all those answers together. */
  answersCharactersMax: 33_554_432,
  /** Characters of an idempotency key. */
  idempotencyKeyCharactersMax: 255,
  /** Characters of one frame from a client. */
  frameCharactersMax: FRAME_CHARACTERS_MAX,
  /** Requests in one frame. */
  requestsPerFrameMax: REQUESTS_PER_FRAME_MAX,
  /** Claims (held and waiting together) of one session on one object. */
  claimsPerSessionMax: 16_384,
  /** Waiters in line at one object. */
  waitersMax: WAITERS_MAX,
  /** Characters of one item's JSON in a stream. */
  itemCharactersMax: ITEM_CHARACTERS_MAX,
  /** Items in a stream's buffer, where it has a bound at all. */
  bufferItemsMax: BUFFER_ITEMS_MAX,
  /** Characters of everything that a stream holds: buffered, blocked and unconfirmed; each item counts 64 more. */
  streamCharactersMax: 33_554_432,
  /** Items that one session has been given and has not confirmed. */
  unconfirmedMax: UNCONFIRMED_MAX,
  /** Characters after which one delivery ends, however many items were asked for. */
  deliveryCharactersMax: 1_048_576,
  /** Sessions of one object: as many as it can have sockets. */
  sessionsMax: 32_768,
  /** Permits of one semaphore, held and free together. */
  permitsMax: PERMITS_MAX,
} as const;

/** The name of a limit, as `LimitExceededError.limit` states it. */
export type LimitName = keyof typeof LIMITS;
