import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { toStoreError } from '../failures.ts';
import { type MigrationReport, readJournal, reportOf } from '../journal.ts';

/** Where the committed migrations lie and are noted; also for stand-ins of a server. */
export const POSTGRES_MIGRATIONS = {
  migrationsFolder: fileURLToPath(new URL('../migrations/postgres', import.meta.url)),
  migrationsSchema: 'public',
  migrationsTable: 'yihu_migrations',
};

const CONNECT_MS = 10_000;

/**
 * Brings the tables up to date, one process at a time: the others wait behind an advisory lock, however long it takes,
 * and then find nothing to do.
 * @throws AppError `store.failed` (retry `later`) when the server is not there
 */
export async function migratePostgres(url: string): Promise<MigrationReport> {
  const client = new pg.Client({ connectionString: url, application_name: 'yihu migrations', connectionTimeoutMillis: CONNECT_MS, keepAlive: true });
  client.on('error', () => {}); // told by the query that it breaks
  try {
    await client.connect();
    // Whatever the role's own limits are: waiting for the lock and building an index take their time.
    await client.query("set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0; set session characteristics as transaction read write");
    await client.query("select pg_advisory_lock(hashtextextended('yihu migrations', 0))");
    const before = await lastApplied(client);
    await migrate(drizzle(client), POSTGRES_MIGRATIONS);
    return reportOf('postgres', await readJournal(POSTGRES_MIGRATIONS.migrationsFolder), before, await lastApplied(client));
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client.end().catch(() => {}); // ending the session frees the lock
  }
}

/** Are all committed migrations applied, and none that this program does not know? */
export async function isPostgresUpToDate(client: pg.Client): Promise<boolean> {
  return (await readJournal(POSTGRES_MIGRATIONS.migrationsFolder)).at(-1)?.when === (await lastApplied(client));
}

async function lastApplied(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ known: boolean }>("select to_regclass('public.yihu_migrations') is not null as known");
  if (rows[0]?.known !== true) return null;
  const applied = await client.query<{ at: string | null }>('select max(created_at) as at from public.yihu_migrations');
  const at = applied.rows[0]?.at ?? null;
  return at === null ? null : Number(at);
}
