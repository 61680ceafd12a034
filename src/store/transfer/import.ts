import { AppError } from '../../domain/errors.ts';
import type { Vault } from '../contract.ts';
import { toStoreError } from '../failures.ts';
import { createStore, sqliteFile } from '../index.ts';
import type { TransferWriter } from './database.ts';
import { type Place, type Progress, sumOf, type TransferReport } from './export.ts';
import { readLines } from './file.ts';
import { createSum, damaged, type End, FORMAT_VERSION, type Header, keyCheckOf, lineOf, readHeader, readRow, rowLine } from './format.ts';
import { type Row, TRANSFER_SCHEMA, TRANSFER_TABLES, type TransferTable } from './tables.ts';

export interface ImportOptions {
  readonly place: Place;
  readonly vault: Vault;
  readonly file: string;
  readonly onProgress?: Progress | undefined;
}

export interface ImportReport extends TransferReport {
  /** The first entry of the trail that does not hold, or null: it was like that where it came from. */
  readonly trailBrokenAt: number | null;
}

/** Rows of one statement at most, and about so many characters. */
const ROWS_AT_ONCE = 1000;
const SIZE_AT_ONCE = 4_000_000;

/**
 * Reads a file of `exportStore` into an empty database. Everything is read again from there and compared with the file
 * before it can be seen; after any failure the target is as empty as it was.
 * @throws AppError `transfer.not_an_export`, `transfer.other_version`, `transfer.other_key`, `transfer.not_empty`,
 *   `transfer.in_use`, `transfer.damaged`, `transfer.bad_row`, `transfer.differs`, `transfer.file_failed`, `store.*`
 */
export async function importStore({ place, vault, file, onProgress }: ImportOptions): Promise<ImportReport> {
  const lines = readLines(file);
  let writer: TransferWriter | null = null;
  try {
    const { value: first } = await lines.next();
    if (first === undefined) throw damaged();
    const header = readHeader(first.text);
    refuseOthers(header, vault);
    writer = await writerOf(place);
    // Once in, once again to compare.
    const total = sumOf(header.counts) * 2;
    const tell = (table: string, done: number): void => onProgress?.({ table, done, total });
    const end = await load(writer, lines, tell);
    await compare(writer, end, tell);
    await writer.commit();
    const { dialect } = writer;
    return { dialect, rows: sumOf(end.counts), tables: end.counts, trailBrokenAt: await trailOf(place, vault) };
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await lines.return(undefined);
    await writer?.close();
  }
}

function refuseOthers(header: Header, vault: Vault): void {
  if (header.version !== FORMAT_VERSION || header.schema !== TRANSFER_SCHEMA) {
    throw new AppError('transfer.other_version', 'the file comes from another version of this program: import it with that version, then run `yihu migrate` with this one', { status: 409 });
  }
  if (header.keyCheck !== keyCheckOf(vault)) {
    throw new AppError('transfer.other_key', 'the file was sealed with another VAULT_KEY: without that key nobody could open what is imported', { status: 409 });
  }
}

async function load(writer: TransferWriter, lines: ReturnType<typeof readLines>, tell: (table: string, done: number) => void): Promise<End> {
  const left = [...TRANSFER_TABLES];
  let table: TransferTable | null = null;
  let rows: Row[] = [];
  let size = 0;
  let done = 0;

  async function flush(): Promise<void> {
    if (table === null || rows.length === 0) return;
    await writer.insert(table, rows);
    done += rows.length;
    tell(table.name, done);
    rows = [];
    size = 0;
  }

  for await (const { text, hashBefore } of lines) {
    const line = lineOf(text);
    if (line.kind === 'row') {
      if (table === null) throw damaged();
      rows.push(readRow(table, text));
      size += text.length;
      if (rows.length >= ROWS_AT_ONCE || size >= SIZE_AT_ONCE) await flush();
      continue;
    }
    await flush();
    if (line.kind === 'section') {
      table = left.shift() ?? null;
      if (table?.name !== line.section.table || table.columns.map((column) => column.name).join() !== line.section.columns.join()) throw damaged();
      continue;
    }
    if (left.length > 0 || line.end.sha256 !== hashBefore() || !(await lines.next()).done) throw damaged();
    for (const moved of TRANSFER_TABLES) {
      const position = line.end.positions[moved.name];
      if (position !== undefined) await writer.setPosition(moved, position);
    }
    return line.end;
  }
  throw damaged();
}

/** Counts and contents as the target gives them back. */
async function compare(writer: TransferWriter, end: End, tell: (table: string, done: number) => void): Promise<void> {
  let done = sumOf(end.counts);
  for (const table of TRANSFER_TABLES) {
    const sum = createSum();
    let count = 0;
    for await (const page of writer.pages(table)) {
      for (const row of page) sum.add(rowLine(table, row));
      count += page.length;
      tell(table.name, done + count);
    }
    done += count;
    if (count !== end.counts[table.name] || sum.text !== end.sums[table.name]) {
      throw new AppError('transfer.differs', `the target does not give back what was written (${table.name})`, { status: 500, details: { table: table.name, count, expected: end.counts[table.name] ?? 0 } });
    }
  }
}

async function trailOf(place: Place, vault: Vault): Promise<number | null> {
  const store = await createStore({ ...place, vault, connections: 2 });
  try {
    return await store.read((repos) => repos.trail.verify());
  } finally {
    await store.close();
  }
}

async function writerOf({ databaseUrl = '', dataDir }: Place): Promise<TransferWriter> {
  if (databaseUrl === '') return (await import('./sqlite.ts')).writeSqlite(sqliteFile(dataDir));
  return (await import('./postgres.ts')).writePostgres(databaseUrl);
}
