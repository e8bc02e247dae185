/** Waits for the condition, looking whenever the event loop comes round; fails with `running` if that fails first. */
export async function until(condition: () => boolean, running: Promise<unknown>): Promise<void> {
  const state = { running: true };
  const end = (): void => {
    state.running = false;
  };
  running.then(end, end);
  while (!condition()) {
    if (!state.running) return void (await running);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Asks until it is so; the test's own time limit is the end of it. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
