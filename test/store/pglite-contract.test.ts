import { doorContract } from '../contracts/store/doors.ts';
import { ticketContract } from '../contracts/store/tickets.ts';
import { storeContract, type StoreUnderTest } from '../contracts/store.contract.ts';
import { openPgliteStore } from '../support/pglite-store.ts';
import { postgresForTests } from '../support/postgres.ts';
import { testVault } from './support.ts';

async function open(): Promise<StoreUnderTest> {
  const { store, client } = await openPgliteStore(testVault());
  return {
    store,
    raw: async (statement) => (await client.query<Record<string, unknown>>(statement)).rows,
    script: async (statements) => void (await client.exec(statements.join(';'))),
    close: () => store.close(),
  };
}

/** It stands in for a server where there is none. Where there is one, that shows the whole contract (postgres-contract.test.ts), and this one only that it can stand in. */
const server = await postgresForTests();
await server?.close();
if (server === null) storeContract('PostgreSQL inside the process (pglite)', open);
else storeContract('PostgreSQL inside the process (pglite): doors and tickets, as there is a server for the rest', open, [doorContract, ticketContract]);
