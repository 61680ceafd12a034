import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { AppError, isAppError } from '../domain/errors.ts';

/** A JSONL file of one shape; fields that the shape does not name are not looked at. */
export interface JsonLines<Schema extends TSchema> {
  readonly file: string;
  readonly schema: Schema;
  /** First part of the error codes: `kb`, `items`. */
  readonly area: string;
}

/**
 * Hands each row over in the file's order; empty lines are passed over, a byte order mark too.
 * @param onRow may refuse a row by throwing what `fault(reason)` makes
 * @throws AppError `<area>.bad_line` with file, line and what is wrong; `<area>.file_failed`
 */
export async function readJsonLines<Schema extends TSchema>({ file, schema, area }: JsonLines<Schema>, onRow: (row: Static<Schema>, fault: (reason: string) => AppError) => void): Promise<void> {
  let number = 0;
  const fault = (reason: string): AppError => new AppError(`${area}.bad_line`, `${file}:${number} ${reason}`, { details: { file, line: number, reason } });
  try {
    for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      const text = number === 1 ? line.replace(/^\ufeff/, '') : line;
      if (text.trim() === '') continue;
      const row = parse(text, fault);
      if (!Value.Check(schema, row)) {
        const [first] = Value.Errors(schema, row);
        throw fault(`字段不对：${first === undefined ? '' : `${first.instancePath || '/'} ${first.message}`}`);
      }
      onRow(row, fault);
    }
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError(`${area}.file_failed`, `读不了文件 ${file}`, { details: { file }, cause: error });
  }
}

function parse(text: string, fault: (reason: string) => AppError): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault('不是 JSON');
  }
}
