import { hash as digest } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../../domain/errors.ts';
import type { Vault } from '../contract.ts';
import type { Cell, Row, TransferTable } from './tables.ts';

/**
 * The file of an export: lines of JSON, gzip around them when its name ends in .gz.
 *
 *   {"yihu":"export","version":1,"schema":…,"from":"sqlite","at":…,"keyCheck":…,"counts":{"citizens":2,…}}
 *   {"table":"citizens","columns":["id",…]}          one such line a table, those others refer to first
 *   ["0198…","v1.…",…]                               its rows, in the order of the columns; bytes are base64
 *   {"end":true,"counts":{…},"sums":{…},"positions":{…},"sha256":"…"}
 *
 * `sha256` covers every byte before the last line, so that a file that was cut off or changed is refused. A table's
 * sum does not depend on the order of its rows, because databases sort text differently.
 */
export const FORMAT_VERSION = 1;

const Amounts = Type.Record(Type.String(), Type.Integer({ minimum: 0 }));

export const HeaderSchema = Type.Object({
  yihu: Type.Literal('export'),
  version: Type.Integer(),
  schema: Type.String(),
  from: Type.Union([Type.Literal('sqlite'), Type.Literal('postgres')]),
  at: Type.String(),
  /** Keyed hash of a constant: only the same VAULT_KEY makes it. */
  keyCheck: Type.String(),
  counts: Amounts,
});
export type Header = Static<typeof HeaderSchema>;

const SectionSchema = Type.Object({ table: Type.String(), columns: Type.Array(Type.String()) });
export type Section = Static<typeof SectionSchema>;

const EndSchema = Type.Object({ end: Type.Literal(true), counts: Amounts, sums: Type.Record(Type.String(), Type.String()), positions: Amounts, sha256: Type.String() });
export type End = Static<typeof EndSchema>;

const CellsSchema = Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]));

const isHeader = Compile(HeaderSchema);
const isSection = Compile(SectionSchema);
const isEnd = Compile(EndSchema);
const areCells = Compile(CellsSchema);

/** Depends on the key alone. */
export function keyCheckOf(vault: Vault): string {
  return vault.blindIndex('yihu.transfer', 'the same key');
}

/** @throws AppError `transfer.bad_row` for a number that JSON does not carry */
export function rowLine(table: TransferTable, row: Row): string {
  for (const [index, cell] of row.entries()) {
    if (typeof cell === 'number' && !(table.columns[index]?.kind === 'real' ? Number.isFinite(cell) : Number.isSafeInteger(cell))) throw badRow(table.name);
  }
  return JSON.stringify(row.map((cell) => (Buffer.isBuffer(cell) ? cell.toString('base64') : cell)));
}

/** @throws AppError `transfer.bad_row` when the cells are not those of the table */
export function readRow(table: TransferTable, line: string): Row {
  const cells = parse(line);
  if (!areCells.Check(cells) || cells.length !== table.columns.length) throw badRow(table.name);
  return cells.map((cell, index) => readCell(table, index, cell));
}

function readCell(table: TransferTable, index: number, cell: string | number | boolean | null): Cell {
  const column = table.columns[index];
  if (column === undefined) throw badRow(table.name);
  if (cell === null && column.nullable) return null;
  if ((column.kind === 'text' && typeof cell === 'string') || (column.kind === 'bool' && typeof cell === 'boolean')) return cell;
  if (typeof cell === 'number' && (column.kind === 'real' || (column.kind === 'int' && Number.isSafeInteger(cell)))) return cell;
  if (column.kind === 'bytes' && typeof cell === 'string') return Buffer.from(cell, 'base64');
  throw badRow(table.name);
}

export type Line = { readonly kind: 'row' } | { readonly kind: 'section'; readonly section: Section } | { readonly kind: 'end'; readonly end: End };

/** What a line after the header is; rows are read later, when their table is known. */
export function lineOf(text: string): Line {
  if (text.startsWith('[')) return { kind: 'row' };
  const value = parse(text);
  if (isSection.Check(value)) return { kind: 'section', section: value };
  if (isEnd.Check(value)) return { kind: 'end', end: value };
  throw damaged();
}

export function readHeader(text: string): Header {
  const value = parse(text);
  if (!isHeader.Check(value)) throw new AppError('transfer.not_an_export', 'this is no file of `yihu export`');
  return value;
}

/** Adds up the hashes of lines, whatever their order. */
export function createSum(): { add(line: string): void; readonly text: string } {
  const sum = new Uint32Array(8);
  return {
    add(line) {
      const bytes = digest('sha256', line, 'buffer');
      for (let index = 0; index < sum.length; index += 1) sum[index] = (sum[index] ?? 0) + bytes.readUInt32LE(index * 4);
    },
    get text() {
      return Buffer.from(sum.buffer).toString('hex');
    },
  };
}

export function damaged(): AppError {
  return new AppError('transfer.damaged', 'the file was cut off or changed: export again');
}

function badRow(table: string): AppError {
  return new AppError('transfer.bad_row', `a row of ${table} is not as its columns ask`, { details: { table } });
}

/** The parser's own message quotes the text, and this text is people's. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged();
  }
}
