import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Client from 'better-sqlite3';
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3';
import { migrate as migrateSqlite } from 'drizzle-orm/better-sqlite3/migrator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { searchWords } from '../../src/store/search-words.ts';
import { openAnyPostgres } from '../support/any-postgres.ts';
import { temporaryFolder, testVault } from './support.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** The migrations up to the one before tickets were searched by words. */
function before(dialect: 'sqlite' | 'postgres'): string {
  const from = fileURLToPath(new URL(`../../src/store/migrations/${dialect}`, import.meta.url));
  const to = join(folder.path, dialect);
  mkdirSync(join(to, 'meta'), { recursive: true });
  const journal: { entries: { tag: string }[] } = JSON.parse(readFileSync(join(from, 'meta/_journal.json'), 'utf8'));
  const entries = journal.entries.slice(0, journal.entries.findIndex(({ tag }) => tag.endsWith('_ticket-search')));
  expect(entries.length).toBeGreaterThan(4);
  for (const { tag } of entries) cpSync(join(from, `${tag}.sql`), join(to, `${tag}.sql`));
  writeFileSync(join(to, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }));
  return to;
}

const TEXTS: readonly (readonly [title: string, content: string, place: string | null])[] = [
  ['路灯不亮', '夜里 看不见\t三天了\n请修', '建设路7号'],
  ['WiFi 断网', 'KTV太吵100%_\\ "loud" ÉÀ', null],
  ['麤', '\u{20000}字🚧', ''],
  [' ', '', ' a  b '],
];
const text = (value: string | null): string => (value === null ? 'null' : `'${value.replaceAll("'", "''")}'`);
const rows = (no: string): readonly string[] => [
  `insert into citizens (id, created_at) values ('c1', 1)`,
  ...TEXTS.map(([title, content, place], index) => `insert into tickets (id, number, kind, state, title, content, place, urgency, confidential, callback, citizen_id, channel, urges, created_at, updated_at, version, last_event_seq) values ('t${index}', 'n${index}', '投诉', '受理', ${text(title)}, ${text(content)}, ${text(place)}, 'normal', ${no}, ${no}, 'c1', 'webchat', 0, 5, 5, 1, 0)`),
];
const LOOK = 'select ticket_id, created_at, words from ticket_texts order by ticket_id';
const sorted = (words: unknown): readonly string[] => String(words).split(' ').toSorted();
const WORDS = TEXTS.map((texts) => sorted(searchWords(texts)));

describe('tickets of a database from before they were searched by words', () => {
  it('are found in SQLite, and have the words that new ones have', async () => {
    const file = join(folder.path, 'yihu.sqlite3');
    const old = new Client(file);
    migrateSqlite(drizzleSqlite(old), { migrationsFolder: before('sqlite'), migrationsTable: 'yihu_migrations' });
    for (const row of rows('0')) old.exec(row);
    old.close();
    await openSqliteStore({ file, vault: testVault() }).close();
    const look = new Client(file);
    expect(look.prepare<[], { readonly words: string }>(LOOK).all().map(({ words }) => sorted(words))).toEqual(WORDS);
    // As when the next dozens come.
    look.exec('delete from ticket_waiting');
    expect(look.prepare(`select ticket_id from ticket_slots join ticket_search s on s.rowid = slot where ticket_search match '"灯不" AND "不亮"'`).all()).toEqual([{ ticket_id: 't0' }]);
    // The newest are found by streaming slots; nothing is sorted.
    const plan = look.prepare<[], { readonly detail: string }>(`explain query plan select ticket_id from ticket_search cross join ticket_slots where ticket_search match '"灯不"' and ticket_slots.slot = ticket_search.rowid order by ticket_search.rowid desc limit 5`).all().map(({ detail }) => detail).join('\n');
    expect(plan).toMatch(/ticket_slots USING INTEGER PRIMARY KEY/);
    expect(plan).not.toMatch(/TEMP B-TREE/);
    look.close();
  });

  it('have the same words in PostgreSQL', async () => {
    const postgres = await openAnyPostgres('empty');
    await postgres.migrate(before('postgres'));
    for (const row of rows('false')) await postgres.exec(row);
    await postgres.migrate();
    expect((await postgres.query<{ readonly words: string }>(LOOK)).map(({ words }) => sorted(words))).toEqual(WORDS);
    await postgres.close();
  }, 120_000);
});
