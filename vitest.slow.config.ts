import { defineConfig } from 'vitest/config';

/** Slow suites: whole corpora, many real transcodes, fault storms. */
export default defineConfig({
  test: {
    include: ['test/**/*.slow.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    // Of tests that say that they may run beside one another.
    maxConcurrency: 3,
  },
});
