import Client from 'better-sqlite3';
import { createStatementMemory } from './statement-memory.ts';

/**
 * The only door to better-sqlite3. Compiled with the headers of a Node that has the fault below, the addon ends the process when the
 * garbage collector takes one of its objects at the wrong moment. So nothing that it has made is left to the collector there, and
 * nothing is made that cannot be held: `pragma()`, `transaction()`, `iterate()` and `backup()` make objects inside the library.
 * Decision: docs/adr/0045-statements-are-kept.md.
 */
export interface SqliteClient {
  /** Rows come as objects. The same text gives the same statement. */
  prepare(sql: string): SqliteStatement<Readonly<Record<string, SqliteValue>>>;
  /** Rows come as arrays. The same text gives the same statement, which is never one of `prepare`. */
  prepareRaw(sql: string): SqliteStatement<readonly SqliteValue[]>;
  /** Runs statements that need no values and drops their rows; for pragmas, too. */
  exec(sql: string): void;
  readonly inTransaction: boolean;
  readonly open: boolean;
  close(): void;
}

/** Whole numbers are never given as BigInt: nobody asks for that here. */
export type SqliteValue = string | number | Buffer | null;
export type SqliteResult = Client.RunResult;

/**
 * What the users of one text may share: every call runs from its first row to its last and leaves nothing behind. No `raw` and no
 * `pluck`, which would change the rows of the others, and no `iterate`, which would keep the statement from them.
 */
export type SqliteStatement<Row> = Pick<Client.Statement<unknown[], Row>, 'reader' | 'readonly' | 'run' | 'get' | 'all'>;

export interface SqliteClientOptions {
  readonly readonly?: boolean;
  /** How long a statement waits inside SQLite for another process, ms. */
  readonly timeout?: number;
  /** How many statements of each kind are remembered at least; `all`: every one, beyond `close`, too. As this Node needs it unless told. */
  readonly keep?: number | 'all';
}

/** What a connection's repositories prepare (some 190) and the usual lists beside them. */
const KEPT = 300;

/** On a Node with the fault: whatever has been made, for as long as the process lives. */
const held = new Set<object>();

/** Opens a database file, made when missing. @throws SqliteError; TypeError when its folder is missing */
export function openSqliteClient(file: string, { readonly = false, timeout = 5000, keep = isSafeToLetGo(process.versions.node) ? KEPT : 'all' }: SqliteClientOptions = {}): SqliteClient {
  const database = new Client(file, { readonly, timeout });
  const plain = createStatementMemory((sql) => database.prepare<unknown[], Readonly<Record<string, SqliteValue>>>(sql), keep);
  const raw = createStatementMemory((sql) => {
    const statement = database.prepare<unknown[], readonly SqliteValue[]>(sql);
    return statement.reader ? statement.raw(true) : statement;
  }, keep);
  if (keep === 'all') held.add({ database, plain, raw });
  return {
    prepare: plain.of,
    prepareRaw: raw.of,
    exec(sql) {
      database.exec(sql);
    },
    get inTransaction() {
      return database.inTransaction;
    },
    get open() {
      return database.open;
    },
    close() {
      database.close();
      if (keep === 'all') return;
      plain.clear();
      raw.clear();
    },
  };
}

/**
 * May objects of an addon be garbage? From 24.19 on `node::ObjectWrap` takes a cleanup hook away in its destructor, for which Node 24
 * needs an entered context, and there is none when the collector runs between two turns of the event loop
 * (https://github.com/nodejs/node/issues/65446); 26.4 and later need none, 26.0 to 26.3 do when the addon was compiled for a later 26
 * (https://github.com/nodejs/node/issues/65262). What counts are the headers that the addon was compiled with, which nothing here
 * can tell: any 24 or 25, and 26 before 26.4.
 */
export function isSafeToLetGo(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 24 || major > 26 || (major === 26 && minor >= 4);
}

export function isBusy(error: unknown): boolean {
  return error instanceof Client.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
