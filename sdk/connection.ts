import { Backoff } from "./backoff.ts";
import {
  Calls,
  isToBeGranted,
  outlivesSession,
  remediesFor,
  toRequest,
  UNATTENDED,
  type Call,
  type RequestBody,
} from "./calls.ts";
import { ClientSession, UNHEARD } from "./client_session.ts";
import type { Environment } from "./environment.ts";
import { clientClosed, ConnectionLostError, errorFrom, ProtocolError } from "./errors.ts";
import type { Fault, LeaseLossReason } from "./fault.ts";
import { decodeMessages, encodeRequests, PONG, type Notice, type Reply } from "./frames.ts";
import type { Result } from "./results.ts";
import { Heartbeat } from "./heartbeat.ts";
import { offeredProtocols, type Hello } from "./hello.ts";
import { Holdings, type Holding, type HoldingOwner } from "./holding.ts";
import type { ConnectingLink, Link, OpenLink } from "./link.ts";
import { SessionWatch } from "./session_watch.ts";
import { waitFor, type Waitable, type WaitOptions } from "./waiting.ts";
import { connectPatienceMs, Wire } from "./wire.ts";

export interface ConnectionOptions {
  readonly environment: Environment;
  /** The object's address, `ws:` or `wss:`. */
  readonly url: string;
  readonly client: string;
  readonly ttlMs: number;
  readonly token: () => string | undefined | Promise<string | undefined>;
}

/** How long an aborted call waits for the server's word that the request has left the queue. */
const WITHDRAWAL_PATIENCE_MS = 1_000;
const CLOSE_PATIENCE_MS = 5_000;

/**
 * A client's relation to one object: one socket at a time, and a session that outlives it. What was not answered
 * is asked again, with the same ids, on the next socket; so each request takes effect once (LE5).
 */
export class Connection implements HoldingOwner, Waitable {
  readonly #options: ConnectionOptions;
  readonly environment: Environment;
  /** The name that operators see. */
  readonly client: string;
  readonly #calls = new Calls();
  readonly holdings = new Holdings();
  readonly #heartbeat: Heartbeat;
  readonly #backoff: Backoff;
  readonly #watch: SessionWatch;
  #link: Link = { state: "idle" };
  #session: ClientSession;
  #outbox: Call[] = [];
  /** What the server must still be asked for the sake of calls that were failed. Alone it is worth no connection. */
  #owed: Call[] = [];
  #lastId = 0;
  #closing: Promise<void> | null = null;

  constructor(options: ConnectionOptions) {
    const { environment } = options;
    this.#options = options;
    this.environment = environment;
    this.client = options.client;
    this.#session = new ClientSession(environment, options);
    this.#backoff = new Backoff(environment, options);
    this.#watch = new SessionWatch(environment, {
      trustedUntilMs: () => this.#session.trustedUntilMs,
      ring: () => {
        this.noticeSilence();
        return this.#link.state !== "idle" && this.#link.state !== "closed";
      },
    });
    this.#heartbeat = new Heartbeat(environment, options, {
      heard: (sentAtMs) => this.#heard(sentAtMs),
      dead: () => this.#drop(),
    });
  }

  /** Asks, and asks again after every disconnection, until there is an answer or the session is over. */
  ask(body: RequestBody): Promise<Result> {
    return new Promise((succeed, fail) => {
      this.start(body, { deadlineMs: null, succeed, fail });
    });
  }

  /** Asks for something whose answer does not matter to anybody. */
  tell(body: RequestBody): void {
    this.ask(body).catch(() => {});
  }

  /** Asks for something to hold, and waits for the grant. */
  hold<Held extends Holding>(
    body: RequestBody,
    make: (result: Result) => Held,
    options: WaitOptions = {},
  ): Promise<Held> {
    return waitFor(this, body, options, (result) => {
      const holding = make(result);
      this.holdings.add(holding);
      return holding;
    });
  }

  async release(holding: Holding): Promise<void> {
    this.holdings.delete(holding);
    await this.ask({ op: "release", token: holding.token });
  }

  /** A program that was frozen may find this out only by asking: what it holds is lost then (LE4). */
  noticeSilence(): void {
    if (this.#endIfUnheard()) this.#drop();
  }

  /** Ends the session, so that everything is free at once (LE6). Settles when the server knows, or cannot be told. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  /** Puts a request on its way: now, or as soon as there is a connection. Calls back only after it has returned. */
  start(body: RequestBody, rest: Pick<Call, "deadlineMs" | "succeed" | "fail">): Call {
    const call = this.#newCall(body, rest);
    if (this.#closing !== null) {
      this.environment.soon(() => call.fail(clientClosed()));
      return call;
    }
    this.#calls.add(call);
    if (this.#link.state === "idle") this.#connect();
    if (this.#link.state === "open") this.#post(call);
    return call;
  }

  /**
   * Withdraws a call that nobody waits for any more. Resolves when the request has left the queue, or at once where
   * only the next connection can see to that.
   */
  async withdraw(call: Call): Promise<void> {
    const answered = this.#cancel(call)?.catch(() => {});
    // However the cancel itself ends, nothing of the call is left by then, or it is owed.
    if (answered === undefined || this.#link.state !== "open") return;
    await new Promise<void>((resolve) => {
      const cancelTimer = this.environment.after(WITHDRAWAL_PATIENCE_MS, resolve);
      void answered.then(() => {
        cancelTimer();
        resolve();
      });
    });
  }

  // A server that never saw the call could not say so if it saw a later one: after a reconnect it sees this one first.
  /** The same, for a call that may have taken effect for good: resolves when that is known, with the server's word. */
  async withdrawForCertain(call: Call): Promise<Result> {
    const answered = this.#cancel(call);
    if (answered === null) return {};
    this.#calls.add({ ...call, ...UNATTENDED, deadlineMs: this.environment.nowMs() });
    return answered.finally(() => this.#calls.take(call.id));
  }

  /** `null` where the server has nothing to cancel. */
  #cancel(call: Call): Promise<Result> | null {
    if (this.#calls.take(call.id) === null) return null;
    if (call.firstSentOn !== null) return this.ask({ op: "cancel", target: call.id });
    if (this.#link.state === "resting") this.#drop();
    return null;
  }

  #newCall(body: RequestBody, rest: Pick<Call, "deadlineMs" | "succeed" | "fail">): Call {
    this.#lastId += 1;
    const createdAtMs = this.environment.nowMs();
    return { id: this.#lastId, body, createdAtMs, firstSentOn: null, ...rest };
  }

  get #isWanted(): boolean {
    return this.#calls.size > 0 || this.holdings.size > 0;
  }

  #connect(): void {
    this.#endIfUnheard();
    if (this.#link.state === "closed") return;
    if (!this.#isWanted) return this.#sleep();
    const startedAtMs = this.environment.nowMs();
    const hello = this.#session.nextHello();
    const link: ConnectingLink = { state: "connecting", startedAtMs, wire: null };
    this.#link = link;
    this.#watch.start();
    void this.#dial(link, hello);
  }

  async #dial(link: ConnectingLink, hello: Hello): Promise<void> {
    const { url, ttlMs, token } = this.#options;
    const patienceMs = connectPatienceMs(ttlMs);
    try {
      const presented = await token();
      if (this.#link !== link) return;
      const protocols = offeredProtocols(hello, presented);
      const wire = new Wire(
        this.environment,
        { url, protocols, patienceMs },
        {
          opened: () => this.#opened({ ...link, state: "open", wire, welcomed: false }),
          message: (data) => this.#receive(data),
          gone: () => this.#drop(),
        },
      );
      link.wire = wire;
    } catch (error) {
      if (this.#link === link) this.#refused(error as Error);
    }
  }

  #opened(link: OpenLink): void {
    this.#link = link;
    this.#heartbeat.start(link.wire);
    for (const call of this.#owed.splice(0)) this.#calls.add(call);
    this.#outbox = this.#calls.all();
    this.#flush();
  }

  #post(call: Call): void {
    this.#outbox.push(call);
    if (this.#outbox.length === 1) this.environment.soon(() => this.#flush());
  }

  /** Everything that was asked in one task goes out in one frame. */
  #flush(): void {
    const link = this.#link;
    if (link.state !== "open") return;
    const nowMs = this.environment.nowMs();
    const calls = this.#outbox.filter((call) => this.#calls.has(call));
    this.#outbox = [];
    for (const call of calls) call.firstSentOn ??= link;
    const requests = calls.map((call) => toRequest(call, nowMs));
    for (const frame of encodeRequests(requests)) link.wire.send(frame);
  }

  #receive(data: unknown): void {
    if (data === PONG) return this.#heartbeat.pong();
    // A program that was frozen finds here what was said before its session ended (LE4).
    if (this.#endIfUnheard()) return this.#drop();
    const messages = typeof data === "string" ? decodeMessages(data) : null;
    if (messages === null) {
      return this.#refused(new ProtocolError("The server sent what is not a frame."));
    }
    for (const message of messages) {
      if ("re" in message) this.#answer(message);
      else if ("notice" in message) this.#note(message);
    }
  }

  /** A server that has not welcomed the session yet may answer pings, and know nothing of it. */
  #heard(sentAtMs: number): void {
    if (this.#link.state === "open" && this.#link.welcomed) this.#session.heard(sentAtMs);
  }

  #answer(reply: Reply): void {
    const call = this.#calls.take(reply.re);
    if (call === null) {
      const back = this.#calls.isBeingCancelled(reply.re) ? null : this.holdings.giveBack(reply);
      if (back !== null) this.tell(back);
    } else if ("error" in reply) call.fail(errorFrom(reply.error));
    else call.succeed(reply.ok);
  }

  #note(notice: Notice): void {
    switch (notice.notice) {
      case "welcome":
        return this.#welcome(new Set(notice.held));
      case "lost":
        return this.holdings.lose(notice.token, notice.reason);
      case "returned":
        return this.holdings.returned(notice.token);
      case "session-ended":
        this.#forgetFirstSends();
        this.#sessionOver(notice.reason, "The server has ended the session.");
        return this.#drop();
      case "refused":
        this.#forgetFirstSends();
        return this.#refusedBy(notice.error);
    }
  }

  /** Both sides agree on what is held. */
  #welcome(held: ReadonlySet<number>): void {
    const link = this.#link;
    if (link.state !== "open") return;
    link.welcomed = true;
    this.#session.welcomed = true;
    this.#session.heard(link.startedAtMs);
    this.#backoff.succeeded();
    this.holdings.agreeWith(held);
    for (const { id, body, firstSentOn } of this.#calls.all()) {
      const sentBefore = firstSentOn !== null && firstSentOn !== link;
      // Only the answer was lost: a session that lives has lost nothing but what it released.
      if (body.op === "release" && sentBefore && !held.has(body.token)) {
        this.#calls.take(id)?.succeed({});
      }
    }
  }

  /** A server that turns a connection away has applied nothing that came over it. */
  #forgetFirstSends(): void {
    const link = this.#link;
    if (link.state === "open" && !link.welcomed) this.#calls.forgetFirstSendsOn(link);
  }

  #refusedBy(fault: Fault): void {
    const isPassing = fault.code === "overloaded" || fault.code === "connection-lost";
    if (!isPassing) return this.#refused(errorFrom(fault));
    this.#backoff.stayAway(fault.retryAfterMs ?? 0);
    this.#drop();
  }

  /** Trying again would not help: whoever waits is told. Leases last for as long as the session does. */
  #refused(error: Error): void {
    const calls = this.#calls.all();
    this.#calls.fail(() => error);
    const remedies = remediesFor(calls).map((body) => this.#newCall(body, UNATTENDED));
    const waits = calls.filter(isToBeGranted).map((call) => this.#givingBack(call));
    this.#owed = [...this.#owed, ...waits, ...remedies];
    this.#drop();
  }

  /** Nobody waits for it any more: a lock that comes with it would be held by nobody. */
  #givingBack(call: Call): Call {
    const succeed = (result: Result): void => {
      if ("token" in result) this.tell({ op: "release", token: result.token });
    };
    return { ...call, ...UNATTENDED, succeed };
  }

  /** The socket is gone, or taken for gone: comes back after a while if anything depends on it. */
  #drop(): void {
    const link = this.#link;
    if (link.state === "idle" || link.state === "closed") return;
    if (link.state === "resting") {
      if (this.#isWanted) return;
      link.cancel();
      return this.#sleep();
    }
    this.#outbox = [];
    this.#heartbeat.stop();
    link.wire?.discard();
    if (!this.#isWanted) return this.#sleep();
    const cancel = this.environment.after(this.#backoff.nextMs(), () => this.#connect());
    this.#link = { state: "resting", cancel };
  }

  /** Nothing depends on the server: no socket, no timer. */
  #sleep(): void {
    this.#link = { state: "idle" };
    this.#watch.stop();
  }

  /** True if the server may have given away what the session holds: it is over then. */
  #endIfUnheard(): boolean {
    if (this.environment.nowMs() < this.#session.trustedUntilMs) return false;
    this.#sessionOver("expired", UNHEARD);
    return true;
  }

  /** The session can no longer be resumed: what it holds is lost, and what cannot go on without it has failed. */
  #sessionOver(reason: LeaseLossReason, message: string): void {
    this.holdings.loseAll(reason);
    const over = { nowMs: this.environment.nowMs(), trustedMs: this.#session.trustedMs };
    this.#owed = [];
    this.#calls.fail(
      () => new ConnectionLostError(message),
      (call) => !outlivesSession(call, over),
    );
    this.#session = new ClientSession(this.environment, this.#options);
  }

  async #end(): Promise<void> {
    const owing = this.#isWanted || this.#owed.length > 0 || this.#link.state === "open";
    this.holdings.loseAll("session-ended");
    // What was received is confirmed first, or others would be given it again (ST3).
    this.#calls.fail(clientClosed, ({ body }) => body.op !== "confirm");
    if (owing && this.#session.begun) {
      await new Promise<void>((resolve) => {
        const patienceMs = Math.min(this.#options.ttlMs, CLOSE_PATIENCE_MS);
        const cancelTimer = this.environment.after(patienceMs, resolve);
        const done = (): void => {
          cancelTimer();
          resolve();
        };
        // Before the first await, and so before `#closing` turns every other call away.
        this.start({ op: "end" }, { deadlineMs: null, succeed: done, fail: done });
      });
    }
    const link = this.#link;
    this.#link = { state: "closed" };
    this.#heartbeat.stop();
    this.#watch.stop();
    this.#calls.fail(clientClosed);
    if (link.state === "resting") link.cancel();
    if (link.state === "connecting" || link.state === "open") link.wire?.discard();
  }
}
