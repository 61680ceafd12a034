import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { AppError } from '../domain/errors.ts';
import { createBar } from './kb-lines.ts';

export interface EvalLines<Row> {
  readonly out: string;
  readonly rows: readonly Row[];
  /** What is made of a row; written as one line of JSON. */
  readonly lineOf: (row: Row) => unknown;
  /** For programs: no bar. */
  readonly json: boolean;
  /** What a row is called on the bar. */
  readonly unit: string;
  /** Of the error when the file cannot be written. */
  readonly code: string;
}

/**
 * Writes a line for every row, with a bar.
 * @returns processor time a row, whole microseconds
 * @throws AppError `code`
 */
export async function writeEvalLines<Row>({ out, rows, lineOf, json, unit, code }: EvalLines<Row>): Promise<number> {
  const bar = createBar(json);
  const file = createWriteStream(out, 'utf8');
  const failed = once(file, 'error').then(([error]) => {
    throw new AppError(code, `写不了文件 ${out}`, { details: { file: out }, cause: error });
  });
  bar.start(rows.length, unit);
  const began = process.cpuUsage();
  const write = async (): Promise<void> => {
    for (const [at, row] of rows.entries()) {
      if (!file.write(`${JSON.stringify(lineOf(row))}\n`)) await once(file, 'drain');
      bar.tick(at + 1);
    }
    file.end();
    await once(file, 'finish');
  };
  try {
    await Promise.race([write(), failed]);
  } finally {
    bar.stop();
  }
  const { user, system } = process.cpuUsage(began);
  return rows.length === 0 ? 0 : Math.round((user + system) / rows.length);
}
