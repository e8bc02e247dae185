import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Edit, Mutant } from "./mutant.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const COPIED = ["objects", "sdk", "test/simulation", "package.json", "tsconfig.base.json"];

/** The code as it is now. Copies are made from it, so that whoever goes on working on it disturbs no run. */
export class Original implements Disposable {
  readonly folder: string;

  constructor() {
    this.folder = copyOf(ROOT);
    symlinkSync(path.join(ROOT, "node_modules"), path.join(this.folder, "node_modules"));
  }

  /** Another copy, with the bug in it. */
  mutated(mutant: Mutant): Copy {
    const folder = copyOf(this.folder);
    symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
    const edits = mutant.also === undefined ? [mutant] : [mutant, mutant.also];
    for (const edit of edits) {
      const file = path.join(folder, edit.file);
      writeFileSync(file, mutate(readFileSync(file, "utf8"), edit));
    }
    return { folder, [Symbol.dispose]: () => remove(folder) };
  }

  [Symbol.dispose](): void {
    remove(this.folder);
  }
}

export interface Copy extends Disposable {
  readonly folder: string;
}

/** @throws where what is to be replaced does not occur exactly once: the code has changed, and the mutant must too. */
export function mutate(text: string, { file, find, replace }: Edit): string {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    const count = text.split(find).length - 1;
    throw new Error(
      `This mutant does not apply any more: in ${file} its text occurs ${count} times, not once:\n${find}`,
    );
  }
  return before + replace + after;
}

function copyOf(root: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "latchwork-mutant-"));
  for (const name of COPIED) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  return folder;
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
