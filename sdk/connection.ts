import { backoffMs } from "./backoff.ts";
import {
  Calls,
  outlivesSession,
  remediesFor,
  toRequest,
  UNATTENDED,
  type Call,
  type CallOptions,
  type RequestBody,
} from "./calls.ts";
import { ClientSession } from "./client_session.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import type { Environment } from "./environment.ts";
import { clientClosed, ConnectionLostError, errorAmong, ProtocolError } from "./errors.ts";
import type { Fault, LeaseLossReason } from "./fault.ts";
import { decodeMessages, encodeRequests, type Notice, type Reply } from "./frames.ts";
import type { Result } from "./results.ts";
import { offeredProtocols } from "./hello.ts";
import { Idleness } from "./idleness.ts";
import { Holdings, tokenOf, type Holding, type HoldingOwner } from "./holding.ts";
import { CLOSED, IDLE, type ConnectingLink, type Link, type OpenLink } from "./link.ts";
import { settled } from "./patience.ts";
import { waitFor, type Waitable, type WaitOptions } from "./waiting.ts";
import { openWire } from "./wire.ts";

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
  readonly url: string;
  /** The name that operators see. */
  readonly client: string;
  readonly calls = new Calls();
  readonly holdings = new Holdings();
  /** Gives back an answer that nobody waits for, if it is no grant. Handles that ask for such answers say how. */
  giveBack: (id: number, answer: Result) => void = () => {};
  #link: Link = IDLE;
  #session: ClientSession;
  #outbox: Call[] = [];
  /** What the server must still be asked for the sake of calls that were failed. Alone it is worth no connection. */
  #owed: Call[] = [];
  #lastId = 0;
  readonly #idleness = new Idleness();
  /** Attempts to connect, since the last that came through. */
  #failures = 0;
  #cancelWatch: (() => void) | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.environment = options.environment;
    this.url = options.url;
    this.client = options.client;
    this.#session = new ClientSession(options);
  }

  /** Asks, and asks again after every disconnection, until there is an answer or the session is over. */
  ask(body: RequestBody): Promise<Result> {
    return new Promise((succeed, fail) => {
      this.start(body, { deadlineMs: null, succeed, fail });
    });
  }

  /** Asks for something whose answer does not matter to anybody. */
  tell(body: RequestBody): void {
    this.start(body, UNATTENDED);
  }

  /** Asks for something to hold, and waits for the grant. */
  hold<Held extends Holding>(
    body: RequestBody,
    What: new (connection: Connection, token: number) => Held,
    options: WaitOptions = {},
  ): Promise<Held> {
    return waitFor(this, body, options, (result) => {
      const holding = new What(this, tokenOf(result));
      this.holdings.add(holding);
      return holding;
    });
  }

  async release({ token }: Holding): Promise<void> {
    this.holdings.delete(token);
    await this.ask({ op: "release", token });
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
  start(body: RequestBody, options: CallOptions): Call {
    const call = this.#newCall(body, options);
    const isIdle = this.#link.state === "idle";
    if (this.#closing !== null || (isIdle && !this.#options.connections.remember(this))) {
      this.environment.soon(() => call.fail(clientClosed()));
      return call;
    }
    this.calls.add(call);
    if (isIdle) void this.#connect();
    if (this.#link.state === "open") this.#post(call);
    return call;
  }

  /**
   * Withdraws a call that nobody waits for any more. Resolves when the request has left the queue, or at once where
   * only the next connection can see to that.
   */
  async withdraw(call: Call): Promise<void> {
    const answered = this.cancel(call);
    // However the cancel itself ends, nothing of the call is left by then, or it is owed.
    if (answered !== null && this.#link.state === "open") {
      await settled(answered, this.environment, WITHDRAWAL_PATIENCE_MS);
    }
  }

  /** Takes a call back. Resolves with the server's word; `null` where the server has nothing to cancel. */
  cancel({ id, firstSentOn }: Call): Promise<Result> | null {
    if (this.calls.take(id) === undefined) return null;
    if (firstSentOn === null) {
      if (this.#link.state === "resting") this.#drop();
      return null;
    }
    const answered = this.ask({ op: "cancel", target: id });
    answered.catch(() => {});
    return answered;
  }

  #newCall(body: RequestBody, options: CallOptions): Call {
    this.#lastId += 1;
    const createdAtMs = this.environment.nowMs();
    return { id: this.#lastId, body, createdAtMs, firstSentOn: null, ...options };
  }

  /** Nothing depends on it: not here, and not at the server. */
  get isAtRest(): boolean {
    const isOver = !this.#session.begun || this.environment.nowMs() >= this.#session.trustedUntilMs;
    return this.#link.state === "idle" && isOver;
  }

  get #isWanted(): boolean {
    return this.calls.size > 0 || this.holdings.size > 0;
  }

  async #connect(): Promise<void> {
    this.#endIfUnheard();
    if (this.#link.state === "closed") return;
    if (!this.#isWanted) {
      this.#rest(IDLE);
      return;
    }
    const startedAtMs = this.environment.nowMs();
    const hello = this.#session.nextHello(startedAtMs);
    const link: ConnectingLink = { ...IDLE, state: "connecting" };
    this.#link = link;
    this.#watch();
    try {
      // What it throws at once comes no earlier than what it rejects with.
      const token = await new Promise<string | undefined>((had) => had(this.#options.token()));
      if (this.#link !== link) return;
      const wire = openWire(this.#options, offeredProtocols(hello, token), {
        opened: () => {
          const { discard: leave } = wire;
          this.#opened({ state: "open", startedAtMs, wire, leave, welcomed: false });
        },
        message: (data) => this.#receive(data),
        heard: (sentAtMs) => this.#heard(sentAtMs),
        gone: () => this.#drop(),
      });
      link.leave = wire.discard;
    } catch (error) {
      if (this.#link === link) this.#refused(error as Error);
    }
  }

  #opened(link: OpenLink): void {
    this.#link = link;
    for (const call of this.#owed.splice(0)) this.calls.add(call);
    this.#outbox = this.calls.all();
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
    const calls = this.#outbox.splice(0).filter(({ id }) => this.calls.has(id));
    const requests = calls.map((call) => {
      call.firstSentOn ??= link;
      return toRequest(call, nowMs);
    });
    const frames = encodeRequests(requests);
    try {
      for (const frame of frames) link.wire.send(frame);
    } catch (cause) {
      // Whoever opened the socket may go on using it.
      this.calls.fail(
        () => new ConnectionLostError(`Make a client for each request: ${String(cause)}`),
        (call) => calls.includes(call),
      );
    }
  }

  #receive(data: unknown): void {
    // A program that was frozen finds here what was said before its session ended (LE4).
    if (this.#endIfUnheard()) return this.#drop();
    const messages = decodeMessages(String(data));
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
    const look = { isWanted: this.#isWanted, lastId: this.#lastId, nowMs: sentAtMs };
    if (this.#idleness.isLong(look)) this.#retire();
  }

  /** Ends a session that has nothing. Nobody waits for the answer: an end that gets lost comes with the TTL. */
  #retire(): void {
    this.tell({ op: "end" });
    this.#flush();
    this.calls.clear();
    this.#session = new ClientSession(this.#options);
    this.#drop();
  }

  #answer({ re: id, ...reply }: Reply): void {
    const call = this.calls.take(id);
    if ("error" in reply) call?.fail(errorAmong(this.#options.errors, reply.error));
    else if (call === undefined) this.#unawaited(id, reply.ok);
    else call.succeed(reply.ok);
  }

  /** A repeat that came very late may have been granted once more; nobody else would ever give that back. */
  #unawaited(id: number, answer: Result): void {
    if (this.calls.all().some(({ body }) => body.op === "cancel" && body.target === id)) return;
    if (!("token" in answer)) this.giveBack(id, answer);
    else if (!this.holdings.has(answer.token)) this.tell({ op: "release", token: answer.token });
  }

  #note(notice: Notice): void {
    switch (notice.notice) {
      case "welcome":
        return this.#welcome(new Set(notice.held));
      case "lost":
        return this.holdings.lose(notice.token, notice.reason);
      case "returned":
        return this.holdings.lose(notice.token, null);
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
    this.#session.welcomed(link.startedAtMs);
    this.#failures = 0;
    this.holdings.loseAll("revoked", held);
    for (const { id, body, firstSentOn } of this.calls.all()) {
      const sentBefore = firstSentOn !== null && firstSentOn !== link;
      // Only the answer was lost: a session that lives has lost nothing but what it released.
      if (body.op === "release" && sentBefore && !held.has(body.token)) {
        this.calls.take(id)?.succeed({});
      }
    }
  }

  /** A server that turns a connection away has applied nothing that came over it. */
  #forgetFirstSends(): void {
    const link = this.#link;
    if (link.state !== "open" || link.welcomed) return;
    for (const call of this.calls.values()) if (call.firstSentOn === link) call.firstSentOn = null;
  }

  #refusedBy(fault: Fault): void {
    const isPassing = fault.code === "overloaded" || fault.code === "connection-lost";
    if (isPassing) this.#drop(fault.retryAfterMs);
    else this.#refused(errorAmong(this.#options.errors, fault));
  }

  /** Trying again would not help: whoever waits is told. Leases last for as long as the session does. */
  #refused(error: Error): void {
    const calls = this.calls.all();
    this.calls.fail(() => error);
    for (const body of remediesFor(calls)) this.#owed.push(this.#newCall(body, UNATTENDED));
    for (const call of calls) {
      const { orphaned, firstSentOn } = call;
      // Nobody waits for it any more: a lock that comes with it would be held by nobody.
      if (orphaned !== undefined && firstSentOn !== null) {
        this.#owed.push({ ...call, ...UNATTENDED, succeed: orphaned });
      }
    }
    this.#drop();
  }

  /** The socket is gone, or taken for gone: comes back after a while if anything depends on it. */
  #drop(stayAwayMs = 0): void {
    const { state } = this.#link;
    if (state === "idle" || state === "closed") return;
    if (state === "resting" && this.#isWanted) return;
    this.#outbox = [];
    this.#link.leave();
    if (!this.#isWanted) return this.#rest(IDLE);
    const delayMs = stayAwayMs + backoffMs(this.#options, this.#failures);
    this.#failures += 1;
    const leave = this.environment.after(delayMs, () => void this.#connect());
    this.#link = { state: "resting", leave };
  }

  /** Nothing depends on the server, now or ever: no socket, no timer. */
  #rest(link: typeof IDLE | typeof CLOSED): void {
    this.#link = link;
    this.#cancelWatch?.();
    this.#cancelWatch = null;
  }

  /** Looks after the session until there is rest: when it may no longer be trusted, however often that moves. */
  #watch(): void {
    const delayMs = Math.max(1, this.#session.trustedUntilMs - this.environment.nowMs());
    this.#cancelWatch ??= this.environment.after(delayMs, () => {
      this.#cancelWatch = null;
      this.noticeSilence();
      if (this.#link.state !== "idle" && this.#link.state !== "closed") this.#watch();
    });
  }

  /** True if the server may have given away what the session holds: it is over then. */
  #endIfUnheard(): boolean {
    if (this.environment.nowMs() < this.#session.trustedUntilMs) return false;
    this.#sessionOver("expired", this.#session.silence);
    return true;
  }

  /** The session can no longer be resumed: what it holds is lost, and what cannot go on without it has failed. */
  #sessionOver(reason: LeaseLossReason, message: string): void {
    this.holdings.loseAll(reason);
    const over = { nowMs: this.environment.nowMs(), trustedMs: this.#session.trustedMs };
    this.#owed = [];
    this.calls.fail(
      () => new ConnectionLostError(message),
      (call) => !outlivesSession(call, over),
    );
    this.#session = new ClientSession(this.#options);
  }

  async #end(): Promise<void> {
    const owing = this.#isWanted || this.#owed.length > 0 || this.#link.state === "open";
    this.holdings.loseAll("session-ended");
    // What was received is confirmed first, or others would be given it again (ST3).
    this.calls.fail(clientClosed, ({ body }) => body.op !== "confirm");
    if (owing && this.#session.begun) {
      // Before the first await, and so before `#closing` turns every other call away.
      const patienceMs = Math.min(this.#options.ttlMs, CLOSE_PATIENCE_MS);
      await settled(this.ask({ op: "end" }), this.environment, patienceMs);
    }
    this.#link.leave();
    this.#rest(CLOSED);
    this.calls.fail(clientClosed);
  }
}
