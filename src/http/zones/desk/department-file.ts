import { Readable } from 'node:stream';
import type { Department } from '../../../domain/config-files.ts';
import { cellText } from '../../../knowledge/files/cells.ts';
import { headersOf, layoutOf } from '../../../knowledge/files/columns.ts';
import { faultText } from '../../../knowledge/files/faults.ts';
import type { FileLimits } from '../../../knowledge/files/limits.ts';
import { readWords, writeWords } from '../../../knowledge/files/lists.ts';
import { openTable, type KnowledgeFile } from '../../../knowledge/files/open.ts';
import type { FileFacts, FileFormat, OpenFile } from '../../../knowledge/files/raw.ts';
import { writeTable } from '../../../knowledge/files/write.ts';
import { DEPARTMENT_COLUMNS, departmentCells, readDepartmentRows, type DepartmentColumn, type DepartmentImport, type DepartmentRow } from '../../../tickets/catalogue/department-table.ts';

/** Departments as a file: the readers and writers of knowledge files with the columns of departments. */

const LAYOUT = layoutOf(headersOf(DEPARTMENT_COLUMNS), 'id', '“单位编号”“单位名称”“简称”');
const LISTS = { readWords, writeWords };

/** @throws AppError `knowledge.…` when the file as a whole cannot be read; faults of rows are in the report */
export async function readDepartmentFile(file: KnowledgeFile, limits: FileLimits, inForce: readonly Department[]): Promise<{ readonly file: FileFacts; readonly result: DepartmentImport }> {
  const opened = await openTable<DepartmentColumn>(file, limits, LAYOUT);
  return { file: opened.facts, result: await readDepartmentRows(rowsOf(opened), inForce, LISTS) };
}

async function* rowsOf({ rows }: OpenFile<DepartmentColumn>): AsyncGenerator<DepartmentRow> {
  for await (const row of rows) {
    if (row.kind === 'fault') yield { line: row.line, kind: 'fault', reason: faultText(row.fault) };
    else if (row.kind === 'object') yield row;
    else {
      const cells: Partial<Record<DepartmentColumn, string>> = {};
      for (const { key } of DEPARTMENT_COLUMNS) cells[key] = cellText(row.cells[key] ?? null);
      yield { line: row.line, kind: 'cells', cells };
    }
  }
}

export function writeDepartmentFile(format: FileFormat, departments: readonly Department[]): Readable {
  if (format === 'jsonl') return Readable.from([Buffer.from(departments.map((department) => `${JSON.stringify(department)}\n`).join(''))], { objectMode: false });
  const pages = async function* () {
    yield departmentCells(departments, LISTS);
  };
  return writeTable(format, { columns: DEPARTMENT_COLUMNS, sheet: '承办单位', frozen: 2, pages: pages() });
}
