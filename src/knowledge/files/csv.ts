import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { Cell } from './cells.ts';
import type { Header, TableLayout } from './columns.ts';
import { decodeText } from './decode.ts';
import { fileError, type FileLimits } from './limits.ts';
import type { OpenFile, RawRow, RowCells } from './raw.ts';

/** CSV in and out, as Excel, WPS and systems write it (RFC 4180 with line breaks in quotes). */

const DELIMITERS = [',', ';', '\t'] as const;
/** Lines above the header (a title, a date) that are looked past. */
const ABOVE = 10;

/**
 * Excel and WPS take a cell that begins so for a formula. An apostrophe in front makes it text, and is taken away on
 * reading; a text that begins with an apostrophe before such a character gets one more.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^'*[=+\-@＝＋－＠\t\r]/;
const GUARDED = /^'+[=+\-@＝＋－＠\t\r]/;
export const guardCell = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
export const unguardCell = (text: string): string => (GUARDED.test(text) ? text.slice(1) : text);

interface Start<Key extends string> {
  readonly header: Header<Key>;
  readonly delimiter: string;
  /** Records up to and with the header. */
  readonly records: number;
}

export async function openCsv<Key extends string>(bytes: Buffer, limits: FileLimits, layout: TableLayout<Key>): Promise<OpenFile<Key>> {
  const text = decodeText(bytes);
  const start = await findHeader(text.chunks, limits, layout);
  if (start === null) throw fileError('no_header', `找不到表头：第一行要有${layout.wanted}等列名`);
  let taken = 0;
  const feed = function* (): Generator<string> {
    for (const chunk of text.chunks()) {
      yield chunk;
      taken += chunk.length;
    }
  };
  return {
    facts: { format: 'csv', encoding: text.encoding, delimiter: start.delimiter, sheet: null, ignored: [...start.header.unknown, ...start.header.repeated] },
    read: () => Math.min(1, (taken * (text.encoding === 'utf-16le' ? 2 : 2.2)) / Math.max(1, bytes.length)),
    rows: rowsOf(feed(), start, limits),
  };
}

async function* rowsOf<Key extends string>(chunks: Iterable<string>, start: Start<Key>, limits: FileLimits): AsyncGenerator<RawRow<Key>> {
  let before = 0;
  let index = 0;
  for await (const { record, endLine } of records(chunks, start.delimiter, limits)) {
    const line = before + 1;
    before = endLine;
    index += 1;
    if (index <= start.records || record.every((cell) => cell.trim() === '')) continue;
    yield record.some((cell) => cell.length > limits.cellChars) ? { line, kind: 'fault', fault: { field: 'row', rule: 'row_too_long' } } : { line, kind: 'cells', cells: cellsOf(record, start.header.places) };
  }
}

function cellsOf<Key extends string>(record: readonly string[], places: readonly (Key | null)[]): RowCells<Key> {
  const cells: Partial<Record<Key, Cell>> = {};
  for (const [index, cell] of record.entries()) {
    const key = places[index];
    if (key !== undefined && key !== null) cells[key] = unguardCell(cell);
  }
  return cells;
}

/** The delimiter under which a line near the top names the most columns. */
async function findHeader<Key extends string>(chunks: () => Generator<string>, limits: FileLimits, layout: TableLayout<Key>): Promise<Start<Key> | null> {
  let best: Start<Key> | null = null;
  const known = (start: Start<Key> | null): number => start?.header.places.filter((key) => key !== null).length ?? 0;
  for (const delimiter of DELIMITERS) {
    let count = 0;
    try {
      for await (const { record } of records(chunks(), delimiter, limits)) {
        count += 1;
        const header = layout.readHeader(record);
        if (header !== null) {
          const start = { header, delimiter, records: count };
          if (known(start) > known(best)) best = start;
        }
        if (header !== null || count >= ABOVE) break;
      }
    } catch (error) {
      // Under a wrong delimiter quotes may stand where none may; the right one tells its own faults when it is read.
      if (delimiter === DELIMITERS[DELIMITERS.length - 1] && best === null) throw error;
    }
  }
  return best;
}

async function* records(chunks: Iterable<string>, delimiter: string, limits: FileLimits): AsyncGenerator<{ readonly record: readonly string[]; readonly endLine: number }> {
  const parser = Readable.from(chunks).pipe(parse({ delimiter, info: true, relax_column_count: true, max_record_size: limits.recordChars }));
  try {
    for await (const given of parser) {
      const found: unknown = given;
      if (!isRecord(found)) continue;
      yield { record: found.record, endLine: found.info.lines };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = 'lines' in error && typeof error.lines === 'number' ? error.lines : 0;
    if (error.code === 'CSV_MAX_RECORD_SIZE') throw fileError('bad_csv', `第 ${line} 行附近有一行太长，多半是引号没有成对`, { line });
    throw fileError('bad_csv', `第 ${line} 行附近引号不成对，请用 Excel 或 WPS 重新另存为 CSV`, { line, reason: error.code });
  } finally {
    parser.destroy();
  }
}

function isRecord(value: unknown): value is { readonly record: readonly string[]; readonly info: { readonly lines: number } } {
  return typeof value === 'object' && value !== null && 'record' in value && Array.isArray(value.record) && 'info' in value && typeof value.info === 'object' && value.info !== null && 'lines' in value.info && typeof value.info.lines === 'number';
}
