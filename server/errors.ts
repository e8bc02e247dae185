/** The server could not be started, or has died. The message says what to do. */
export class ServerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ServerError";
  }
}
