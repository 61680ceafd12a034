import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createStore, type Store } from '../../src/store/index.ts';
import { temporaryFolder, testVault, TEST_KEY } from '../store/support.ts';
import { ran, type Ran } from './told.ts';

export type { Ran };

export interface CommandFolder {
  readonly path: (name: string) => string;
  /** Runs a command as if it were called in a shell: what it wrote, and its exit code. */
  readonly run: (command: (given: readonly string[]) => Promise<number>, ...given: readonly string[]) => Promise<Ran>;
  /** What is in the database of the commands' data folder. */
  readonly inStore: <Result>(fn: (store: Store) => Promise<Result>) => Promise<Result>;
}

/** A new folder for every test of a file, in which commands find their data. `env` goes beside what every command needs. */
export function commandFolder(env: Readonly<Record<string, string>> = {}): CommandFolder {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());
  const path = (name: string): string => join(folder.path, name);
  return {
    path,
    run: (command, ...given) => ran(() => command(given), { DATA_DIR: path('data'), DATABASE_URL: '', VAULT_KEY: TEST_KEY.toString('base64'), ...env }),
    inStore: async (fn) => {
      const store = await createStore({ dataDir: path('data'), vault: testVault() });
      try {
        return await fn(store);
      } finally {
        await store.close();
      }
    },
  };
}
