import { AppError } from '../../domain/errors.ts';

/** What a knowledge file may be at most. A city's whole base (20,000 entries) is some 40 MB as JSONL and 10 MB as XLSX. */
export interface FileLimits {
  readonly fileBytes: number;
  readonly rows: number;
  /** Characters of one cell: Excel's own limit. */
  readonly cellChars: number;
  /** Columns of a sheet that are looked at. */
  readonly columns: number;
  /** One sheet of an XLSX file, unpacked. */
  readonly sheetBytes: number;
  /** The table of shared strings of an XLSX file, unpacked: the reader keeps it in memory. */
  readonly stringsBytes: number;
  /** One JSONL line or CSV record. */
  readonly recordChars: number;
}

const MB = 1024 * 1024;

export const FILE_LIMITS: FileLimits = { fileBytes: 64 * MB, rows: 100_000, cellChars: 32_767, columns: 200, sheetBytes: 256 * MB, stringsBytes: 96 * MB, recordChars: 400_000 };

/** For uploads: a node does its other work at the same time. */
export const UPLOAD_LIMITS: FileLimits = { ...FILE_LIMITS, fileBytes: 16 * MB, rows: 20_000, sheetBytes: 96 * MB, stringsBytes: 48 * MB };

/** A file that cannot be read at all; `text` is what the editor is told. */
export function fileError(code: string, text: string, details: Readonly<Record<string, string | number>> = {}): AppError {
  return new AppError(`knowledge.${code}`, text, { status: code === 'file_too_large' ? 413 : 400, citizenText: text, details });
}
