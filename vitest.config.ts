import { availableParallelism } from "node:os";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Vitest leaves one core to itself: of two that is half, and it hardly needs any. */
const WORKERS = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  test: {
    maxWorkers: WORKERS,
    projects: [
      {
        test: {
          name: "node",
          include: [
            "test/{bench,cli,core,host,lint,middleware,sdk,simulation,testing,tools}/**/*.test.ts",
          ],
          // They leave nothing behind, so files share their workers, which saves a third of their time.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: {
          name: "workerd",
          include: ["test/{objects,worker}/**/*.test.ts"],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Real processes, real clocks: after the others, and few at a time, since they mostly wait.
        test: {
          name: "e2e",
          include: ["test/{e2e,faults}/**/*.test.ts"],
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
