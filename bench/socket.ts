/** Opens a WebSocket, which is closed with `stack`. `fail` is told if it ends before that. */
export async function openSocket(
  address: { url: string; protocols?: string[] },
  events: { message: (text: string) => void; fail: (error: Error) => void },
  stack: AsyncDisposableStack,
): Promise<WebSocket> {
  const socket = new WebSocket(address.url, address.protocols ?? []);
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
