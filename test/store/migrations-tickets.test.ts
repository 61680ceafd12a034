import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Client from 'better-sqlite3';
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3';
import { migrate as migrateSqlite } from 'drizzle-orm/better-sqlite3/migrator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { openAnyPostgres } from '../support/any-postgres.ts';
import { temporaryFolder, testVault } from './support.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** The migrations up to the one before tickets had their whole life. */
function before(dialect: 'sqlite' | 'postgres'): string {
  const from = fileURLToPath(new URL(`../../src/store/migrations/${dialect}`, import.meta.url));
  const to = join(folder.path, dialect);
  mkdirSync(join(to, 'meta'), { recursive: true });
  const journal: { entries: { tag: string }[] } = JSON.parse(readFileSync(join(from, 'meta/_journal.json'), 'utf8'));
  const entries = journal.entries.slice(0, journal.entries.findIndex(({ tag }) => tag === '0004_ticket-life'));
  expect(entries).toHaveLength(4);
  for (const { tag } of entries) cpSync(join(from, `${tag}.sql`), join(to, `${tag}.sql`));
  writeFileSync(join(to, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }));
  return to;
}

type Old = readonly [id: string, state: string, department: string | null, deadlineAt: number | null, rule: string | null, updatedAt: number];
const OLD: readonly Old[] = [
  ['t1', '待派', null, null, null, 100],
  ['t2', '待签收', 'ecology', 900, 'demo/general', 200],
  ['t3', '办理中', 'police', 800, 'beijing/utility', 300],
  ['t4', '办结', 'police', 700, 'demo/consult', 600],
  ['t5', '办结', 'ecology', null, null, 650],
];
const EVENTS: readonly (readonly [ticket: string, type: string, at: number, data: string])[] = [
  ['t1', 'ticket.opened', 10, '{}'],
  ['t2', 'ticket.dispatched', 20, '{}'],
  ['t3', 'ticket.dispatched', 30, '{}'], ['t3', 'ticket.redirected', 31, '{}'], ['t3', 'ticket.redirected', 32, '{}'], ['t3', 'ticket.signed', 33, '{}'],
  ['t4', 'ticket.dispatched', 40, '{}'], ['t4', 'ticket.signed', 41, '{}'], ['t4', 'ticket.finished', 42, '{"result":"已处理“好”"}'],
];
const text = (value: string | number | null): string => (value === null ? 'null' : typeof value === 'number' ? String(value) : `'${value}'`);
const rows = (no: string, zero: string): readonly string[] => [
  `insert into citizens (id, created_at) values ('c1', 1)`,
  ...OLD.map(([id, state, department, deadlineAt, rule, updatedAt], index) =>
    `insert into tickets (id, number, kind, state, title, content, department_id, urgency, confidential, callback, citizen_id, channel, deadline_at, deadline_rule, urges, created_at, updated_at, version, last_event_seq) values (${[id, `n${index}`, '投诉', state, '标题', '内容', department, 'normal'].map(text).join(', ')}, ${no}, ${no}, 'c1', 'webchat', ${text(deadlineAt)}, ${text(rule)}, 0, 5, ${updatedAt}, 1, ${zero})`),
  ...EVENTS.map(([ticket, type, at, data], index) => `insert into ticket_events (ticket_id, seq, type, actor, at, data) values (${text(ticket)}, ${index + 1}, ${text(type)}, '{"kind":"system"}', ${at}, ${text(data)})`),
];

const LOOK_TICKETS = 'select id, state, profile_id, deadline_at, dispatched_at, signed_at, finished_at, archived_at, result, closure, redirects, supervision from tickets order by id';
const TICKETS = [
  { id: 't1', state: '待派', profile_id: 'demo', deadline_at: null, dispatched_at: null, signed_at: null, finished_at: null, archived_at: null, result: null, closure: null, redirects: 0, supervision: 0 },
  { id: 't2', state: '待签收', profile_id: 'demo', deadline_at: 900, dispatched_at: 20, signed_at: null, finished_at: null, archived_at: null, result: null, closure: null, redirects: 0, supervision: 0 },
  { id: 't3', state: '办理中', profile_id: 'beijing', deadline_at: 800, dispatched_at: 30, signed_at: 33, finished_at: null, archived_at: null, result: null, closure: null, redirects: 2, supervision: 0 },
  { id: 't4', state: '归档', profile_id: 'demo', deadline_at: null, dispatched_at: 40, signed_at: 41, finished_at: 42, archived_at: 42, result: '已处理“好”', closure: 'unreached', redirects: 0, supervision: 0 },
  { id: 't5', state: '归档', profile_id: 'demo', deadline_at: null, dispatched_at: 5, signed_at: null, finished_at: 650, archived_at: 650, result: null, closure: 'unreached', redirects: 0, supervision: 0 },
];
const LOOK_CLOCKS = 'select ticket_id, stage, rule, started_at, due_at, ended_at, next_at from ticket_clocks order by ticket_id';
const CLOCKS = [
  { ticket_id: 't2', stage: 'handle', rule: '{"amount":5,"unit":"workdays"}', started_at: 20, due_at: 900, ended_at: null, next_at: 900 },
  { ticket_id: 't3', stage: 'handle', rule: '{"amount":24,"unit":"hours"}', started_at: 30, due_at: 800, ended_at: null, next_at: 800 },
  { ticket_id: 't4', stage: 'handle', rule: '{"amount":2,"unit":"workdays"}', started_at: 40, due_at: 700, ended_at: 42, next_at: null },
];
const LOOK_DEPARTMENTS = 'select ticket_id, department_id, part, created_at from ticket_departments order by ticket_id';
const DEPARTMENTS = [['t2', 'ecology'], ['t3', 'police'], ['t4', 'police'], ['t5', 'ecology']].map(([ticket_id, department_id]) => ({ ticket_id, department_id, part: 'lead', created_at: 5 }));

describe('tickets of a database from before they had their whole life', () => {
  it('keep their history, run their clocks and are found by their departments, in SQLite', async () => {
    const file = join(folder.path, 'yihu.sqlite3');
    const old = new Client(file);
    migrateSqlite(drizzleSqlite(old), { migrationsFolder: before('sqlite'), migrationsTable: 'yihu_migrations' });
    for (const row of rows('0', '9')) old.exec(row);
    old.close();
    const store = openSqliteStore({ file, vault: testVault() });
    expect((await store.read((repos) => repos.tickets.list({ seenBy: 'police', limit: 5 }))).map(({ id }) => id).toSorted()).toEqual(['t3', 't4']);
    expect((await store.read((repos) => repos.clocks.due(850, 5))).map(({ ticketId, stage, dueAt }) => [ticketId, stage, dueAt])).toEqual([['t3', 'handle', 800]]);
    expect(await store.read((repos) => repos.tickets.get('t4'))).toMatchObject({ state: '归档', holds: [], assistIds: [], visit: null, pending: null, stateBefore: null });
    await store.close();
    const look = new Client(file);
    expect(look.prepare(LOOK_TICKETS).all()).toEqual(TICKETS);
    expect(look.prepare(LOOK_CLOCKS).all()).toEqual(CLOCKS);
    expect(look.prepare(LOOK_DEPARTMENTS).all()).toEqual(DEPARTMENTS);
    look.close();
  });

  it('do the same in PostgreSQL', async () => {
    const postgres = await openAnyPostgres('empty');
    await postgres.migrate(before('postgres'));
    for (const row of rows('false', '9')) await postgres.exec(row);
    await postgres.migrate();
    expect(await postgres.query(LOOK_TICKETS)).toEqual(TICKETS);
    expect(await postgres.query(LOOK_CLOCKS)).toEqual(CLOCKS);
    expect(await postgres.query(LOOK_DEPARTMENTS)).toEqual(DEPARTMENTS);
    await postgres.close();
  });
});
