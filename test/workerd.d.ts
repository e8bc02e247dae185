/** Types the bindings of wrangler.toml for `import { env, exports } from "cloudflare:workers"` in tests. */
declare namespace Cloudflare {
  interface Env {
    LOCKS: DurableObjectNamespace<import("../objects/index.ts").LockObject>;
    SEMAPHORES: DurableObjectNamespace<import("../objects/index.ts").SemaphoreObject>;
    EVENTS: DurableObjectNamespace<import("../objects/index.ts").EventObject>;
    CONDITIONS: DurableObjectNamespace<import("../objects/index.ts").ConditionObject>;
    LIMITERS: DurableObjectNamespace<import("../objects/index.ts").LimiterObject>;
    STREAMS: DurableObjectNamespace<import("../objects/index.ts").StreamObject>;
  }
  interface GlobalProps {
    mainModule: typeof import("../worker/index.ts");
  }
}
