/** The limits that a client itself heeds, one by one: so a program bundles those of what it uses. `LIMITS` says what they are. */

export const NAME_CHARACTERS_MAX = 512;
export const NAME_BYTES_MAX = 1_024;
export const CLIENT_CHARACTERS_MAX = 128;
export const SESSION_TTL_MS_MIN = 100;
export const SESSION_TTL_MS_MAX = 86_400_000;
/** Also the longest delay that timers everywhere can keep. */
export const TIMEOUT_MS_MAX = 2_147_483_647;
export const FRAME_CHARACTERS_MAX = 2_097_152;
export const REQUESTS_PER_FRAME_MAX = 1_024;
export const WAITERS_MAX = 65_536;
export const ITEM_CHARACTERS_MAX = 262_144;
export const BUFFER_ITEMS_MAX = 1_000_000;
export const UNCONFIRMED_MAX = 1_024;
export const PERMITS_MAX = 1_000_000_000;
