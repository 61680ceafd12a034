import { join } from 'node:path';
import Client from 'better-sqlite3';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { storeContract } from '../contracts/store.contract.ts';
import { temporaryFolder, testVault } from './support.ts';

storeContract('SQLite', async () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'yihu.sqlite3');
  const store = openSqliteStore({ file, vault: testVault(), synchronous: 'NORMAL' });
  const beneath = new Client(file);
  return {
    store,
    async raw(statement) {
      const prepared = beneath.prepare<[], Record<string, unknown>>(statement);
      if (prepared.reader) return prepared.all();
      prepared.run();
      return [];
    },
    script: async (statements) => void beneath.exec(['begin', ...statements, 'commit'].join(';')),
    async close() {
      await store.close();
      beneath.close();
      folder.remove();
    },
  };
});
