import { spawn, type ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";

/** The ids of this process's children that run the program; null where the kernel does not tell. */
export async function childIds(program: string): Promise<string[] | null> {
  try {
    const threads = await readdir("/proc/self/task");
    const lists = await Promise.all(
      threads.map((thread) => readFile(`/proc/self/task/${thread}/children`, "utf8")),
    );
    const ids = lists.flatMap((list) => list.split(/\s+/)).filter((id) => id !== "");
    const names = await Promise.all(ids.map((id) => readFile(`/proc/${id}/comm`, "utf8")));
    return ids.filter((_, index) => names[index]?.trim() === program);
  } catch {
    return null;
  }
}

/** The memory that a process has in use, in bytes. */
export async function residentBytes(id: string): Promise<number> {
  const status = await readFile(`/proc/${id}/status`, "utf8");
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kilobytes === undefined) throw new Error(`Process ${id} does not tell its memory.`);
  return Number(kilobytes) * 1_024;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a program that is silent; null where it is not installed. */
export async function startProgram(
  command: string,
  args: readonly string[],
): Promise<ChildProcess | null> {
  const child = spawn(command, args, { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("spawn", () => resolve(child));
    child.once("error", () => resolve(null));
  });
}

export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}
