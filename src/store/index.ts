import { join } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { Store, Vault } from './contract.ts';

export type * from './contract.ts';
export { createVault, type VaultOptions } from './vault.ts';

export interface StoreOptions {
  /** Empty: SQLite in `dataDir`. `postgres://…`: PostgreSQL. */
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  /** SQLite only; FULL unless told. */
  readonly synchronous?: 'FULL' | 'NORMAL' | undefined;
  readonly vault: Vault;
  readonly log?: { warn(facts: object, text: string): void } | undefined;
  /** Told after every commit of a group of writes (SQLite); for measures. */
  readonly onCommit?: ((group: { readonly jobs: number; readonly ms: number }) => void) | undefined;
}

/** Opens the store and brings its tables up to date. Rejects with AppError `store.bad_url` or whatever the database says. */
export async function createStore({ databaseUrl = '', dataDir, synchronous, vault, log, onCommit }: StoreOptions): Promise<Store> {
  if (databaseUrl === '') {
    const { openSqliteStore } = await import('./drivers/sqlite.ts');
    return openSqliteStore({ file: join(dataDir, 'yihu.sqlite3'), vault, synchronous, onCommit });
  }
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) throw new AppError('store.bad_url', 'DATABASE_URL must be empty or begin with postgres://', { status: 500 });
  const { openPostgresStore } = await import('./drivers/postgres.ts');
  return openPostgresStore({ url: databaseUrl, vault, log });
}
