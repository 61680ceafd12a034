import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { AppError } from '../domain/errors.ts';

/** What a run of the migrations found and did. Versions are names of migrations (`0001_what_changed`). */
export interface MigrationReport {
  readonly dialect: 'sqlite' | 'postgres';
  /** The version found; null in an empty database. `unknown`: made by a newer program. */
  readonly from: string | null;
  readonly to: string;
  /** Applied now, in order. */
  readonly ran: readonly string[];
}

export interface JournalEntry {
  readonly tag: string;
  /** Epoch ms, drizzle's mark of what was applied. */
  readonly when: number;
}

const Journal = Type.Object({ entries: Type.Array(Type.Object({ tag: Type.String(), when: Type.Integer() }), { minItems: 1 }) });

/** The committed migrations of a folder, oldest first. */
export async function readJournal(folder: string): Promise<readonly JournalEntry[]> {
  const journal: unknown = JSON.parse(await readFile(join(folder, 'meta', '_journal.json'), 'utf8'));
  if (!Value.Check(Journal, journal)) throw new AppError('store.bad_journal', 'the journal of the migrations cannot be read', { status: 500 });
  return journal.entries;
}

/** `before` and `after`: the mark of the newest applied migration, or null. */
export function reportOf(dialect: MigrationReport['dialect'], journal: readonly JournalEntry[], before: number | null, after: number | null): MigrationReport {
  const nameOf = (mark: number | null): string | null => (mark === null ? null : (journal.find((entry) => entry.when === mark)?.tag ?? 'unknown'));
  return { dialect, from: nameOf(before), to: nameOf(after) ?? 'unknown', ran: journal.filter((entry) => entry.when > (before ?? 0) && entry.when <= (after ?? 0)).map((entry) => entry.tag) };
}
