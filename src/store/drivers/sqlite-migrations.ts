import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { toStoreError } from '../failures.ts';
import { type MigrationReport, readJournal, reportOf } from '../journal.ts';
import { openSqliteClient, type SqliteClient } from './sqlite-client.ts';

const MIGRATIONS = fileURLToPath(new URL('../migrations/sqlite', import.meta.url));
/** How long it waits for another process that makes the same tables, ms. */
const PATIENCE_MS = 10_000;

/** Brings the tables of a file (made when missing) up to date, and says what was done. */
export async function migrateSqlite(file: string): Promise<MigrationReport> {
  mkdirSync(dirname(file), { recursive: true });
  const client = openSqliteClient(file, { timeout: PATIENCE_MS });
  try {
    client.exec('pragma journal_mode = WAL');
    const before = lastApplied(client);
    bringUpToDate(client);
    return reportOf('sqlite', await readJournal(MIGRATIONS), before, lastApplied(client));
  } catch (error) {
    throw toStoreError(error);
  } finally {
    client.close();
  }
}

/** Are all committed migrations applied, and none that this program does not know? */
export async function isSqliteUpToDate(client: SqliteClient): Promise<boolean> {
  return (await readJournal(MIGRATIONS)).at(-1)?.when === lastApplied(client);
}

/**
 * Applies what is missing in one transaction and notes it as drizzle's own migrator does, which would leave a prepared statement
 * behind for every line. Two processes may start on a fresh folder at once: the one that comes second waits, and then looks.
 */
export function bringUpToDate(client: SqliteClient): void {
  const migrations = readMigrationFiles({ migrationsFolder: MIGRATIONS });
  const missing = (): typeof migrations => {
    const last = lastApplied(client);
    return last === null ? migrations : migrations.filter(({ folderMillis }) => folderMillis > last);
  };
  if (missing().length === 0) return;
  client.exec('begin immediate');
  try {
    client.exec('create table if not exists yihu_migrations (id serial primary key, hash text not null, created_at numeric)');
    for (const { sql, hash, folderMillis } of missing()) {
      for (const statement of sql) client.exec(statement);
      client.prepare('insert into yihu_migrations (hash, created_at) values (?, ?)').run(hash, folderMillis);
    }
    client.exec('commit');
  } catch (error) {
    if (client.inTransaction) client.exec('rollback');
    throw error;
  }
}

/** The mark of the newest applied migration; null in an empty database. */
function lastApplied(client: SqliteClient): number | null {
  const known = client.prepareRaw("select 1 from sqlite_master where type = 'table' and name = 'yihu_migrations'").get();
  const at = known === undefined ? null : client.prepareRaw('select max(created_at) from yihu_migrations').get()?.[0];
  return typeof at === 'number' ? at : null;
}
