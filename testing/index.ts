export type { TestClock } from "./clock.ts";
export type { Inspections } from "./inspection.ts";
export { createTestLatchwork } from "./kit.ts";
export { LeftoversError, type Leftover } from "./leftovers.ts";
export type { Client, TestNetwork } from "./network.ts";
export type { TestLatchworkOptions } from "./options.ts";
export type { TestServer } from "./server.ts";
export type { NamespaceOptions, TestLatchwork } from "./test_latchwork.ts";
