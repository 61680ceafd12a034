import { Readable } from 'node:stream';
import type { CityData } from '../../../config/city.ts';
import type { Department, ItemCatalogue } from '../../../domain/config-files.ts';
import { cellText } from '../../../knowledge/files/cells.ts';
import { headersOf, layoutOf } from '../../../knowledge/files/columns.ts';
import { faultText } from '../../../knowledge/files/faults.ts';
import type { FileLimits } from '../../../knowledge/files/limits.ts';
import { readList, readWords, writeList, writeWords } from '../../../knowledge/files/lists.ts';
import { openTable, type KnowledgeFile } from '../../../knowledge/files/open.ts';
import type { FileFacts, FileFormat, OpenFile } from '../../../knowledge/files/raw.ts';
import { writeTable } from '../../../knowledge/files/write.ts';
import { ITEM_COLUMNS, itemCells, itemLines, readItemRows, type ItemColumn, type ItemImport, type ItemRow } from '../../../tickets/catalogue/table.ts';

/** The item tree as a file: the readers and writers of knowledge files with the columns of items. For the desk and the command line. */

const LAYOUT = layoutOf(headersOf(ITEM_COLUMNS), 'code', '“事项编码”“事项名称”“承办单位”');
const LISTS = { readWords, writeWords, readList, writeList };

/** @throws AppError `knowledge.…` when the file as a whole cannot be read; faults of rows are in the report */
export async function readItemFile(file: KnowledgeFile, limits: FileLimits, city: CityData, scheme: { readonly scheme: string; readonly version: number } = city.itemScheme): Promise<{ readonly file: FileFacts; readonly result: ItemImport }> {
  const opened = await openTable<ItemColumn>(file, limits, LAYOUT);
  return { file: opened.facts, result: await readItemRows(rowsOf(opened), city, LISTS, scheme) };
}

async function* rowsOf({ rows }: OpenFile<ItemColumn>): AsyncGenerator<ItemRow> {
  for await (const row of rows) {
    if (row.kind === 'fault') yield { line: row.line, kind: 'fault', reason: faultText(row.fault) };
    else if (row.kind === 'object') yield row;
    else {
      const cells: Partial<Record<ItemColumn, string>> = {};
      for (const { key } of ITEM_COLUMNS) cells[key] = cellText(row.cells[key] ?? null);
      yield { line: row.line, kind: 'cells', cells };
    }
  }
}

export function writeItemFile(format: FileFormat, catalogue: ItemCatalogue, departments: readonly Department[]): Readable {
  if (format === 'jsonl') return Readable.from([Buffer.from(itemLines(catalogue))], { objectMode: false });
  const pages = async function* () {
    yield itemCells(catalogue, departments, LISTS);
  };
  return writeTable(format, { columns: ITEM_COLUMNS, sheet: '事项', frozen: 2, pages: pages() });
}
