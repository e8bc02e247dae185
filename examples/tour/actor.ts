/** One process of a scene: `actor.ts SERVER_URL SCENE TASK…`. Reports to its parent what its tasks do. */
import { connect } from "../../sdk/index.ts";
import { SCENES } from "./scenes/index.ts";

const [url = "", sceneName = "", ...tasks] = process.argv.slice(2);
const scene = SCENES[sceneName];
if (scene === undefined) throw new Error(`There is no scene "${sceneName}".`);

await using latchwork = connect(url, { client: `process ${process.pid}` });
await Promise.all(
  tasks.map(Number).map((task) =>
    scene.task(latchwork, task, (what, { permits = 1, token = 0, note = "" } = {}) => {
      process.send?.({ task, what, permits, token, note, atNs: process.hrtime.bigint() });
    }),
  ),
);
process.disconnect();
