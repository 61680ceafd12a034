import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Client from 'better-sqlite3';
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3';
import { migrate as migrateSqlite } from 'drizzle-orm/better-sqlite3/migrator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { aKnowledgeEntry } from '../factories/index.ts';
import { openAnyPostgres } from '../support/any-postgres.ts';
import { temporaryFolder, testVault } from './support.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const entries = [aKnowledgeEntry({ id: 'x.b', department: 'police', owner: 'li', reviewOn: '2026-12-01' }), aKnowledgeEntry({ id: 'x.a', department: 'ecology', expiresOn: '2027-01-01', answer: '引号"与\\反斜线，都要原样保留。' })];
const rowsOf = (quote: (text: string) => string): readonly string[] => [
  ...entries.map((entry) => `insert into knowledge_entries (id, module, entry, updated_at) values (${[entry.id, entry.module, JSON.stringify(entry)].map(quote).join(', ')}, 5)`),
  "insert into knowledge_gaps (id, conversation_id, question, best_id, best_score, at) values ('g1', 'v1', '问题', null, 0.5, 7)",
];
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The migrations up to the one that came before knowledge had editors. */
function before(dialect: 'sqlite' | 'postgres'): string {
  const from = fileURLToPath(new URL(`../../src/store/migrations/${dialect}`, import.meta.url));
  const to = join(folder.path, dialect);
  mkdirSync(join(to, 'meta'), { recursive: true });
  const journal: { entries: { tag: string }[] } = JSON.parse(readFileSync(join(from, 'meta/_journal.json'), 'utf8'));
  const [first] = journal.entries;
  if (first === undefined) throw new Error('no migrations');
  cpSync(join(from, `${first.tag}.sql`), join(to, `${first.tag}.sql`));
  writeFileSync(join(to, 'meta/_journal.json'), JSON.stringify({ ...journal, entries: [first] }));
  return to;
}

const AFTER = [
  { id: 'x.a', state: 'published', origin: 'file', revision: 1, departments: ',ecology,', owner: null, change_seq: 1, review_on: null, expires_on: '2027-01-01', updated_at: 5 },
  { id: 'x.b', state: 'published', origin: 'file', revision: 1, departments: ',police,', owner: 'li', change_seq: 2, review_on: '2026-12-01', expires_on: null, updated_at: 5 },
];
const LOOK = 'select id, state, origin, revision, departments, owner, change_seq, review_on, expires_on, updated_at from knowledge_entries order by id';

describe('knowledge of a database from before there were editors', () => {
  it('is published, from the files, in SQLite', async () => {
    const file = join(folder.path, 'yihu.sqlite3');
    const old = new Client(file);
    migrateSqlite(drizzleSqlite(old), { migrationsFolder: before('sqlite'), migrationsTable: 'yihu_migrations' });
    for (const row of rowsOf(quoted)) old.exec(row);
    old.close();
    const store = openSqliteStore({ file, vault: testVault() });
    expect(await store.read((repos) => repos.knowledge.all())).toEqual([entries[1], entries[0]]);
    expect((await store.read((repos) => repos.knowledge.changes(0, 10))).map((row) => [row.id, row.changeSeq])).toEqual([['x.a', 1], ['x.b', 2]]);
    expect(await store.read((repos) => repos.gaps.latest(5))).toEqual([{ id: 'g1', conversationId: 'v1', kind: 'unanswered', question: '问题', bestId: null, bestScore: 0.5, at: 7, clusterId: null }]);
    await store.close();
    const look = new Client(file);
    expect(look.prepare(LOOK).all()).toEqual(AFTER);
    look.close();
  });

  it('is published, from the files, in PostgreSQL', async () => {
    const postgres = await openAnyPostgres('empty');
    await postgres.migrate(before('postgres'));
    for (const row of rowsOf(quoted)) await postgres.exec(row);
    await postgres.migrate();
    expect(await postgres.query(LOOK)).toEqual(AFTER);
    expect(await postgres.query('select kind, cluster_id from knowledge_gaps')).toEqual([{ kind: 'unanswered', cluster_id: null }]);
    await postgres.close();
  });
});
