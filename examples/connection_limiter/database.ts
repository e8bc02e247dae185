/** A database that takes so many connections and no more, as they do. It counts, and answers when the director lets it. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

export class SmallDatabase {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  readonly #questions: (() => void)[] = [];
  connectionsMax: number;
  /** The most that there were at once, since this was last set to 0. */
  most = 0;
  refused = 0;
  isAnswering = false;

  constructor(connectionsMax: number) {
    this.connectionsMax = connectionsMax;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Answers what was asked, and from now on at once. */
  answer(): void {
    this.isAnswering = true;
    for (const reply of this.#questions.splice(0)) reply();
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #welcome(socket: Socket): void {
    socket.on("error", () => {});
    if (this.#connections.size >= this.connectionsMax) {
      this.refused += 1;
      socket.end("FATAL: too many connections\n");
      return;
    }
    this.#connections.add(socket);
    this.most = Math.max(this.most, this.#connections.size);
    socket.once("close", () => this.#connections.delete(socket));
    createInterface({ input: socket }).on("line", (line) => {
      if (line === "bye") {
        this.#connections.delete(socket);
        socket.end("bye\n");
        return;
      }
      const reply = (): void => void socket.write(`rows for ${line}\n`);
      if (this.isAnswering) reply();
      else this.#questions.push(reply);
    });
    socket.write("welcome\n");
  }
}
