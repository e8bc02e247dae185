import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { offeredProtocols, type Hello } from "../../../sdk/protocol.ts";

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9 } as const;

/** A WebSocket frame as somebody writes it who need not keep to the rules. */
export interface RawFrame {
  readonly opcode?: number;
  readonly isLast?: boolean;
  /** The three bits that no extension has a meaning for here. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
  readonly payload?: string | Uint8Array;
  /** What the frame says of its length, where that is not true. */
  readonly statedLength?: bigint;
}

const LENGTH_16 = 126;
const LENGTH_64 = 127;
/** How many bytes more tell the length. */
const EXTENDED_LENGTHS = new Map([
  [LENGTH_16, 2],
  [LENGTH_64, 8],
]);

export function encodeFrame(frame: RawFrame): Buffer {
  const { opcode = OPCODES.text, isLast = true, reserved = 0, isMasked = true } = frame;
  const payload = Buffer.from(frame.payload ?? "");
  const length = frame.statedLength ?? BigInt(payload.length);
  const first = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = isMasked ? randomBytes(4) : Buffer.alloc(0);
  const masked = isMasked ? payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)) : payload;
  return Buffer.concat([Buffer.from([first]), encodeLength(length, isMasked), mask, masked]);
}

function encodeLength(length: bigint, isMasked: boolean): Buffer {
  const bit = isMasked ? 0x80 : 0;
  if (length < LENGTH_16) return Buffer.from([bit | Number(length)]);
  const head = Buffer.alloc(length < 65_536 ? 3 : 9);
  head[0] = bit | (head.length === 3 ? LENGTH_16 : LENGTH_64);
  if (head.length === 3) head.writeUInt16BE(Number(length), 1);
  else head.writeBigUInt64BE(length, 1);
  return head;
}

export function helloOf(changes: Partial<Hello> = {}): Hello {
  return {
    session: randomBytes(16).toString("base64url"),
    secret: randomBytes(16).toString("base64url"),
    client: "hostile",
    ttlMs: 200,
    attempt: 1,
    resume: false,
    ...changes,
  };
}

export function upgradeLines(path: string, hello: Hello): string[] {
  return [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Protocol: ${offeredProtocols(hello).join(", ")}`,
    "",
    "",
  ];
}

/** A client that keeps to no rule: it writes bytes, and sees what comes back. */
export class RawSocket implements Disposable {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  readonly #looks = new Set<() => void>();
  /** The texts of the frames that have come. */
  readonly texts: string[] = [];
  /** What the answer to the request began with; "" while there is none. */
  head = "";
  isClosed = false;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (bytes) => this.#receive(bytes));
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.isClosed = true;
      this.#look();
    });
  }

  /** With its session open, or refused. */
  static async open(port: number, path: string, hello = helloOf()): Promise<RawSocket> {
    const socket = new RawSocket(port);
    void socket.write(upgradeLines(path, hello).join("\r\n"));
    await socket.until(() => socket.texts.length > 0);
    return socket;
  }

  /** Resolves when it was written, or cannot be. */
  write(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  send(frame: RawFrame | string): Promise<void> {
    return this.write(encodeFrame(typeof frame === "string" ? { payload: frame } : frame));
  }

  /** Sends a request, and waits for the answer to it; `null` if the socket is closed instead. */
  async ask(id: number, request: object): Promise<string | null> {
    const start = `{"re":${id},`;
    void this.send(JSON.stringify([{ id, ...request }]));
    await this.until(() => this.texts.some((text) => text.includes(start)));
    return this.texts.find((text) => text.includes(start)) ?? null;
  }

  stopReading(): void {
    this.#socket.pause();
  }

  /** Waits until it is so, or the socket is closed; fails when neither comes for a long time. */
  async until(isSo: () => boolean, patienceMs = 20_000): Promise<void> {
    if (isSo() || this.isClosed) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const said = [this.head, ...this.texts].join("\n").slice(0, 500);
        reject(new Error(`Neither an answer nor a close for ${patienceMs} ms, after: ${said}`));
      }, patienceMs);
      const look = (): void => {
        if (!isSo() && !this.isClosed) return;
        this.#looks.delete(look);
        clearTimeout(timer);
        resolve();
      };
      this.#looks.add(look);
    });
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #look(): void {
    for (const look of this.#looks) look();
  }

  #receive(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.head === "") {
      const end = this.#bytes.indexOf("\r\n\r\n");
      if (end === -1) return;
      this.head = this.#bytes.subarray(0, end).toString();
      this.#bytes = this.#bytes.subarray(end + 4);
    }
    if (this.head.startsWith("HTTP/1.1 101")) while (this.#readFrame());
    this.#look();
  }

  /** False if there is no whole frame. What the server sends is short frames, whole and unmasked. */
  #readFrame(): boolean {
    const [first = 0, second = 0] = this.#bytes;
    const headLength = 2 + (EXTENDED_LENGTHS.get(second) ?? 0);
    if (this.#bytes.length < headLength) return false;
    const extended = this.#bytes.subarray(2, headLength).toString("hex");
    const length = extended === "" ? second : Number.parseInt(extended, 16);
    if (this.#bytes.length < headLength + length) return false;
    const payload = this.#bytes.subarray(headLength, headLength + length);
    this.#bytes = this.#bytes.subarray(headLength + length);
    const opcode = first & 0x0f;
    if (opcode === OPCODES.text) this.texts.push(payload.toString());
    // A client that has been told to go, goes.
    if (opcode === OPCODES.close) this.#socket.end();
    return true;
  }
}
