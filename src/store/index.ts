import { join } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { Store, Vault } from './contract.ts';
import type { MigrationReport } from './journal.ts';

export type * from './contract.ts';
export type { MigrationReport } from './journal.ts';
export { createVault, type VaultOptions } from './vault.ts';

export interface StoreOptions {
  /** Empty: SQLite in `dataDir`. `postgres://…`: PostgreSQL. */
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  /** PostgreSQL only: connections at most; 16 unless told. */
  readonly connections?: number | undefined;
  /** PostgreSQL only: a statement that takes longer is given up, ms; 15,000 unless told. */
  readonly statementMs?: number | undefined;
  /** SQLite only; FULL unless told. */
  readonly synchronous?: 'FULL' | 'NORMAL' | undefined;
  readonly vault: Vault;
  readonly log?: { warn(facts: object, text: string): void } | undefined;
  /** Told after every commit of a group of writes (SQLite); for measures. */
  readonly onCommit?: ((group: { readonly jobs: number; readonly ms: number }) => void) | undefined;
}

/** Opens the store and brings its tables up to date. Rejects with AppError `store.bad_url` or whatever the database says. */
export async function createStore({ databaseUrl = '', dataDir, connections, statementMs, synchronous, vault, log, onCommit }: StoreOptions): Promise<Store> {
  if (databaseUrl === '') {
    const { openSqliteStore } = await import('./drivers/sqlite.ts');
    return openSqliteStore({ file: sqliteFile(dataDir), vault, synchronous, onCommit });
  }
  refuseOtherUrls(databaseUrl);
  const { openPostgresStore } = await import('./drivers/postgres.ts');
  return openPostgresStore({ url: databaseUrl, vault, log, connections, statementMs });
}

/** Brings the tables up to date without opening the store, and says what was done. Rejects like `createStore`. */
export async function migrateStore({ databaseUrl = '', dataDir }: Pick<StoreOptions, 'databaseUrl' | 'dataDir'>): Promise<MigrationReport> {
  if (databaseUrl === '') {
    const { migrateSqlite } = await import('./drivers/sqlite.ts');
    return migrateSqlite(sqliteFile(dataDir));
  }
  refuseOtherUrls(databaseUrl);
  const { migratePostgres } = await import('./drivers/postgres-migrations.ts');
  return migratePostgres(databaseUrl);
}

/** Where SQLite's file lies. */
export const sqliteFile = (dataDir: string): string => join(dataDir, 'yihu.sqlite3');

function refuseOtherUrls(databaseUrl: string): void {
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) throw new AppError('store.bad_url', 'DATABASE_URL must be empty or begin with postgres://', { status: 500 });
}
