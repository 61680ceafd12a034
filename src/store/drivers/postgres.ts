import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type Column, eq, getTableName, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { Repositories, Store, Vault } from '../contract.ts';
import { isRerunnable, toStoreError } from '../failures.ts';
import type { Database } from '../kit.ts';
import { createRepositories } from '../repositories/index.ts';
import { postgresTables } from '../schema.postgres.ts';
import { type Door, newDoor, type Session, throughDoor } from '../session.ts';
import { storableText } from '../text.ts';
import { migratePostgres } from './postgres-migrations.ts';
import { createPostgresPool } from './postgres-pool.ts';

/** One connection that nobody else uses until it is released. The same object must come back for the same connection: statements stay prepared on it. */
export interface PostgresLink {
  readonly database: Database;
  /** Statements may be sent while earlier ones are not answered yet; the server does them in order. */
  readonly pipelined: boolean;
  /** BEGIN, COMMIT and the like. Rejects for a COMMIT that was none. */
  command(text: string): Promise<void>;
  /** `broken`: not to be used again. */
  release(broken: boolean): void;
}

/** Where connections come from: a pool, or in tests the one connection of a PostgreSQL inside the process. */
export interface PostgresSource {
  take(): Promise<PostgresLink>;
  /** Waits until every link is released. */
  close(): Promise<void>;
}

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  readonly vault: Vault;
  readonly log?: { warn(facts: object, text: string): void } | undefined;
  /** Connections at most; 16 unless told. */
  readonly connections?: number | undefined;
  /** A statement that takes longer is given up, ms; 15,000 unless told. */
  readonly statementMs?: number | undefined;
}

/** Runs of one write before a serialization failure or deadlock reaches the caller. */
const MAX_RUNS = 6;
const BEGIN_READ = 'begin isolation level repeatable read read only';
/** Writing must be asked for: connections are read-only outside a transaction (see postgres-pool.ts). */
const BEGIN_WRITE = 'begin isolation level read committed read write';

/** Connects, brings the tables up to date (one process at a time), and serves them. */
export async function openPostgresStore({ url, vault, log, connections = 16, statementMs = 15_000 }: PostgresStoreOptions): Promise<Store> {
  await migratePostgres(url);
  return servePostgres(createPostgresPool({ url, connections, statementMs, log }), vault);
}

/** Serves the two doors over connections. Writes are READ COMMITTED with explicit locks where a repository reads before it writes (ADR 0002). */
export function servePostgres(source: PostgresSource, vault: Vault): Store {
  const passages = new AsyncLocalStorage<Door>();
  const connections = new WeakMap<PostgresLink, Connection>();
  let closed = false;

  function connectionOf(link: PostgresLink): Connection {
    let connection = connections.get(link);
    if (connection === undefined) {
      connection = createConnection(link, vault);
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
    const connection = connectionOf(link);
    const door = newDoor(kind);
    let result: Result;
    try {
      connection.enter(door);
      await connection.send(link.command(begin));
      result = await passages.run(door, () => fn(throughDoor(connection.repositories, door)));
      door.open = false;
      if (door.doom !== null) throw door.doom;
      connection.refuseLost();
      if (kind === 'read' && link.pipelined) {
        // What was read is read: only the connection waits for the end.
        void link.command('commit').then(() => link.release(false), () => link.release(true));
        return result;
      }
      await link.command('commit');
      connection.refuseLost();
    } catch (error) {
      door.open = false;
      const broken = await link.command('rollback').then(() => false, () => true);
      link.release(broken);
      // What was sent without waiting failed first: it is the cause, and what came after it only heard of it.
      connection.refuseLost();
      throw error;
    }
    link.release(false);
    return result;
  }

  return {
    dialect: 'postgres',
    async read(fn) {
      try {
        return await pass('read', BEGIN_READ, fn);
      } catch (error) {
        throw toStoreError(error);
      }
    },
    async write(fn) {
      for (let run = 1; ; run += 1) {
        try {
          return await pass('write', BEGIN_WRITE, fn);
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
  readonly repositories: Repositories;
  /** The next passage begins. */
  enter(door: Door): void;
  /**
   * Lets a statement go without waiting for its answer where the connection does them in order anyway: one round trip
   * less. When it fails, everything behind it in the transaction fails too, and `refuseLost` throws its error.
   */
  send(answer: Promise<unknown>): Promise<void>;
  refuseLost(): void;
}

function createConnection({ database: db, pipelined }: PostgresLink, vault: Vault): Connection {
  let current: Door | null = null;
  let lost: { readonly error: unknown } | null = null;
  const lockOfName = db
    .select({ locked: sql`pg_advisory_xact_lock(hashtextextended(${sql.placeholder('name')}, 0))` })
    .from(sql`(select 1) as one`)
    .prepare('session_lock_name');
  const locksOfRows = new Map<Column, { execute(values: { readonly value: string }): Promise<unknown> }>();

  function lockOfRow(column: Column): { execute(values: { readonly value: string }): Promise<unknown> } {
    let lock = locksOfRows.get(column);
    if (lock === undefined) {
      lock = db.select({ one: sql`1` }).from(column.table).where(eq(column, sql.param(sql.placeholder('value'), column))).for('update').prepare(`session_lock_${getTableName(column.table)}_${column.name}`);
      locksOfRows.set(column, lock);
    }
    return lock;
  }

  async function send(answer: Promise<unknown>): Promise<void> {
    if (!pipelined) await answer;
    else answer.catch((error: unknown) => (lost ??= { error }));
  }

  const session: Session = {
    dialect: 'postgres',
    db,
    tables: postgresTables,
    vault,
    async lockName(name) {
      if (current?.kind === 'write') await send(lockOfName.execute({ name: storableText(name) }));
    },
    async lockRow(column: Column, value: string) {
      if (current?.kind === 'write') await send(lockOfRow(column).execute({ value }));
    },
    doom(error) {
      if (current !== null) current.doom ??= error;
      return error;
    },
  };
  return {
    repositories: createRepositories(session),
    enter(door) {
      current = door;
      lost = null;
    },
    send,
    refuseLost() {
      if (lost !== null) throw lost.error;
    },
  };
}
