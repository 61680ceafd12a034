import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Column, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { AppError } from '../../domain/errors.ts';
import type { Repositories, Store, Vault } from '../contract.ts';
import { isRerunnable, toStoreError } from '../failures.ts';
import type { Database } from '../kit.ts';
import { createRepositories } from '../repositories/index.ts';
import { postgresTables } from '../schema.postgres.ts';
import { type Door, newDoor, type Session, throughDoor } from '../session.ts';
import { storableText } from '../text.ts';

/** Where the committed migrations lie and are noted; also for stand-ins of a server. */
export const POSTGRES_MIGRATIONS = {
  migrationsFolder: fileURLToPath(new URL('../migrations/postgres', import.meta.url)),
  migrationsSchema: 'public',
  migrationsTable: 'yihu_migrations',
};

/** One connection that nobody else uses until it is released. The same object must come back for the same connection: statements stay prepared on it. */
export interface PostgresLink {
  readonly database: Database;
  /** BEGIN, COMMIT and the like. */
  command(text: string): Promise<void>;
  /** `broken`: not to be used again. */
  release(broken: boolean): void;
}

/** Where connections come from: a pool, or in tests the one connection of a PostgreSQL inside the process. */
export interface PostgresSource {
  take(): Promise<PostgresLink>;
  close(): Promise<void>;
}

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  readonly vault: Vault;
  readonly log?: { warn(facts: object, text: string): void } | undefined;
  /** Connections at most; 16 unless told. */
  readonly connections?: number;
}

const MIGRATION_LOCK = 'yihu migrations';
/** Runs of one write before a serialization failure or deadlock reaches the caller. */
const MAX_RUNS = 6;

/** Connects, brings the tables up to date (one process at a time), and serves them. */
export async function openPostgresStore({ url, vault, log, connections = 16 }: PostgresStoreOptions): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'yihu',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 15_000,
    idle_in_transaction_session_timeout: 30_000,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => log?.warn({ code: codeOf(error) }, 'an idle database connection broke'));
  try {
    await bringUpToDate(pool);
  } catch (error) {
    await pool.end();
    throw toStoreError(error);
  }
  const links = new WeakMap<pg.PoolClient, PostgresLink>();
  return servePostgres(
    {
      async take() {
        const client = await pool.connect();
        let link = links.get(client);
        if (link === undefined) {
          link = { database: drizzle(client), command: async (text) => void (await client.query(text)), release: (broken) => client.release(broken) };
          links.set(client, link);
        }
        return link;
      },
      close: () => pool.end(),
    },
    vault,
  );
}

/** Serves the two doors over connections. Writes are READ COMMITTED with explicit locks where a repository reads before it writes (ADR 0002). */
export function servePostgres(source: PostgresSource, vault: Vault): Store {
  const passages = new AsyncLocalStorage<Door>();
  const connections = new WeakMap<PostgresLink, Connection>();
  let closed = false;

  function connectionOf(link: PostgresLink): Connection {
    let connection = connections.get(link);
    if (connection === undefined) {
      connection = createConnection(link.database, vault);
      connections.set(link, connection);
    }
    return connection;
  }

  async function pass<Result>(kind: Door['kind'], begin: string, fn: (repos: Repositories) => Promise<Result>): Promise<Result> {
    if (closed) throw new AppError('store.closed', 'the store is closed', { retry: 'later', status: 503 });
    if (passages.getStore()?.open === true) {
      throw new AppError('store.slow_write', 'a door of the store was opened inside another: it would wait for itself', { status: 500 });
    }
    const link = await source.take();
    const door = newDoor(kind);
    let broken = false;
    try {
      await link.command(begin);
      const result = await passages.run(door, () => connectionOf(link).perform(door, fn));
      door.open = false;
      if (door.doom !== null) throw door.doom;
      await link.command('commit');
      return result;
    } catch (error) {
      door.open = false;
      await link.command('rollback').catch(() => {
        broken = true;
      });
      throw error;
    } finally {
      link.release(broken);
    }
  }

  return {
    dialect: 'postgres',
    async read(fn) {
      try {
        return await pass('read', 'begin isolation level repeatable read read only', fn);
      } catch (error) {
        throw toStoreError(error);
      }
    },
    async write(fn) {
      for (let run = 1; ; run += 1) {
        try {
          return await pass('write', 'begin', fn);
        } catch (error) {
          const known = toStoreError(error);
          if (run >= MAX_RUNS || !isRerunnable(known)) throw known;
          // Those that met go apart by chance, or they meet again.
          await pause(Math.random() * 10 * 2 ** run);
        }
      }
    },
    async ping() {
      try {
        const link = await source.take();
        await link.command('select 1').then(() => link.release(false), (error: unknown) => {
          link.release(true);
          throw error;
        });
      } catch (error) {
        throw toStoreError(error);
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await source.close();
    },
  };
}

interface Connection {
  perform<Result>(door: Door, fn: (repos: Repositories) => Promise<Result>): Promise<Result>;
}

function createConnection(db: Database, vault: Vault): Connection {
  let current: Door | null = null;
  const session: Session = {
    db,
    tables: postgresTables,
    vault,
    async lockName(name) {
      if (current?.kind === 'write') await db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${storableText(name)}, 0))`);
    },
    async lockRow(column: Column, value: string) {
      if (current?.kind === 'write') await db.execute(sql`select 1 from ${column.table} where ${column} = ${sql.param(value, column)} for update`);
    },
    doom(error) {
      if (current !== null) current.doom ??= error;
      return error;
    },
  };
  const repositories = createRepositories(session);
  return {
    async perform(door, fn) {
      current = door;
      return fn(throughDoor(repositories, door));
    },
  };
}

async function bringUpToDate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [MIGRATION_LOCK]);
    await migrate(drizzle(client), POSTGRES_MIGRATIONS);
  } finally {
    client.release(true); // closing the connection frees the lock
  }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
