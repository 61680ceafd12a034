import Type, { type Static, type TSchema } from 'typebox';
import type { LabelledText } from '../matcher/learner/train.ts';
import { readJsonLines } from './json-lines.ts';

/** The files of `items train` and `items eval`: JSONL, other fields are allowed and not looked at. */

const Labelled = Type.Object({ text: Type.String({ minLength: 1 }), item: Type.String({ minLength: 1 }) });
const Asked = Type.Object({ id: Type.String({ minLength: 1 }), text: Type.String() });

/** @throws AppError `items.bad_line` with file, line and what is wrong; `items.file_failed` */
export const readLabelled = (file: string): Promise<LabelledText[]> => readAll(file, Labelled);
export const readAsked = (file: string): Promise<Static<typeof Asked>[]> => readAll(file, Asked);

async function readAll<Schema extends TSchema>(file: string, schema: Schema): Promise<Static<Schema>[]> {
  const rows: Static<Schema>[] = [];
  await readJsonLines({ file, schema, area: 'items' }, (row) => rows.push(row));
  return rows;
}
