export { LockObject, SemaphoreObject } from "../objects/index.ts";
export default { fetch: () => new Response("x") };
