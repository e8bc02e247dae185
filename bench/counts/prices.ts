/** Published prices in dollars, without free allowances. Each of these pages says more than is used here. */

/** developers.cloudflare.com/durable-objects/platform/pricing */
export const CLOUDFLARE = {
  rowWritten: 1 / 1e6,
  rowRead: 0.001 / 1e6,
  request: 0.15 / 1e6,
  /** Incoming WebSocket messages count as a twentieth of a request, outgoing ones as none. */
  messagesPerRequest: 20,
  gigabyteSecond: 12.5 / 1e6,
  gigabytes: 0.128,
} as const;

/** upstash.com/pricing/redis, pay as you go: $0.20 per 100,000 commands. */
export const UPSTASH = { command: 0.2 / 1e5 } as const;

/**
 * aws.amazon.com/dynamodb/pricing/on-demand, us-east-1: items of up to 1 kB. The page was not to be read where this was
 * written: the figures are what other pages say that it says, and some of them disagree.
 */
export const DYNAMODB = { write: 0.625 / 1e6, read: 0.125 / 1e6 } as const;
