import type { Scene } from "../scene.ts";
import { lockScene } from "./lock.ts";
import { semaphoreScene } from "./semaphore.ts";

export const SCENES: Readonly<Record<string, Scene>> = {
  semaphore: semaphoreScene,
  lock: lockScene,
};
