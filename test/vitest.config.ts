import { defineConfig } from 'vitest/config';
import { HeaviestFirst } from './support/heaviest-first.ts';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      // Whole houses, with everything that a process has once: each file in a process of its own.
      { extends: true, test: { name: 'houses', include: ['test/story/**/*.test.ts'] } },
      // A worker reads a module once, not once a file: that was a third of the whole run. So files share their process: they put
      // back what they change (timers, output, environment), and modules keep no state that another file could meet.
      { extends: true, test: { name: 'parts', include: ['test/**/*.test.ts', 'channels/**/*.test.ts'], exclude: ['test/story/**', '**/node_modules/**'], isolate: false, globalSetup: [new URL('./support/test-run.ts', import.meta.url).pathname] } },
    ],
    sequence: { sequencer: HeaviestFirst },
    // Real browsers and real processes share two cores in CI: two more tries there, none on a developer's machine.
    retry: process.env['CI'] === 'true' ? 2 : 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: [new URL('./support/closing-line-reporter.ts', import.meta.url).pathname],
  },
});
