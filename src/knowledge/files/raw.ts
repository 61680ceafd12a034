import type { RowFault } from './faults.ts';
import type { Cell } from './cells.ts';
import type { ColumnKey } from './columns.ts';

export type FileFormat = 'xlsx' | 'csv' | 'jsonl';

/** One row as it was found; `line` is where a person finds it: line of the text file, row number of the sheet. */
/** Cells of one row, by column. */
export type RowCells<Key extends string = ColumnKey> = Readonly<Partial<Record<Key, Cell>>>;

export type RawRow<Key extends string = ColumnKey> = { readonly line: number } & ({ readonly kind: 'cells'; readonly cells: RowCells<Key> } | { readonly kind: 'object'; readonly value: unknown } | { readonly kind: 'fault'; readonly fault: RowFault });

/** How a file was understood. */
export interface FileFacts {
  readonly format: FileFormat;
  /** Name of the character set; null for XLSX. */
  readonly encoding: string | null;
  readonly delimiter: string | null;
  readonly sheet: string | null;
  /** Headers that mean nothing here, and headers that name a column twice: not read. */
  readonly ignored: readonly string[];
}

export interface OpenFile<Key extends string = ColumnKey> {
  readonly facts: FileFacts;
  /** Rows in their order; may be read once. */
  readonly rows: AsyncGenerator<RawRow<Key>>;
  /** Share of the file that has been read, 0 to 1. */
  readonly read: () => number;
}
