import { join } from 'node:path';
import Client from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { temporaryFolder, testVault } from '../store/support.ts';

/** Due work and what a desk watches are found by indexes: the plan of a statement says so. */
describe('the statements that must not look through all tickets', () => {
  const folder = temporaryFolder();
  let client: InstanceType<typeof Client>;
  beforeAll(async () => {
    const file = join(folder.path, 'yihu.sqlite3');
    await openSqliteStore({ file, vault: testVault() }).close();
    client = new Client(file);
  });
  afterAll(() => {
    client.close();
    folder.remove();
  });
  const plan = (statement: string): string => client.prepare<[], { detail: string }>(`explain query plan ${statement}`).all().map(({ detail }) => detail).join('; ');

  it.each([
    ['ticket_clocks_next', 'select * from ticket_clocks where next_at is not null and next_at <= 5 order by next_at limit 200'],
    ['ticket_clocks_next', 'select next_at from ticket_clocks where next_at is not null order by next_at limit 1'],
    ['tickets_due', 'select * from tickets where archived_at is null and deadline_at is not null order by deadline_at, id limit 50'],
    ['tickets_due', 'select * from tickets where archived_at is null and deadline_at is not null and deadline_at < 5 order by deadline_at, id limit 50'],
    ['tickets_overdue', 'select * from tickets where archived_at is null and overdue_at is not null and (created_at + 0) <= 5 order by (created_at + 0) desc, id desc limit 50'],
    ['tickets_enterprise', 'select * from tickets where enterprise_id is not null order by (created_at + 0) desc, id desc limit 50'],
    ['tickets_supervised', 'select * from tickets where supervision > 0 and supervision >= 2 order by created_at desc, id desc limit 50'],
    ['tickets_state', "select * from tickets where state in ('待派') order by created_at desc, id desc limit 50"],
    ['ticket_departments_seen', "select * from tickets t join ticket_departments d on d.ticket_id = t.id where d.department_id = 'x' order by d.created_at desc, t.id desc limit 50"],
    ['ticket_requests_waiting', "select * from ticket_requests where state = 'asked' order by judge_by is null, judge_by limit 50"],
    ['supervisions_created', 'select * from supervisions where created_at >= 1 and created_at < 5 order by created_at desc, id desc limit 50'],
  ])('%s serves %s', (index, statement) => {
    const found = plan(statement);
    expect(found).toContain(index);
    expect(found).not.toMatch(/SCAN (?!ticket_clocks USING INDEX|tickets USING INDEX)/);
  });
});
