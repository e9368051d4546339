import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const alias = { 'run-playbook': fileURLToPath(new URL('src/index.ts', import.meta.url)) };

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', 'test/contract/**'],
          // One module graph per worker: starting one per file costs more than the tests do.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts', 'test/contract/**/*.test.ts'],
          // The hosts share the machine's cores: one file at a time, so that measured outages mean something.
          fileParallelism: false,
          // After the others, which would take the cores from under it.
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
