import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../src/store/drivers/postgres.ts';
import { migrateStore } from '../../src/store/index.ts';
import { POSTGRES_MISSING, postgresForTests } from '../support/postgres.ts';
import { testVault } from './support.ts';

const server = await postgresForTests();

if (server === null) {
  describe.skip('migrations of PostgreSQL', () => {
    it(POSTGRES_MISSING, () => {});
  });
} else {
  afterAll(() => server.close());

  describe('migrations of PostgreSQL', () => {
    it('are done once when processes start together on an empty database', async () => {
      const { url, drop } = await server.fresh();
      const script = fileURLToPath(new URL('children/open-postgres-and-write.ts', import.meta.url));
      const children = ['a', 'b'].map((name) => spawn(process.execPath, ['--import', 'tsx', script, url, name], { stdio: 'inherit' }));
      for (const [code] of await Promise.all(children.map((child) => once(child, 'exit')))) expect(code).toBe(0);
      const store = await openPostgresStore({ url, vault: testVault(), connections: 2 });
      expect(await store.read((repos) => repos.outbox.counts(0))).toMatchObject({ ready: 40 });
      await store.close();
      await drop();
    });

    it('wait for another process as long as it takes, whatever limit the database sets', async () => {
      const { url, drop } = await server.fresh();
      const other = new pg.Client({ connectionString: url });
      await other.connect();
      const name = new URL(url).pathname.slice(1);
      await other.query(`alter database ${name} set statement_timeout = '50ms'; alter database ${name} set lock_timeout = '50ms'; set statement_timeout = 0`);
      await other.query("select pg_advisory_lock(hashtextextended('yihu migrations', 0))");
      const migrating = migrateStore({ databaseUrl: url, dataDir: '/nowhere' });
      for (let waits = 0; waits === 0; ) {
        const { rows } = await other.query<{ waits: number }>("select count(*)::int as waits from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())");
        waits = rows[0]?.waits ?? 0;
      }
      await other.query('select pg_sleep(0.3)'); // far beyond the database's own limit
      await other.query("select pg_advisory_unlock(hashtextextended('yihu migrations', 0))");
      const first = await migrating;
      expect(first).toMatchObject({ dialect: 'postgres', from: null, to: first.ran.at(-1) });
      expect(first.ran.length).toBeGreaterThan(0);
      expect(await migrateStore({ databaseUrl: url, dataDir: '/nowhere' })).toEqual({ dialect: 'postgres', from: first.to, to: first.to, ran: [] });
      await other.end();
      await drop();
    });
  });
}
