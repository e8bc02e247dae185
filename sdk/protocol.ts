/** The wire, in one place: what SDK, Worker and objects share. PROTOCOL.md states the rules in words. */
export { base64Url } from "./base64url.ts";
export { readRequest, type BadRequest } from "./decode.ts";
export type { SocketLike } from "./environment.ts";
export * from "./fault.ts";
export * from "./frames.ts";
export * from "./hello.ts";
export * from "./limits.ts";
export * from "./names.ts";
export type * from "./requests.ts";
export type * from "./results.ts";
