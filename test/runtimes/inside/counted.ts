/** The runtime's own `WebSocket`, counted. */
export class CountedWebSocket extends WebSocket {
  static opened = 0;
  static open = 0;

  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    CountedWebSocket.opened += 1;
    CountedWebSocket.open += 1;
    this.addEventListener("close", () => (CountedWebSocket.open -= 1));
  }
}
