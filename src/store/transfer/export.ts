import { createHash } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import type { Vault } from '../contract.ts';
import { toStoreError } from '../failures.ts';
import { sqliteFile, type StoreOptions } from '../index.ts';
import type { TransferReader } from './database.ts';
import { writeLines } from './file.ts';
import { createSum, type End, FORMAT_VERSION, type Header, keyCheckOf, rowLine } from './format.ts';
import { type Row, TRANSFER_SCHEMA, TRANSFER_TABLES, type TransferTable } from './tables.ts';

export type Place = Pick<StoreOptions, 'databaseUrl' | 'dataDir'>;

/** Told after every page; `total` is an estimate that ends equal to `done`. */
export type Progress = (state: { readonly table: string; readonly done: number; readonly total: number }) => void;

export interface ExportOptions {
  readonly place: Place;
  readonly vault: Vault;
  /** Written whole or not at all; packed when the name ends in .gz. */
  readonly file: string;
  readonly now: () => number;
  readonly onProgress?: Progress | undefined;
}

export interface TransferReport {
  readonly dialect: 'sqlite' | 'postgres';
  readonly rows: number;
  readonly tables: Readonly<Record<string, number>>;
}

/**
 * Writes all tables, as they are at one moment, to a file; the gateway may go on meanwhile. Sealed values travel sealed.
 * @throws AppError `transfer.exists`, `transfer.no_database`, `transfer.out_of_date`, `transfer.other_key`, `store.*`
 */
export async function exportStore({ place, vault, file, now, onProgress }: ExportOptions): Promise<TransferReport> {
  const reader = await readerOf(place);
  try {
    const counts: Record<string, number> = {};
    for (const table of TRANSFER_TABLES) counts[table.name] = await reader.count(table);
    const total = sumOf(counts);
    const header: Header = { yihu: 'export', version: FORMAT_VERSION, schema: TRANSFER_SCHEMA, from: reader.dialect, at: new Date(now()).toISOString(), keyCheck: keyCheckOf(vault), counts };
    await writeLines(file, linesOf(reader, vault, header, (table, done) => onProgress?.({ table, done, total })));
    return { dialect: reader.dialect, rows: total, tables: counts };
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await reader.close();
  }
}

async function* linesOf(reader: TransferReader, vault: Vault, header: Header, tell: (table: string, done: number) => void): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const say = (line: string): string => {
    hash.update(line).update('\n');
    return line;
  };
  const sums: Record<string, string> = {};
  const counts: Record<string, number> = {};
  const positions: Record<string, number> = {};
  let done = 0;
  yield say(JSON.stringify(header));
  for (const table of TRANSFER_TABLES) {
    yield say(JSON.stringify({ table: table.name, columns: table.columns.map((column) => column.name) }));
    const sum = createSum();
    let count = 0;
    for await (const page of reader.pages(table)) {
      if (count === 0) refuseOtherKey(table, page, vault);
      for (const row of page) {
        const line = rowLine(table, row);
        sum.add(line);
        yield say(line);
      }
      count += page.length;
      done += page.length;
      tell(table.name, done);
    }
    counts[table.name] = count;
    sums[table.name] = sum.text;
    const position = await reader.position(table);
    if (position > 0) positions[table.name] = position;
  }
  const end: End = { end: true, counts, sums, positions, sha256: hash.digest('hex') };
  yield JSON.stringify(end);
}

/** The key that is written down as the file's must be the one that its values were sealed with. */
function refuseOtherKey(table: TransferTable, page: readonly Row[], vault: Vault): void {
  for (const [index, column] of table.columns.entries()) {
    if (!column.name.endsWith('_sealed')) continue;
    const sealed = page.find((row) => row[index] !== null)?.[index];
    if (typeof sealed !== 'string') continue;
    try {
      vault.open(sealed);
    } catch {
      throw new AppError('transfer.other_key', 'VAULT_KEY does not open what this database has sealed: give the key that the gateway runs with', { status: 409, details: { table: table.name } });
    }
  }
}

async function readerOf({ databaseUrl = '', dataDir }: Place): Promise<TransferReader> {
  if (databaseUrl === '') return (await import('./sqlite.ts')).readSqlite(sqliteFile(dataDir));
  return (await import('./postgres.ts')).readPostgres(databaseUrl);
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
