import type { Readable } from 'node:stream';
import type { CellValue } from 'exceljs';
import { isAppError } from '../../domain/errors.ts';
import { cellText, type Cell } from './cells.ts';
import type { Header, TableLayout } from './columns.ts';
import { fileError, type FileLimits } from './limits.ts';
import type { OpenFile, RawRow, RowCells } from './raw.ts';
import { xlsxStream } from './xlsx-parts.ts';

/** XLSX in, row by row; only the table of strings is kept in memory. */

const ABOVE = 10;

type ReadCell = { readonly value: Cell } | { readonly fault: 'cell_error' };

/** The first visible sheet that has a header. */
export async function openXlsx<Key extends string>(bytes: Buffer, limits: FileLimits, layout: TableLayout<Key>): Promise<OpenFile<Key>> {
  let share = 0;
  const found = sheetRows(bytes, limits, layout, (read) => (share = read));
  const first = await found.next();
  if (first.done === true || first.value.kind !== 'header') throw fileError('no_header', `找不到表头：工作表的第一行要有${layout.wanted}等列名`);
  const { header, sheet } = first.value;
  return {
    facts: { format: 'xlsx', encoding: null, delimiter: null, sheet, ignored: [...header.unknown, ...header.repeated] },
    read: () => share,
    rows: (async function* () {
      for await (const row of found) if (row.kind !== 'header') yield row;
    })(),
  };
}

type Found<Key extends string> = { readonly kind: 'header'; readonly header: Header<Key>; readonly sheet: string } | RawRow<Key>;

async function* sheetRows<Key extends string>(bytes: Buffer, limits: FileLimits, layout: TableLayout<Key>, onRead: (share: number) => void): AsyncGenerator<Found<Key>> {
  const { default: exceljs } = await import('exceljs');
  const stream = xlsxStream(bytes, limits, onRead);
  const orBroken = untilBroken(stream);
  const reader = new exceljs.stream.xlsx.WorkbookReader(stream, { worksheets: 'emit', sharedStrings: 'cache', styles: 'cache', hyperlinks: 'ignore', entries: 'ignore' });
  try {
    const sheets = reader[Symbol.asyncIterator]();
    for (let sheet = await orBroken(sheets.next()); sheet.done !== true; sheet = await orBroken(sheets.next())) {
      let header: Header<Key> | null = null;
      const rows = sheet.value[Symbol.asyncIterator]();
      for (let next = await orBroken(rows.next()); next.done !== true; next = await orBroken(rows.next())) {
        const { number: line, values } = next.value;
        const cells = Array.isArray(values) ? values.slice(1, limits.columns + 1) : [];
        if (header === null) {
          if (line > ABOVE || hidden(sheet.value)) continue;
          header = layout.readHeader(Array.from(cells, (value) => readText(value)));
          if (header !== null) yield { kind: 'header', header, sheet: nameOf(sheet.value) };
          continue;
        }
        const row = rowOf(cells, header.places, line, limits);
        if (row !== null) yield row;
      }
      if (header !== null) return;
    }
  } catch (error) {
    throw isAppError(error) ? error : fileError('bad_xlsx', '文件读不出来：请用 Excel 或 WPS 重新另存为 .xlsx', { reason: error instanceof Error ? error.name : 'unknown' });
  } finally {
    stream.destroy();
  }
}

/**
 * The library waits for an end that a broken stream never brings: what it promises is given up when the stream breaks. No
 * race with one long-lived promise, which would keep every row that ever took part in it.
 */
function untilBroken(stream: Readable): <Value>(promised: Promise<Value>) => Promise<Value> {
  let broken: { readonly error: unknown } | null = null;
  let giveUp: (error: unknown) => void = () => {};
  stream.on('error', (error) => {
    broken ??= { error };
    giveUp(broken.error);
  });
  return (promised) =>
    new Promise((resolve, reject) => {
      giveUp = reject;
      if (broken !== null) reject(broken.error);
      promised.then(resolve, (error: unknown) => reject(broken === null ? error : broken.error));
    });
}

/** Null for an empty row. */
function rowOf<Key extends string>(values: readonly (CellValue | undefined)[], places: readonly (Key | null)[], line: number, limits: FileLimits): RawRow<Key> | null {
  const cells: Partial<Record<Key, Cell>> = {};
  for (const [index, key] of places.entries()) {
    if (key === null) continue;
    const read = readCell(values[index]);
    if ('fault' in read) return { line, kind: 'fault', fault: { field: key, rule: read.fault } };
    if (typeof read.value === 'string' && read.value.length > limits.cellChars) return { line, kind: 'fault', fault: { field: key, rule: 'row_too_long' } };
    cells[key] = read.value;
  }
  const row: RowCells<Key> = cells;
  return places.every((key) => key === null || cellText(cells[key] ?? null).trim() === '') ? null : { line, kind: 'cells', cells: row };
}

// _x000D_ is how Excel writes a character that XML does not allow (ECMA-376 part 1, 22.9.2.19).
const ESCAPED = /_x([0-9A-Fa-f]{4})_/g;
const plain = (text: string): string => text.replace(ESCAPED, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function readCell(value: CellValue | undefined): ReadCell {
  if (value === null || value === undefined) return { value: null };
  if (typeof value === 'string') return { value: plain(value) };
  if (typeof value === 'number') return Number.isNaN(value) ? { fault: 'cell_error' } : { value };
  if (typeof value === 'boolean' || value instanceof Date) return { value };
  if ('error' in value) return { fault: 'cell_error' };
  if ('richText' in value) return { value: plain(value.richText.map(({ text }) => text ?? '').join('')) };
  if ('result' in value) return readCell(value.result);
  if ('text' in value) return { value: plain(String(value.text)) };
  return { value: null };
}

function readText(value: CellValue | undefined): string {
  const read = readCell(value);
  return 'fault' in read ? '' : cellText(read.value);
}

// The reader sets them, its types do not know them.
function nameOf(sheet: object): string {
  return 'name' in sheet && typeof sheet.name === 'string' ? sheet.name : '';
}
function hidden(sheet: object): boolean {
  return 'state' in sheet && (sheet.state === 'hidden' || sheet.state === 'veryHidden');
}
