import { connect, type Socket } from "node:net";
import { createInterface, type Interface } from "node:readline";
import type { Connection } from "./with_connection.ts";

/** The database's driver: a line there, a line back. */
export class DatabaseConnection implements Connection {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket, lines: Interface) {
    this.#socket = socket;
    this.#lines = lines[Symbol.asyncIterator]();
    socket.on("error", () => {});
    socket.once("close", () => lines.close());
  }

  static async open(port: number): Promise<DatabaseConnection> {
    const socket = connect(port, "127.0.0.1");
    const connection = new DatabaseConnection(socket, createInterface({ input: socket }));
    const greeting = await connection.#hear();
    if (greeting !== "welcome") throw new Error(greeting);
    return connection;
  }

  async query(question: string): Promise<string> {
    this.#socket.write(`${question}\n`);
    return this.#hear();
  }

  /** Settles when the database has let it go. */
  async close(): Promise<void> {
    if (this.#socket.destroyed) return;
    this.#socket.write("bye\n");
    await this.#hear();
    this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #hear(): Promise<string> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("The database has hung up.");
    return line.value;
  }
}
