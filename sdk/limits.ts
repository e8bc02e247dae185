/**
 * Every bound that Latchwork puts on names, messages, queues and leases. Each is tested at the limit
 * and one past it; passing one is answered with `limit-exceeded` or `invalid-argument`, never with silence.
 */
export const LIMITS = {
  /** Characters (Unicode code points) in the name of a primitive. */
  nameCharactersMax: 512,
  /** Bytes of a primitive's name in UTF-8. */
  nameBytesMax: 1_024,
  /** Characters in a client's name, the one that operators see. */
  clientCharactersMax: 128,
  /** Characters in a session's id and in its secret. */
  sessionIdCharactersMin: 16,
  sessionIdCharactersMax: 64,
  /** How long a server may be asked to keep what a silent client holds, in milliseconds. */
  sessionTtlMsMin: 100,
  sessionTtlMsMax: 86_400_000,
  /** The longest wait a request may state, in milliseconds. Longer waits state none. */
  timeoutMsMax: 2_147_483_647,
  /** Characters of one frame from a client. */
  frameCharactersMax: 2_097_152,
  /** Requests in one frame. */
  requestsPerFrameMax: 1_024,
  /** Claims (held and waiting together) of one session on one object. */
  claimsPerSessionMax: 16_384,
  /** Waiters in line at one object. */
  waitersMax: 65_536,
  /** Characters of one item's JSON in a stream. */
  itemCharactersMax: 262_144,
  /** Items in a stream's buffer, where it has a bound at all. */
  bufferItemsMax: 1_000_000,
  /** Characters of everything that a stream holds: buffered, blocked and unconfirmed; each item counts 64 more. */
  streamCharactersMax: 33_554_432,
  /** Items that one session has been given and has not confirmed. */
  unconfirmedMax: 1_024,
  /** Characters after which one delivery ends, however many items were asked for. */
  deliveryCharactersMax: 1_048_576,
  /** Sessions of one object: as many as it can have sockets. */
  sessionsMax: 32_768,
  /** Permits of one semaphore, held and free together. */
  permitsMax: 1_000_000_000,
} as const;

/** The name of a limit, as `LimitExceededError.limit` states it. */
export type LimitName = keyof typeof LIMITS;
