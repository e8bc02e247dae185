/** The tour: an embedded server, then each example with its tasks spread over processes. Fails if a promise is broken. */
import { startServer } from "../../server/index.ts";
import { SCENES } from "./scenes/index.ts";
import { play } from "./stage.ts";

await using server = await startServer();
console.log(`Latchwork is listening on ${server.url}`);

const kept = [];
for (const [name, scene] of Object.entries(SCENES)) kept.push(await play(name, scene, server.url));

const broken = kept.filter((good) => !good).length;
console.log(broken === 0 ? "\nThe tour kept every promise." : `\n${broken} broken promises.`);
if (broken > 0) process.exitCode = 1;
