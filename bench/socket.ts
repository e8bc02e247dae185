/** Where to dial. */
export interface Server {
  readonly url: string;
}

/** Sockets are opened so many at a time: more at once would only wait in the kernel. */
const OPENING = 100;

/** Opens a WebSocket, which is closed with `stack`. `fail` is told if it ends before that. */
export async function openSocket(
  address: { url: string; protocols?: string[] },
  events: { message: (text: string) => void; fail: (error: Error) => void },
  stack: AsyncDisposableStack,
): Promise<WebSocket> {
  const socket = new WebSocket(address.url.replace(/^http/, "ws"), address.protocols ?? []);
  socket.onmessage = ({ data }) => events.message(data as string);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onclose = () => reject(new Error(`${address.url} could not be opened.`));
  });
  socket.onclose = ({ code }) => events.fail(new Error(`${address.url} was closed with ${code}.`));
  stack.defer(() => {
    socket.onclose = null;
    socket.close();
  });
  return socket;
}

/** Opens so many of something. */
export async function openMany<Opened>(
  count: number,
  open: (index: number) => Opened | Promise<Opened>,
): Promise<Opened[]> {
  const opened: Opened[] = [];
  while (opened.length < count) {
    const from = opened.length;
    const length = Math.min(OPENING, count - from);
    const opening = Array.from({ length }, async (_, index) => open(from + index));
    opened.push(...(await Promise.all(opening)));
  }
  return opened;
}
