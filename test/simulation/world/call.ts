import type { OneShot, OneShotAnswer } from "../../../objects/host/asked.ts";
import type { CallRequest } from "../../../objects/host/call_response.ts";
import type { Net } from "./network.ts";

/** A server that is not told at once that a connection is gone finds out so much later. */
const FOUND_OUT_MS = 30_000;

type Direction = "up" | "down";

/** One call over HTTP: a request on its way to the object, and its answer, in parts, on its way back. */
export class Call {
  readonly name: string;
  readonly oneShot: OneShot;
  /** What its caller has read, to the end; `null` where it was lost, or where nobody reads any more. */
  readonly heard: Promise<OneShotAnswer | null>;
  readonly #net: Net;
  readonly #hear: (answer: OneShotAnswer | null) => void;
  readonly #aborting = new AbortController();
  readonly #freeAtMs = { up: 0, down: 0 };
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #text = "";
  /** The instance that has it lets it go. */
  #served = (): void => {};
  /** Not every server makes a request's signal tell that the caller is gone. */
  readonly #hasSignal: boolean;
  /** Somebody has closed its end, and the server's end is told so though it had done with the call. */
  missed = (): void => {};
  /** True once the object has been told that nobody reads. */
  isHungUp = false;
  /** When the object had decided, and said so. */
  answeredAtMs = 0;
  #isCut = false;
  #isListening = true;
  #isOver = false;
  /** The object has answered to the end, and looks no more. */
  #isWhole = false;

  constructor(
    net: Net,
    { name, oneShot }: Pick<Call, "name" | "oneShot">,
    arrived: (call: Call) => void,
  ) {
    this.name = name;
    this.oneShot = oneShot;
    this.#net = net;
    this.#hasSignal = net.random.chance(0.6);
    const heard = Promise.withResolvers<OneShotAnswer | null>();
    this.heard = heard.promise;
    this.#hear = heard.resolve;
    if (net.faults.strikes("unreachable", name)) this.lost();
    else this.#travel("up", () => arrived(this));
  }

  /** As the object is given it. */
  get request(): CallRequest {
    const text = JSON.stringify(this.oneShot);
    return {
      json: () => Promise.resolve(JSON.parse(text) as unknown),
      signal: this.#aborting.signal,
    };
  }

  get isUnderWay(): boolean {
    return this.#isListening && !this.#isOver && !this.#isCut;
  }

  /** An instance has it, until `served`. */
  taken(served: () => void): void {
    this.#served = served;
  }

  /** The caller reads no more. Some servers hear of it at once; others when they next write, or much later. */
  hangUp(): void {
    if (!this.#isListening) return;
    this.#net.note(() => `${this.name} hangs up`);
    this.#stop(null);
    this.#tellServer();
  }

  /** The connection breaks. What is on its way is lost, and each end hears of it at its own time. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#net.timeline.after(this.#net.random.delayMs(300), () => this.#stop(null));
    this.#tellServer();
  }

  /** The server's process is gone, or was never reached. */
  lost(): void {
    this.#over();
    this.#net.timeline.after(this.#net.random.delayMs(300), () => this.#stop(null));
  }

  /** The object answers: what its response brings is sent as it comes. */
  async answered({ body }: Response): Promise<void> {
    if (this.#isOver || body === null) return;
    this.answeredAtMs = this.#net.timeline.nowMs;
    const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    this.#reader = reader;
    if (this.#net.faults.strikes("lost answer", this.name)) this.cut();
    for (;;) {
      const { done, value } = await reader.read();
      if (this.#isOver) return;
      if (done) break;
      const text = new TextDecoder().decode(value);
      this.#travel("down", () => this.#take(text));
    }
    this.#isWhole = true;
    this.#over();
    this.#travel("down", () => this.#read());
  }

  #take(text: string): void {
    this.#text += text;
    // Who has closed its end sends back that it has.
    if (!this.#isListening) this.#travel("up", () => this.#gone());
  }

  #read(): void {
    this.#net.note(() => `${this.name} reads ${this.#text.trim()}`);
    this.#stop(JSON.parse(this.#text) as OneShotAnswer);
    // What becomes of the connection afterwards is of no concern.
    if (this.#net.random.chance(0.3)) this.#travel("up", () => this.#aborting.abort());
  }

  #stop(answer: OneShotAnswer | null): void {
    if (!this.#isListening) return;
    this.#isListening = false;
    this.#hear(answer);
  }

  #tellServer(): void {
    const { timeline, random } = this.#net;
    const isLate = random.chance(0.4);
    const inMs = isLate ? FOUND_OUT_MS : random.delayMs(300);
    const atMs = Math.max(timeline.nowMs + inMs, this.#freeAtMs.up);
    timeline.at(atMs, () => this.#gone({ isCertain: isLate }));
  }

  /** The server has noticed that nobody reads; the object hears of it by the request's signal, or as it writes. */
  #gone({ isCertain = false } = {}): void {
    if (this.#isOver) return this.#isWhole ? this.missed() : undefined;
    const isTold = this.#hasSignal || isCertain;
    if (!isTold && this.#reader === null) return;
    this.#over();
    this.#net.note(() => `${this.name} is gone, as the server sees it`);
    if (isTold) this.#aborting.abort();
    void this.#reader?.cancel();
    this.#net.timeline.after(0, () => {
      if (!this.isHungUp) this.missed();
    });
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#served();
  }

  #travel(direction: Direction, arrive: () => void): void {
    const { timeline, random } = this.#net;
    const atMs = Math.max(timeline.nowMs + random.delayMs(20), this.#freeAtMs[direction]);
    this.#freeAtMs[direction] = atMs;
    timeline.at(atMs, () => {
      if (!this.#isCut) arrive();
    });
  }
}
