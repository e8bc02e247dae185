/** A producer, in Frankfurt: it orders thumbnails, and wants to know when all are there. */
import { act } from "../theatre/part.ts";
import { produce, type Job } from "./queue.ts";

export interface Thumbnail extends Job {
  readonly picture: string;
}

export interface ShopRole {
  readonly name: string;
  readonly jobs: number;
  readonly batchSize: number;
}

export type ShopSaid =
  | { readonly is: "offers"; readonly id: string }
  | { readonly is: "knows that all is done" };

await act<ShopRole, ShopSaid>(async ({ role, latchwork, ending, say }) => {
  function* thumbnails(): Generator<Thumbnail> {
    for (let n = 1; n <= role.jobs; n += 1) {
      const id = `${role.name}/${n}`;
      say({ is: "offers", id });
      yield { id, batchSize: role.batchSize, picture: `${id}.jpg` };
    }
  }
  await produce(latchwork, "thumbnails", thumbnails, ending);
  say({ is: "knows that all is done" });
});
