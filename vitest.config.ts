import { defineConfig } from "vitest/config";

/** Rooms whose tests measure no time and share nothing: a slow neighbour changes nothing. */
const PURE = ["core", "data", "edge", "flat", "pipelines", "table", "tidy", "wire"].map((room) => `test/${room}/**/*.test.ts`);

export default defineConfig({
  test: {
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    projects: [
      { extends: true, test: { name: "pure", include: PURE, fileParallelism: true, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      {
        // Two cores: tests with threads and sockets get the machine to themselves, so that a slow neighbour is never the reason for a failure.
        extends: true,
        test: { name: "alone", include: ["test/**/*.test.ts"], exclude: PURE, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
