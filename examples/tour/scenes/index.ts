import type { Scene } from "../scene.ts";
import { conditionScene } from "./condition.ts";
import { eventScene } from "./event.ts";
import { limiterScene } from "./limiter.ts";
import { lockScene } from "./lock.ts";
import { semaphoreScene } from "./semaphore.ts";
import { streamScene } from "./stream.ts";

export const SCENES: Readonly<Record<string, Scene>> = {
  semaphore: semaphoreScene,
  lock: lockScene,
  event: eventScene,
  condition: conditionScene,
  limiter: limiterScene,
  stream: streamScene,
};
