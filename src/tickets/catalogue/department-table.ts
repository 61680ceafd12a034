import { Value } from 'typebox/value';
import { checkDepartments } from '../../domain/city-checks.ts';
import { DepartmentSchema, type Department, type DepartmentsCatalogue } from '../../domain/config-files.ts';
import type { ItemRowReport } from './table.ts';

/** Departments as rows of a table, and back. What a file is and how its cells are read is the caller's. Pure. */

export type DepartmentColumn = 'id' | 'name' | 'short' | 'aliases' | 'duties';

export const DEPARTMENT_COLUMNS: readonly { readonly key: DepartmentColumn; readonly label: string; readonly also: readonly string[]; readonly width: number; readonly required?: true }[] = [
  { key: 'id', label: '单位编号', also: ['编号', '单位编码', '单位代码', 'departmentid'], width: 20, required: true },
  { key: 'name', label: '单位名称', also: ['名称', '全称', '单位', '承办单位'], width: 36, required: true },
  { key: 'short', label: '简称', also: ['单位简称'], width: 16, required: true },
  { key: 'aliases', label: '别名', also: ['其他名称', '俗称', '又名'], width: 36 },
  { key: 'duties', label: '职责', also: ['主要职责', '职能', '业务范围'], width: 60 },
];

export type DepartmentRow = { readonly line: number } & (
  | { readonly kind: 'cells'; readonly cells: Readonly<Partial<Record<DepartmentColumn, string>>> }
  | { readonly kind: 'object'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly reason: string }
);

export interface DepartmentImport {
  readonly rows: readonly ItemRowReport[];
  readonly counts: Readonly<Record<ItemRowReport['status'], number>>;
  /** Ids in force that the file has not. */
  readonly gone: readonly string[];
  /** Null when a row was refused. */
  readonly catalogue: DepartmentsCatalogue | null;
}

interface WordLists {
  readonly readWords: (text: string) => readonly string[];
  readonly writeWords: (words: readonly string[]) => string;
}

const RULES: Readonly<Partial<Record<DepartmentColumn, string>>> = { id: '只能是小写字母、数字、连字符', name: '必须填写', short: '必须填写' };

/** Reads a whole list: the file is the new catalogue, what it has not is gone. */
export async function readDepartmentRows(rows: AsyncIterable<DepartmentRow>, inForce: readonly Department[], { readWords }: WordLists): Promise<DepartmentImport> {
  const read: { readonly line: number; readonly code: string | null; readonly value: Department | null; readonly reasons: readonly string[] }[] = [];
  for await (const row of rows) {
    if (row.kind === 'fault') {
      read.push({ line: row.line, code: null, value: null, reasons: [row.reason] });
      continue;
    }
    const value: unknown = row.kind === 'cells' ? fromCells(row.cells, readWords) : row.value;
    const id = typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : null;
    if (Value.Check(DepartmentSchema, value)) read.push({ line: row.line, code: id, value, reasons: [] });
    else read.push({ line: row.line, code: id, value: null, reasons: shapeFaults([...Value.Errors(DepartmentSchema, value)]) });
  }
  const departments = read.flatMap(({ value }) => (value === null ? [] : [value]));
  const faults = checkDepartments(departments);
  const before = new Map(inForce.map((department) => [department.id, canonical(department)]));
  let place = -1;
  const report = read.map(({ line, code, value, reasons }): ItemRowReport => {
    if (value === null) return { line, code, status: 'refused', reasons };
    place += 1;
    const found = faults.filter(({ pointer }) => pointer.startsWith(`/departments/${place}/`));
    const was = before.get(value.id);
    const status = found.some(({ severity }) => severity === 'error') ? 'refused' : was === undefined ? 'new' : was === canonical(value) ? 'same' : 'changed';
    return { line, code: value.id, status, reasons: found.map(({ text }) => text) };
  });
  const counts = { new: 0, changed: 0, same: 0, refused: 0 };
  for (const { status } of report) counts[status] += 1;
  // What a refused row was about is not gone, it is only not read.
  const named = new Set(read.flatMap(({ code }) => (code === null ? [] : [code])));
  return { rows: report, counts, gone: [...before.keys()].filter((id) => !named.has(id)), catalogue: counts.refused > 0 || departments.length === 0 ? null : { departments } };
}

export function departmentCells(departments: readonly Department[], { writeWords }: WordLists): readonly (readonly string[])[] {
  return departments.map(({ id, name, short, aliases = [], duties }) => [id, name, short, writeWords(aliases), duties]);
}

function fromCells(cells: Readonly<Partial<Record<DepartmentColumn, string>>>, readWords: WordLists['readWords']): object {
  const text = (column: DepartmentColumn): string => (cells[column] ?? '').trim();
  const aliases = readWords(cells.aliases ?? '');
  return { id: text('id'), name: text('name'), short: text('short'), ...(aliases.length === 0 ? {} : { aliases: [...aliases] }), duties: text('duties') };
}

function shapeFaults(errors: readonly { readonly instancePath: string; readonly message: string }[]): string[] {
  return [...new Set(errors.map(({ instancePath, message }) => {
    const column = DEPARTMENT_COLUMNS.find(({ key }) => key === instancePath.split('/')[1]);
    return column === undefined ? (message.includes('additional') ? '有不认识的字段' : '不是一个单位') : `${column.label}：${RULES[column.key] ?? '格式不对'}`;
  }))];
}

const canonical = (thing: object): string => JSON.stringify(Object.entries(thing).toSorted(([a], [b]) => (a < b ? -1 : 1)));
