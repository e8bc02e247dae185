/** Puts the Worker, as one module, beside the compiled server, which runs it. A part of `npm run build`. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "../server/bundle.ts";
import { WORKER_FILE } from "../server/config.ts";
import { ROOT } from "./files.ts";

const module = await bundle(join(ROOT, "worker/index.ts"));
await writeFile(join(ROOT, "dist/server", WORKER_FILE), module);
