import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import Type, { type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { AppError, isAppError } from '../domain/errors.ts';
import type { LabelledText } from '../matcher/learner/train.ts';

/** The files of `items train` and `items eval`: JSONL, other fields are allowed and not looked at. */

const Labelled = Type.Object({ text: Type.String({ minLength: 1 }), item: Type.String({ minLength: 1 }) });
const Asked = Type.Object({ id: Type.String({ minLength: 1 }), text: Type.String() });

/** @throws AppError `items.bad_line` with file, line and what is wrong; `items.file_failed` */
export const readLabelled = (file: string): Promise<LabelledText[]> => readLines(file, Labelled);
export const readAsked = (file: string): Promise<Static<typeof Asked>[]> => readLines(file, Asked);

async function readLines<Schema extends TSchema>(file: string, schema: Schema): Promise<Static<Schema>[]> {
  const rows: Static<Schema>[] = [];
  let number = 0;
  const fault = (reason: string): AppError => new AppError('items.bad_line', `${file}:${number} ${reason}`, { details: { file, line: number, reason } });
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
      rows.push(row);
    }
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError('items.file_failed', `读不了文件 ${file}`, { details: { file }, cause: error });
  }
  return rows;
}

function parse(text: string, fault: (reason: string) => AppError): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault('不是 JSON');
  }
}
