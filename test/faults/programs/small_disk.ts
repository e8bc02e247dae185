/** `small_disk.ts FOLDER`: a server on a disk of a few megabytes, in a mount namespace of its own: nobody else sees the disk, and nothing is left. */
import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { startServer, type EmbeddedServer } from "../../../server/index.ts";

export type DiskOrder = "fill" | "free" | "kill" | "start";
export type DiskReport =
  | { readonly is: "ready"; readonly url: string }
  | { readonly is: "impossible"; readonly why: string }
  | { readonly is: "done" };

const SIZE = "32m";
const BLOCK = Buffer.alloc(4_096);

const say = (report: DiskReport): void => void process.send?.(report);
const [, , folder = ""] = process.argv;
const ballast = join(folder, "ballast");
let server: EmbeddedServer | null = null;
let port = 0;

process.once("disconnect", () => void end());
try {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "latchwork", folder], {
    stdio: "pipe",
  });
} catch (error) {
  say({ is: "impossible", why: `the disk could not be mounted: ${String(error)}` });
  process.exit();
}
await start();
process.on("message", (order) => void obey(order as DiskOrder).then(() => say({ is: "done" })));
say({ is: "ready", url: `http://127.0.0.1:${port}` });

async function obey(order: DiskOrder): Promise<void> {
  switch (order) {
    case "fill":
      return fill();
    case "free":
      return rmSync(ballast);
    case "kill":
      return server?.kill();
    case "start":
      return start();
  }
}

async function start(): Promise<void> {
  server = await startServer({ dir: folder, port, log: () => {} });
  ({ port } = server);
}

function fill(): void {
  const file = openSync(ballast, "w");
  try {
    for (;;) {
      writeSync(file, BLOCK);
      fsyncSync(file);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    closeSync(file);
  }
}

async function end(): Promise<void> {
  await server?.kill();
  process.exit();
}
