import { storeContract } from '../contracts/store.contract.ts';
import { openPgliteStore } from '../support/pglite-store.ts';
import { testVault } from './support.ts';

storeContract('PostgreSQL inside the process (pglite)', async () => {
  const { store, client } = await openPgliteStore(testVault());
  return {
    store,
    raw: async (statement) => (await client.query<Record<string, unknown>>(statement)).rows,
    script: async (statements) => void (await client.exec(statements.join(';'))),
    close: () => store.close(),
  };
});
