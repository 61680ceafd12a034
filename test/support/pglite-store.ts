import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import type { Store, Vault } from '../../src/store/contract.ts';
import { type PostgresLink, servePostgres } from '../../src/store/drivers/postgres.ts';
import { POSTGRES_MIGRATIONS } from '../../src/store/drivers/postgres-migrations.ts';

/** The PostgreSQL store on a PostgreSQL inside this process: one connection, in memory, so that doors wait for each other. */
export async function openPgliteStore(vault: Vault): Promise<{ readonly store: Store; readonly client: PGlite }> {
  const client = await PGlite.create();
  const database = drizzle(client);
  await migrate(database, POSTGRES_MIGRATIONS);
  let free = Promise.resolve();
  let release = (): void => {};
  const link: PostgresLink = {
    database,
    pipelined: false,
    command: async (text) => void (await client.exec(text)),
    release: () => release(),
  };
  const store = servePostgres(
    {
      async take() {
        const before = free;
        let done = (): void => {};
        free = new Promise((resolve) => (done = resolve));
        await before;
        release = done;
        return link;
      },
      close: () => client.close(),
    },
    vault,
  );
  return { store, client };
}
