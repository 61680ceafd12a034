import { PGlite } from '@electric-sql/pglite';
import { drizzle as drizzleServer } from 'drizzle-orm/node-postgres';
import { migrate as migrateServer } from 'drizzle-orm/node-postgres/migrator';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator';
import pg from 'pg';
import type { Store, Vault } from '../../src/store/contract.ts';
import { POSTGRES_MIGRATIONS } from '../../src/store/drivers/postgres-migrations.ts';
import { openPostgresStore, type PostgresLink } from '../../src/store/drivers/postgres.ts';
import { openPgliteStore } from './pglite-store.ts';
import { type PostgresForTests, postgresForTests } from './postgres.ts';

/**
 * PostgreSQL wherever it can be had: a database of the caller's own on a server, and only where there is none one inside this
 * process (pglite), which takes five seconds of processor time to come up.
 */
export interface AnyPostgres {
  /** One connection. */
  readonly database: PostgresLink['database'];
  /** Rows of one statement; an int8 is a number. */
  query<Row extends Record<string, unknown> = Record<string, unknown>>(statement: string): Promise<readonly Row[]>;
  /** Several statements, no rows. */
  exec(statements: string): Promise<void>;
  /** Applies the migrations of a folder, the house's own unless told. */
  migrate(folder?: string): Promise<void>;
  close(): Promise<void>;
}

const INT8 = 20;
const migrationsOf = (folder: string | undefined) => ({ ...POSTGRES_MIGRATIONS, ...(folder === undefined ? {} : { migrationsFolder: folder }) });

/** A connection to a new database: with all tables, or `empty`. */
export async function openAnyPostgres(what: 'migrated' | 'empty'): Promise<AnyPostgres> {
  const server = await postgresForTests();
  if (server !== null) return openOn(server, what);
  const inside = await openInside();
  if (what === 'migrated') await inside.migrate();
  return inside;
}

/** The store on a new database with all tables. */
export async function openAnyPostgresStore(vault: Vault): Promise<Store> {
  const server = await postgresForTests();
  if (server === null) return (await openPgliteStore(vault)).store;
  const { url, drop } = await server.migrated();
  const store = await openPostgresStore({ url, vault, connections: 8 });
  return {
    ...store,
    close: async () => {
      await store.close();
      await drop();
      await server.close();
    },
  };
}

async function openOn(server: PostgresForTests, what: 'migrated' | 'empty'): Promise<AnyPostgres> {
  const { url, drop } = await (what === 'empty' ? server.fresh() : server.migrated());
  const types: pg.CustomTypesConfig = { getTypeParser: (id, format) => (id === INT8 ? Number : pg.types.getTypeParser(id, format)) };
  const client = new pg.Client({ connectionString: url, types });
  client.on('error', () => {}); // told by the query that it breaks
  await client.connect();
  const database = drizzleServer(client);
  return {
    database,
    query: async <Row extends Record<string, unknown>>(statement: string) => (await client.query<Row>(statement)).rows,
    exec: async (statements) => void (await client.query(statements)),
    migrate: (folder) => migrateServer(database, migrationsOf(folder)),
    close: async () => {
      await client.end();
      await drop();
      await server.close();
    },
  };
}

async function openInside(): Promise<AnyPostgres> {
  const client = await PGlite.create();
  const database = drizzlePglite(client);
  return {
    database,
    query: async <Row extends Record<string, unknown>>(statement: string) => (await client.query<Row>(statement)).rows,
    exec: async (statements) => void (await client.exec(statements)),
    migrate: (folder) => migratePglite(database, migrationsOf(folder)),
    close: () => client.close(),
  };
}
