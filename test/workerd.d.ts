/** Types the bindings of wrangler.toml for `import { env, exports } from "cloudflare:workers"` in tests. */
declare namespace Cloudflare {
  interface Env {
    LOCKS: DurableObjectNamespace<import("../objects/index.ts").LockObject>;
    SEMAPHORES: DurableObjectNamespace<import("../objects/index.ts").SemaphoreObject>;
  }
  interface GlobalProps {
    mainModule: typeof import("../worker/index.ts");
  }
}
