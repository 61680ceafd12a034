import { AppError } from '../../domain/errors.ts';
import type { Row, TransferTable } from './tables.ts';

/** A database to read from: everything is of one moment. */
export interface TransferReader {
  readonly dialect: 'sqlite' | 'postgres';
  count(table: TransferTable): Promise<number>;
  /** All rows in the order of the primary key, a page at a time. */
  pages(table: TransferTable): AsyncIterable<readonly Row[]>;
  /** The highest position given out so far, also if its row is gone; 0 for none. */
  position(table: TransferTable): Promise<number>;
  close(): Promise<void>;
}

/** An empty database to write to. Nothing of it can be seen, and nothing remains after a crash, before `commit`. */
export interface TransferWriter extends TransferReader {
  insert(table: TransferTable, rows: readonly Row[]): Promise<void>;
  /** The next row gets a higher position than this. */
  setPosition(table: TransferTable, position: number): Promise<void>;
  commit(): Promise<void>;
}

/** Files in rows may have megabytes each; other rows are small. */
export function pageSize(table: TransferTable): number {
  return table.columns.some((column) => column.kind === 'bytes') ? 4 : 1000;
}

export function positionColumn(table: TransferTable): string | null {
  return table.columns.find((column) => column.position)?.name ?? null;
}

/** `select … where (a, b) > (?, ?) order by a, b`, in the SQL that both dialects share. `mark` names the n-th value, from 1. */
export function pageStatements(table: TransferTable, mark: (index: number) => string): { readonly first: string; readonly next: string } {
  const columns = table.columns.map((column) => quoted(column.name)).join(', ');
  const key = table.key.map((index) => quoted(table.columns[index]?.name ?? '')).join(', ');
  const rest = `order by ${key} limit ${pageSize(table)}`;
  return {
    first: `select ${columns} from ${quoted(table.name)} ${rest}`,
    next: `select ${columns} from ${quoted(table.name)} where (${key}) > (${table.key.map((_, index) => mark(index + 1)).join(', ')}) ${rest}`,
  };
}

/** A table's or column's name, as both dialects write it. */
export const quoted = (name: string): string => `"${name}"`;

export function notEmpty(table: TransferTable): AppError {
  return new AppError('transfer.not_empty', `the target is not empty (${table.name}): import only into an empty database`, { status: 409, details: { table: table.name } });
}

export function inUse(): AppError {
  return new AppError('transfer.in_use', 'somebody else works with the target database: stop the gateway first', { retry: 'later', status: 409 });
}

export function outOfDate(): AppError {
  return new AppError('transfer.out_of_date', 'the tables are not those of this version: run `yihu migrate` with this version first', { status: 409 });
}
