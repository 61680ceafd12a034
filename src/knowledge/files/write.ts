import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import { AppError } from '../../domain/errors.ts';
import { COLUMNS } from './columns.ts';
import { guardCell } from './csv.ts';
import { FILE_LIMITS } from './limits.ts';
import type { Names } from './names.ts';
import type { FileFormat } from './raw.ts';
import { rowOfEntry } from './table.ts';

/** Knowledge out: a stream of bytes that `openFile` reads back as the same entries. */

export const CONTENT_TYPES: Readonly<Record<FileFormat, string>> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson; charset=utf-8',
};

/** Pages of entries, so that a page of the database is a page of the file. */
export type EntryPages = AsyncIterable<readonly KnowledgeEntry[]>;

export function writeEntries(format: FileFormat, pages: EntryPages, names: Names): Readable {
  if (format === 'jsonl') return Readable.from(jsonl(pages), { objectMode: false });
  return writeTable(format, { columns: COLUMNS, sheet: '知识', frozen: 3, pages: cellPages(pages, names) });
}

/** A table of any kind of thing. */
export interface Table {
  readonly columns: readonly { readonly label: string; readonly width: number; readonly required?: true }[];
  readonly sheet: string;
  /** Columns that stay in sight. */
  readonly frozen: number;
  /** Pages of rows; a text for each column. */
  readonly pages: AsyncIterable<readonly (readonly string[])[]>;
}

export function writeTable(format: Exclude<FileFormat, 'jsonl'>, table: Table): Readable {
  return format === 'xlsx' ? writeXlsx(table) : Readable.from(csv(table), { objectMode: false });
}

async function* jsonl(pages: EntryPages): AsyncGenerator<Buffer> {
  for await (const page of pages) if (page.length > 0) yield Buffer.from(page.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

async function* cellPages(pages: EntryPages, names: Names): AsyncGenerator<readonly (readonly string[])[]> {
  for await (const page of pages) yield page.map((entry) => cellsOf(entry, names));
}

async function* csv({ columns, pages }: Table): AsyncGenerator<Buffer> {
  const lines = (rows: readonly (readonly string[])[]): Buffer => Buffer.from(stringify([...rows], { record_delimiter: '\r\n' }));
  // With the mark Excel reads UTF-8; without it takes the file for GBK.
  yield Buffer.concat([Buffer.from('\ufeff'), lines([columns.map(({ label }) => label)])]);
  for await (const page of pages) if (page.length > 0) yield lines(page.map((cells) => cells.map(guardCell)));
}

function cellsOf(entry: KnowledgeEntry, names: Names): string[] {
  const row = rowOfEntry(entry, names);
  return COLUMNS.map(({ key, label }) => {
    if (row[key].length > FILE_LIMITS.cellChars) throw new AppError('knowledge.cell_too_long', `${entry.id}: ${label} is longer than a cell may be`, { status: 409, citizenText: `${entry.id} 的“${label}”超过一个单元格的长度，请导出 JSONL`, details: { entry: entry.id } });
    return row[key];
  });
}

function writeXlsx(table: Table): Readable {
  const out = new PassThrough();
  fillXlsx(out, table).catch((error: unknown) => out.destroy(error instanceof Error ? error : new Error('export failed')));
  return out;
}

// A text that looks like one of Excel's escapes (_x000D_) is kept from being read as one.
const escaped = (text: string): string => text.replace(/_x(?=[0-9A-Fa-f]{4}_)/g, '_x005F_x');

/** Every cell is written as text (shared string), so none is ever a formula. */
async function fillXlsx(out: PassThrough, { columns, sheet: name, frozen, pages }: Table): Promise<void> {
  const { default: exceljs } = await import('exceljs');
  // Inline strings are decoded twice by the reader of the library; shared ones once.
  const book = new exceljs.stream.xlsx.WorkbookWriter({ stream: out, useStyles: true, useSharedStrings: true });
  const sheet = book.addWorksheet(name, { views: [{ state: 'frozen', xSplit: frozen, ySplit: 1 }] });
  sheet.columns = columns.map(({ width }) => ({ width, style: { alignment: { vertical: 'top', wrapText: true }, numFmt: '@' } }));
  const head = sheet.addRow(columns.map(({ label, required }) => (required === true ? `${label}*` : label)));
  head.font = { bold: true };
  head.commit();
  for await (const page of pages) {
    for (const cells of page) {
      sheet.addRow(cells.map((text) => (text === '' ? null : escaped(text)))).commit();
      if (out.writableNeedDrain) await once(out, 'drain');
    }
  }
  sheet.commit();
  await book.commit();
}
