import { onTestFinished, vi } from "vitest";
import type { NamedObject } from "./named_object.ts";

export interface Written {
  readonly rows: number;
  /** A `setAlarm` is billed as a row, too. */
  readonly alarms: number;
}

/** Tells what was written since it was last asked, as the platform counts it. */
export async function meter(object: NamedObject): Promise<() => Written> {
  const { sql, storage } = await object.inside((ctx) => ({
    sql: Object.getPrototypeOf(ctx.storage.sql) as SqlStorage,
    storage: Object.getPrototypeOf(ctx.storage) as DurableObjectStorage,
  }));
  const exec = vi.spyOn(sql, "exec");
  const setAlarm = vi.spyOn(storage, "setAlarm");
  onTestFinished(() => {
    exec.mockRestore();
    setAlarm.mockRestore();
  });
  return () => {
    const cursors = exec.mock.results.map(({ value }) => value as SqlStorageCursor<never>);
    const rows = cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
    const written = { rows, alarms: setAlarm.mock.calls.length };
    exec.mockClear();
    setAlarm.mockClear();
    return written;
  };
}
