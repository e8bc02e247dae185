import type { LatchworkService } from "../../../worker/index.ts";

/** A Worker of somebody's own, bound to Latchwork as a service. Each path is something that it does in one invocation. */
interface Env {
  readonly LATCHWORK: Service<typeof LatchworkService>;
}

type Deed = (latchwork: Env["LATCHWORK"], name: string) => PromiseLike<unknown>;

const DEEDS: Readonly<Record<string, Deed>> = {
  /** Holds to the end of the invocation, and says nothing of a release. */
  async "/acquire"(latchwork, name) {
    const lease = await latchwork.lock(name).acquire();
    return { token: await lease.token };
  },

  /** Disposes of one, and has the next in the same invocation. */
  async "/twice"(latchwork, name) {
    const tokens: number[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      using lease = await latchwork.lock(name).acquire();
      tokens.push(await lease.token);
    }
    return tokens;
  },

  async "/hold-until-released"(latchwork, name) {
    using lease = await latchwork.lock(name).acquire();
    await latchwork.event(`${name} may go`).wait();
    return { token: await lease.token };
  },

  "/run": (latchwork, name) =>
    latchwork.lock(name).run((lease) => Promise.resolve(lease.token).then((token) => ({ token }))),

  async "/try"(latchwork, name) {
    using lease = await latchwork.lock(name).tryAcquire();
    return lease === null ? null : { token: await lease.token };
  },

  async "/too-late"(latchwork, name) {
    try {
      await latchwork.lock(name).acquire({ timeoutMs: 10 });
      return "granted";
    } catch (error) {
      const { name: errorName, message, code } = error as Error & { code?: string };
      return { name: errorName, message, code };
    }
  },

  async "/everything"(latchwork, name) {
    using permits = await latchwork.semaphore(name, { permits: 3 }).acquire({ permits: 2 });
    const free = await latchwork.semaphore(name).value();
    await latchwork.event(name).set();
    await latchwork.event(name).wait();
    using held = await latchwork.condition(name).acquire();
    await held.notifyAll();
    const limiter = latchwork.limiter(name, { totalTokens: Infinity });
    using slot = await limiter.acquire({ onBehalfOf: "tenant-9" });
    const { borrowers, totalTokens } = await limiter.statistics();
    const stream = latchwork.stream(name, { maxBufferSize: 2 });
    using send = await stream.openSend();
    using receive = await stream.openReceive();
    await send.send({ n: 1 });
    const item = await receive.receive();
    await Promise.all([permits.release(), slot.release(), held.release()]);
    return { free, borrowers, isInfinite: totalTokens === Infinity, item };
  },

  async "/elsewhere"(latchwork, name) {
    const options = { namespace: "elsewhere", client: "a caller" };
    using lease = await latchwork.with(options).lock(name).acquire();
    const { owner } = await latchwork.with(options).lock(name).statistics();
    return { same: owner?.token === (await lease.token), client: owner?.client };
  },
};

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const deed = DEEDS[pathname];
    if (deed === undefined) return new Response(null, { status: 404 });
    return Response.json(await deed(env.LATCHWORK, searchParams.get("name") ?? ""));
  },
} satisfies ExportedHandler<Env>;
