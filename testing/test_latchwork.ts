import type { Latchwork } from "../sdk/client.ts";
import type { LatchworkWith, PrimitiveClasses } from "../sdk/client_of.ts";
import type { Kind } from "../sdk/names.ts";
import type { ConnectOptions } from "../sdk/options.ts";
import type { TestClock } from "./clock.ts";
import type { Inspections } from "./inspection.ts";
import type { Leftover } from "./leftovers.ts";
import type { Client, TestNetwork } from "./network.ts";
import type { TestServer } from "./server.ts";

/** Where a name is looked for. */
export interface NamespaceOptions {
  /** Default `"default"`, as that of `connect`. */
  readonly namespace?: string;
}

/**
 * A Latchwork of a test's own, in memory: the machines, the host and the SDK of production, on a clock that the test
 * moves and a network that it can break. Calls settle by themselves; only what takes time waits for the clock.
 */
export interface TestLatchwork extends AsyncDisposable {
  /** The time of everything in it. */
  readonly clock: TestClock;
  /** The ways between the clients and the server. */
  readonly network: TestNetwork;
  readonly server: TestServer;

  /**
   * A client in a process of its own, as `connect(url, options)` makes it, whose place it can take: an address may come
   * first, and is checked and then not looked at.
   *
   * Its disposal (`await using`) is the one thing that differs: it does not wait for the clock, as `close` does while the server cannot be
   * reached.
   *
   * @param options.client the name by which operators, and `network` and `crash`, know it; default `client-1`, `client-2`…
   * @param options.token, options.WebSocket are taken and not used: everybody is let in.
   * @throws as `connect`. ClosedResourceError when the kit was disposed.
   */
  connect(options?: ConnectOptions): Latchwork;
  connect(url: string, options?: ConnectOptions): Latchwork;

  /** The same in the place of `connectWith(url, kinds, options)`. */
  connectWith<Classes extends Partial<PrimitiveClasses>>(
    url: string,
    kinds: Classes,
    options?: ConnectOptions,
  ): LatchworkWith<keyof Classes & Kind>;

  /**
   * The client's process dies. Nothing of it settles any more; what it held is free when its TTL is over, which begins
   * now. Somebody new may `connect` with the same name. Settles when what follows at once has come to rest.
   */
  crash(client: Client): Promise<void>;

  /**
   * The client's process stands still, as a laptop that sleeps or a function that is frozen: no timer of it runs, and
   * no message reaches it. So it may believe that it holds what another holds by now, and only the fencing token helps.
   * It is the SDK in it that stands still; the test's own code, in that process or not, runs on.
   */
  pause(client: Client): Promise<void>;

  /** It goes on, and all that it has missed happens now. */
  resume(client: Client): Promise<void>;

  /**
   * Who holds and who waits, and the statistics, as `GET /v1/:namespace/:kind/:name` tells operators. Waits until what
   * is under way has come to rest.
   *
   * @throws NotConfiguredError where nobody has configured a semaphore, limiter or stream of this name.
   * @throws InvalidArgumentError, LimitExceededError for a bad name or namespace. ConnectionLostError while the server is stopped.
   */
  inspect<Of extends Kind>(
    kind: Of,
    name: string,
    options?: NamespaceOptions,
  ): Promise<Inspections[Of]>;

  /**
   * An operator takes a lease away: its `signal` is aborted with the reason `revoked`, and the next in line has it.
   *
   * @param token that of the lease.
   * @returns false if nobody holds a lease with this token.
   * @throws as `inspect`.
   */
  revoke(kind: Kind, name: string, token: number, options?: NamespaceOptions): Promise<boolean>;

  /**
   * What is still held and waited for, at any name: empty when every program has given back what it took. Who has
   * crashed has left nothing; of a name, up to 1,000 waiters are listed.
   *
   * @throws ConnectionLostError while the server is stopped.
   */
  leftovers(): Promise<Leftover[]>;

  /**
   * The end of it all. Nothing settles any more, and nothing rejects; there is nothing to clean up.
   *
   * @throws LeftoversError with `failOnLeftovers`, if anything is left.
   */
  dispose(): Promise<void>;

  /** As `dispose`. */
  [Symbol.asyncDispose](): Promise<void>;
}
