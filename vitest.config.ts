import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Runs of tests are written down here, and not among those of whoever tests. */
const XDG_STATE_HOME = join(tmpdir(), `run-playbook-tests-${userInfo().username}`);

const alias = { 'run-playbook': fileURLToPath(new URL('src/index.ts', import.meta.url)) };

/** What clients notice is measured: one file at a time, since hosts share the machine's cores. */
const MEASURED = ['drill', 'dual', 'failover', 'faults', 'upgrade', 'watch'].map(
  (name) => `test/lab/${name}.test.ts`,
);

const LAB_TIMEOUTS = { testTimeout: 120_000, hookTimeout: 240_000 };

export default defineConfig({
  resolve: { alias },
  test: {
    env: { XDG_STATE_HOME },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', 'test/contract/**', 'test/faults/**'],
          // One module graph per worker: starting one per file costs more than the tests do.
          isolate: false,
          maxWorkers: 2,
          // A busy machine is no failure.
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts', 'test/contract/**/*.test.ts'],
          exclude: MEASURED,
          // Each has a lab of its own, and waits for its hosts most of the time.
          maxWorkers: 2,
          // After the others, which would take the cores from under it.
          sequence: { groupOrder: 1 },
          ...LAB_TIMEOUTS,
        },
      },
      {
        extends: true,
        test: {
          name: 'measured',
          include: MEASURED,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          ...LAB_TIMEOUTS,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/faults/support/table.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          testTimeout: 300_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
