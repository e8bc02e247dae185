import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LOCK_FILE } from "./config.ts";
import { ServerError } from "./errors.ts";

/**
 * A folder that can be written and is no other server's; made if it is not there.
 *
 * The runtime binds a Unix socket in it, which only one process can, and which answers for exactly as long as
 * that process lives, whoever started it. What is left of a dead one is removed here.
 *
 * @throws ServerError that says what is in the way.
 */
export async function ownFolder(given: string): Promise<string> {
  const dir = resolve(given);
  try {
    await mkdir(dir, { recursive: true });
    const probe = join(dir, `.writable-${randomUUID()}`);
    await writeFile(probe, "");
    await rm(probe);
  } catch (cause) {
    const { message } = cause as Error;
    throw new ServerError(
      `The folder ${dir} cannot be written (${message}): choose another with --dir (option dir).`,
      { cause },
    );
  }
  if (!(await clearedOfTheDead(dir))) throw inUse(dir);
  return dir;
}

export function inUse(dir: string): ServerError {
  return new ServerError(
    `The folder ${dir} is in use by another server: stop that one, or choose another folder with --dir (option dir).`,
  );
}

/** False if a server lives in the folder. */
async function clearedOfTheDead(dir: string): Promise<boolean> {
  await using near = await shortcutTo(dir);
  const socket = join(near.path, LOCK_FILE);
  if (await answers(socket)) return false;
  // Out of the way first: another server may be doing the same, and may have started since that look.
  const aside = join(near.path, `.dead-${randomUUID()}`);
  try {
    await rename(socket, aside);
  } catch {
    return true;
  }
  if (await answers(aside)) {
    await rename(aside, socket);
    return false;
  }
  await rm(aside, { force: true });
  return true;
}

function answers(path: string): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      settle(true);
    });
    socket.once("error", () => settle(false));
  });
}

/** The path of a socket has about a hundred bytes at most; that of a folder may have many more. */
async function shortcutTo(dir: string): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "lw-"));
  const path = join(folder, "dir");
  await symlink(dir, path);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
