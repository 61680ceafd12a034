import cliProgress from 'cli-progress';
import Type, { type Static, type TSchema } from 'typebox';
import { loadCity } from '../config/city.ts';
import { findRoot } from '../config/root.ts';
import { isAppError } from '../domain/errors.ts';
import type { AnalyzerOptions } from '../matcher/segment.ts';
import type { MatchEntry } from '../matcher/types.ts';
import { UsageError } from './database.ts';
import { readJsonLines } from './json-lines.ts';

/** What `kb eval` and `kb train` share: their files, the city's words, a progress bar, how faults are told. */

const Text = Type.String();
/** Other fields are allowed and not looked at. */
const EntryLine = Type.Object({
  id: Type.String({ minLength: 1 }),
  question: Type.Optional(Text),
  variants: Type.Optional(Type.Array(Text)),
  answer: Type.Optional(Text),
  category: Type.Optional(Text),
  keywords: Type.Optional(Type.Array(Text)),
  department: Type.Optional(Text),
  dept: Type.Optional(Text),
});
const QueryLine = Type.Object({ id: Type.String({ minLength: 1 }), query: Text, entryIds: Type.Optional(Type.Array(Text)) });

export type QueryRow = Static<typeof QueryLine>;

/** Entries of a JSONL file. Throws AppError `kb.bad_line` with file, line and what is wrong. */
export async function readEntries(file: string): Promise<MatchEntry[]> {
  const lines = await readLines(file, EntryLine);
  return lines.map(({ id, question = '', variants, answer, category, keywords, department, dept }) => ({
    id, question, variants: variants ?? [], answer: answer ?? '', category: category ?? '', keywords: keywords ?? [],
    ...((department ?? dept) === undefined ? {} : { department: department ?? dept ?? '' }),
  }));
}

/** Questions of a JSONL file; `entryIds` (the right entries) is only needed for training. */
export function readQueries(file: string): Promise<QueryRow[]> {
  return readLines(file, QueryLine);
}

async function readLines<Schema extends TSchema>(file: string, schema: Schema): Promise<(Static<Schema> & { readonly id: string })[]> {
  const seen = new Set<string>();
  const rows: (Static<Schema> & { readonly id: string })[] = [];
  await readJsonLines({ file, schema, area: 'kb' }, (row, fault) => {
    if (!hasId(row)) throw fault('字段不对：id');
    if (seen.has(row.id)) throw fault(`id 重复：${row.id}`);
    seen.add(row.id);
    rows.push(row);
  });
  return rows;
}

function hasId(row: unknown): row is { readonly id: string } {
  return typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string';
}

/** The words of config/, as the gateway gives them to its matcher. */
export function cityWords(): AnalyzerOptions {
  const city = loadCity(findRoot(import.meta.url));
  const { synonyms, dialect, stopWords, words } = city.lexicon;
  return { words: [...words, ...city.towns.flatMap((town) => [town.name, town.short]), ...city.departments.flatMap((department) => [department.name, department.short])], synonyms, dialect, stopWords };
}

export interface Bar {
  start(total: number, what: string): void;
  tick(done: number): void;
  stop(): void;
}

/** A bar on stderr while a person watches; otherwise nothing. */
export function createBar(json: boolean): Bar {
  if (json || !process.stderr.isTTY) return { start: () => {}, tick: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({ format: '{bar} {percentage}% {value}/{total}，还要 {eta_formatted}  {what}', stream: process.stderr, hideCursor: true, clearOnComplete: true }, cliProgress.Presets.shades_classic);
  return {
    start: (total, what) => bar.start(total, 0, { what }),
    tick: (done) => bar.update(done),
    stop: () => bar.stop(),
  };
}

/**
 * Runs one command and turns faults into exit codes.
 * @param act returns the text for people and the facts for --json
 * @returns 0 done, 1 not done, 2 called wrongly
 */
export async function runTold(help: string, json: boolean, act: () => Promise<{ readonly text: string; readonly facts: object }>): Promise<number> {
  try {
    const { text, facts } = await act();
    process.stdout.write(json ? `${JSON.stringify({ ok: true, ...facts })}\n` : `${text}\n`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${help}`);
      return 2;
    }
    if (!isAppError(error)) throw error;
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, code: error.code, message: error.message, details: error.details })}\n`);
    else process.stderr.write(`没有做成：${error.message}\n`);
    return 1;
  }
}
