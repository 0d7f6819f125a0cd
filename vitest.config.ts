import { defineConfig } from 'vitest/config';

/** Folders whose tests are functions over data, and a command now and then: no server, no native library, no state of a process. */
const plainFolders = ['catalogue', 'cli', 'contract', 'imf', 'plan', 'signals', 'verify'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
const never = ['test/**/*.slow.test.ts', 'node_modules/**'];

/** Fast suites: everything under test/ except *.slow.test.ts. Those over data share processes, which halves their time. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'data', include: plainFolders, exclude: never, isolate: false } },
      {
        extends: true,
        test: { name: 'media', include: ['test/**/*.test.ts'], exclude: [...never, ...plainFolders] },
      },
    ],
  },
});
