import { fileError, type FileLimits } from './limits.ts';
import { KNOWLEDGE_LAYOUT, type ColumnKey, type TableLayout } from './columns.ts';
import { openCsv } from './csv.ts';
import { openJsonl } from './jsonl.ts';
import type { FileFormat, OpenFile } from './raw.ts';
import { openXlsx } from './xlsx.ts';

/** A knowledge file, whole in memory (limits.fileBytes at most); it is unpacked and decoded piece by piece. */
export interface KnowledgeFile {
  /** For its ending only. */
  readonly name: string;
  readonly bytes: Buffer;
}

const ZIP = Buffer.from([0x50, 0x4b]);
const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);

/** What it is, by its content first. @throws AppError when it is nothing that is read */
export function formatOf({ name, bytes }: KnowledgeFile): FileFormat {
  if (bytes.subarray(0, 2).equals(ZIP)) return 'xlsx';
  if (bytes.subarray(0, 8).equals(OLE)) throw fileError('old_excel', '这是旧版 .xls 或加了密码的文件：请另存为不加密的 .xlsx');
  if (/\.(?:jsonl|ndjson)$/i.test(name)) return 'jsonl';
  if (/\.(?:csv|tsv|txt)$/i.test(name)) return 'csv';
  return /^\uFEFF?\s*\{/.test(bytes.toString('utf8', 0, 64)) ? 'jsonl' : 'csv';
}

/** @throws AppError `knowledge.…` with the reason in Chinese when the file as a whole cannot be read; faults of rows are rows */
export function openFile(file: KnowledgeFile, limits: FileLimits): Promise<OpenFile<ColumnKey>> {
  return openTable(file, limits, KNOWLEDGE_LAYOUT);
}

/** The same for tables of other things: items of a catalogue. */
export async function openTable<Key extends string>(file: KnowledgeFile, limits: FileLimits, layout: TableLayout<Key>): Promise<OpenFile<Key>> {
  if (file.bytes.length > limits.fileBytes) throw fileError('file_too_large', `文件太大：最多 ${Math.floor(limits.fileBytes / 1024 / 1024)} MB`, { bytes: file.bytes.length, limit: limits.fileBytes });
  if (file.bytes.length === 0) throw fileError('empty_file', '文件是空的');
  const format = formatOf(file);
  if (format === 'xlsx') return openXlsx(file.bytes, limits, layout);
  return format === 'csv' ? openCsv(file.bytes, limits, layout) : openJsonl<Key>(file.bytes, limits);
}
