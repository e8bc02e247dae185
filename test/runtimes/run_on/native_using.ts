/** Explicit resource management as it is written: bundled apart from the suite, and not compiled away. */
export async function withNativeUsing<Value>(
  open: () => Promise<AsyncDisposable>,
  look: () => Promise<Value>,
): Promise<Value> {
  await using _held = await open();
  return await look();
}
