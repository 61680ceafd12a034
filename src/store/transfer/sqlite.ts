import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import { isBusy, openSqliteClient, type SqliteClient } from '../drivers/sqlite-client.ts';
import { bringUpToDate, isSqliteUpToDate } from '../drivers/sqlite-migrations.ts';
import { inUse, notEmpty, outOfDate, pageSize, pageStatements, positionColumn, quoted, type TransferReader, type TransferWriter } from './database.ts';
import { type Cell, type Row, TRANSFER_TABLES, type TransferTable } from './tables.ts';

/** Rows in one transaction of an import. */
const ROWS_AT_ONCE = 20_000;

/** Reads a file while others may go on writing it. @throws AppError `transfer.no_database`, `transfer.out_of_date` */
export async function readSqlite(file: string): Promise<TransferReader> {
  if (!existsSync(file)) throw new AppError('transfer.no_database', `there is no database at ${file}`, { status: 404 });
  const client = openSqliteClient(file, { readonly: true });
  try {
    client.exec('begin');
    if (!(await isSqliteUpToDate(client))) throw outOfDate();
  } catch (error) {
    client.close();
    throw error;
  }
  return { ...looks(client), async close() { client.close(); } };
}

/**
 * Writes a file beside the target, which takes its name at the end: whoever looks sees all or nothing. Being thrown
 * away after a crash, it needs no journal.
 */
export async function writeSqlite(file: string): Promise<TransferWriter> {
  mkdirSync(dirname(file), { recursive: true });
  const holder = existsSync(file) ? holdEmpty(file) : null;
  const draft = `${file}.importing`;
  remove(draft);
  const client = openSqliteClient(draft);
  client.exec('pragma journal_mode = OFF');
  client.exec('pragma synchronous = OFF');
  client.exec('pragma foreign_keys = ON');
  bringUpToDate(client);
  let inTransaction = 0;
  let done = false;

  const settle = (): void => {
    if (client.inTransaction) client.exec('commit');
    inTransaction = 0;
  };

  return {
    ...looks(client),
    async insert(table, rows) {
      const insert = client.prepare(`insert into ${quoted(table.name)} (${table.columns.map((column) => quoted(column.name)).join(', ')}) values (${table.columns.map(() => '?').join(', ')})`);
      if (!client.inTransaction) client.exec('begin');
      for (const row of rows) insert.run(...row.map((cell) => (typeof cell === 'boolean' ? Number(cell) : cell)));
      inTransaction += rows.length;
      if (inTransaction >= ROWS_AT_ONCE) settle();
    },
    async setPosition(table, position) {
      settle();
      const changed = client.prepare('update sqlite_sequence set seq = max(seq, ?) where name = ?').run(position, table.name).changes;
      if (changed === 0) client.prepare('insert into sqlite_sequence (name, seq) values (?, ?)').run(table.name, position);
    },
    async commit() {
      settle();
      client.close();
      sync(draft);
      holder?.close();
      for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
      renameSync(draft, file);
      sync(dirname(file));
      done = true;
    },
    async close() {
      if (done) return;
      holder?.close();
      client.close();
      remove(draft);
    },
  };
}

function looks(client: SqliteClient): Pick<TransferReader, 'dialect' | 'count' | 'pages' | 'position'> {
  return {
    dialect: 'sqlite',
    async count(table) {
      return numberOf(client.prepareRaw(`select count(*) from ${quoted(table.name)}`).get());
    },
    async *pages(table) {
      const { first, next } = pageStatements(table, () => '?');
      const following = client.prepareRaw(next);
      let page: readonly Row[] = client.prepareRaw(first).all().map((row) => read(table, row));
      for (;;) {
        const last = page.at(-1);
        if (last === undefined) return;
        yield page;
        if (page.length < pageSize(table)) return;
        page = following.all(...table.key.map((index) => last[index] ?? null)).map((row) => read(table, row));
      }
    },
    async position(table) {
      if (positionColumn(table) === null) return 0;
      return numberOf(client.prepareRaw('select seq from sqlite_sequence where name = ?').get(table.name));
    },
  };
}

/** The only value of a row; 0: there is no row. */
function numberOf(row: readonly Cell[] | undefined): number {
  const value = row?.[0];
  return typeof value === 'number' ? value : 0;
}

function read(table: TransferTable, row: readonly Cell[]): Row {
  return row.map((cell, index) => (table.columns[index]?.kind === 'bool' && typeof cell === 'number' ? cell !== 0 : cell));
}

/** Opens an existing target so that nobody else can, and looks whether it is empty. */
function holdEmpty(file: string): SqliteClient {
  const client = openSqliteClient(file, { timeout: 0 });
  try {
    // In WAL mode this fails while anybody else has the file open.
    client.exec('pragma locking_mode = EXCLUSIVE');
    client.exec('begin immediate; commit');
    const known = new Set(client.prepareRaw("select name from sqlite_master where type = 'table'").all().map(([name]) => name));
    for (const table of TRANSFER_TABLES) {
      if (known.has(table.name) && client.prepare(`select 1 from ${quoted(table.name)} limit 1`).get() !== undefined) throw notEmpty(table);
    }
    return client;
  } catch (error) {
    client.close();
    if (isBusy(error)) throw inUse();
    throw error;
  }
}

function remove(file: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
