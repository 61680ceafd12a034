import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import type { ReadHow, Repositories, Store, Vault } from '../contract.ts';
import { toStoreError } from '../failures.ts';
import { sqliteDatabase } from '../kit.ts';
import { createRepositories } from '../repositories/index.ts';
import { sqliteTables } from '../schema.sqlite.ts';
import { type Door, newDoor, type Session, throughDoor } from '../session.ts';
import { openSqliteClient, type SqliteClient, type SqliteStatement } from './sqlite-client.ts';
import { createDisk, type SyncedFile, trustingDisk, walOf } from './sqlite-disk.ts';
import { bringUpToDate } from './sqlite-migrations.ts';
import { createSqliteHandle } from './sqlite-session.ts';
import { createGroupWriter } from './sqlite-writer.ts';

export { migrateSqlite } from './sqlite-migrations.ts';

export interface SqliteStoreOptions {
  /** Path of the database file; its folder is made. */
  readonly file: string;
  readonly vault: Vault;
  /** FULL (default): what a door has told survives a power cut. NORMAL: only a crash of the process. */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** How long a write waits for another process that holds the file, ms. */
  readonly busyMs?: number;
  /** Told after every group commit; for measures. */
  readonly onCommit?: (group: { readonly jobs: number; readonly ms: number }) => void;
  /** By which the length of a group is measured, ms; for tests. */
  readonly elapsed?: () => number;
  /** The file that makes commits durable; for tests. */
  readonly wal?: SyncedFile;
}

/** Reads that wait for nothing end within one turn of the event loop, so a few connections serve everybody. */
const MAX_READERS = 4;
const DEFAULT_BUSY_MS = 10_000;

/** Opens the file (made when missing), brings its tables up to date, and serves it. One connection writes, others read. */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  mkdirSync(dirname(options.file), { recursive: true });
  const busyMs = options.busyMs ?? DEFAULT_BUSY_MS;
  const writing = connect(options, { readonly: false, timeout: busyMs });
  // From here on waiting for another process is done by timers, not by blocking this process inside SQLite.
  writing.client.exec('pragma busy_timeout = 0');
  const disk = options.synchronous === 'NORMAL' ? trustingDisk : createDisk(options.wal ?? walOf(options.file));
  const writer = createGroupWriter({ client: writing.client, disk, busyMs, perform: writing.perform, onCommit: options.onCommit, elapsed: options.elapsed });

  const idle: Connection[] = [];
  const waiting: ((connection: Connection) => void)[] = [];
  let readers = 0;
  let active = 0;
  let closed = false;
  let onQuiet: (() => void) | null = null;

  async function takeReader(): Promise<Connection> {
    const free = idle.pop();
    if (free !== undefined) return free;
    if (readers < MAX_READERS) {
      readers += 1;
      return connect(options, { readonly: true, timeout: busyMs });
    }
    return new Promise((resolve) => waiting.push(resolve));
  }

  function giveBack(connection: Connection): void {
    const next = waiting.shift();
    if (next !== undefined) next(connection);
    else idle.push(connection);
    active -= 1;
    if (active === 0) onQuiet?.();
  }

  function refuseWhenClosed(): void {
    if (closed) throw new AppError('store.closed', 'the store is closed', { retry: 'later', status: 503 });
  }

  async function read<Result>(fn: (repos: Repositories) => Promise<Result>, { ahead = false }: ReadHow = {}): Promise<Result> {
    refuseWhenClosed();
    active += 1;
    const connection = await takeReader();
    const door = newDoor('read');
    try {
      connection.begin.run();
      return await connection.perform(door, fn);
    } catch (error) {
      throw toStoreError(error);
    } finally {
      door.open = false;
      if (connection.client.inTransaction) connection.commit.run();
      giveBack(connection);
      if (!ahead) await durable();
    }
  }

  /** What a reader has seen may have been written a moment ago: nobody hears of it before it is durable. */
  function durable(): Promise<void> {
    return new Promise((resolve, reject) => {
      disk.whenDurable((lost) => {
        if (lost === null) resolve();
        else reject(lost);
      });
    });
  }

  return {
    dialect: 'sqlite',
    read,
    async write(fn) {
      refuseWhenClosed();
      return writer.write(fn);
    },
    async ping() {
      await read(async (repos) => repos.seats.count());
      if (!writing.client.open) throw new AppError('store.closed', 'the store is closed', { retry: 'later', status: 503 });
    },
    async close() {
      if (closed) return;
      closed = true;
      await writer.finish();
      if (active > 0) await new Promise<void>((resolve) => (onQuiet = resolve));
      for (const connection of idle.splice(0)) connection.client.close();
      // No `PRAGMA optimize`: with statistics at hand SQLite compiles statements anew for each bound value.
      writing.client.close();
      disk.close();
    },
  };
}

interface Connection {
  readonly client: SqliteClient;
  readonly begin: SqliteStatement<unknown>;
  readonly commit: SqliteStatement<unknown>;
  /** Runs `fn` with this connection's repositories as one passage sees them. */
  perform<Result>(door: Door, fn: (repos: Repositories) => Promise<Result>): Promise<Result>;
}

function connect({ file, vault }: SqliteStoreOptions, how: { readonly readonly: boolean; readonly timeout: number }): Connection {
  const client = openSqliteClient(file, how);
  if (!how.readonly) {
    client.exec('pragma journal_mode = WAL');
    // Checkpoints are synced, commits are not: that is the disk's part (sqlite-disk.ts).
    client.exec('pragma synchronous = NORMAL');
    client.exec('pragma foreign_keys = ON');
    // Fewer, larger checkpoints; the file is cut back to this size afterwards.
    client.exec('pragma wal_autocheckpoint = 4000');
    client.exec('pragma journal_size_limit = 67108864');
  }
  // KiB of this connection's own page cache; the system's cache holds the rest of the file.
  client.exec(`pragma cache_size = ${how.readonly ? -4000 : -16000}`);
  client.exec('pragma temp_store = MEMORY');
  if (!how.readonly) bringUpToDate(client);
  let current: Door | null = null;
  const session: Session = {
    dialect: 'sqlite',
    db: sqliteDatabase(createSqliteHandle(client)),
    tables: sqliteTables,
    vault,
    async lockName() {},
    async lockRow() {},
    doom(error) {
      if (current !== null) current.doom ??= error;
      return error;
    },
  };
  const repositories = createRepositories(session);
  return {
    client,
    begin: client.prepare('BEGIN'),
    commit: client.prepare('COMMIT'),
    perform(door, fn) {
      current = door;
      return fn(throughDoor(repositories, door));
    },
  };
}
