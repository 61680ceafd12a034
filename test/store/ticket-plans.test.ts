import { join } from 'node:path';
import Client from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Store, TicketFilter } from '../../src/store/contract.ts';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { temporaryFolder, testVault } from './support.ts';

/** Which index SQLite reads for the statements that a list really sends; nothing is timed. */
describe('lists of tickets on SQLite', () => {
  const folder = temporaryFolder();
  let store: Store;
  let look: InstanceType<typeof Client>;
  /** What all prepared statements have in common. */
  let statements: Client.Statement;
  beforeAll(async () => {
    const file = join(folder.path, 'yihu.sqlite3');
    store = openSqliteStore({ file, vault: testVault() });
    look = new Client(file);
    statements = Object.getPrototypeOf(look.prepare('select 1'));
    await store.read((repos) => repos.tickets.list({ limit: 1 }));
  });
  afterAll(async () => {
    look.close();
    await store.close();
    folder.remove();
  });

  /** The plan of the last statement of a list: counting comes before it. */
  async function planOf(filter: Omit<TicketFilter, 'limit'>): Promise<string> {
    const played = vi.spyOn(statements, 'all');
    try {
      await store.read((repos) => repos.tickets.list({ ...filter, limit: 50 }));
      const last: unknown = played.mock.contexts.at(-1);
      const sql = typeof last === 'object' && last !== null && 'source' in last ? String(last.source) : '';
      played.mockRestore();
      const values = Array.from({ length: sql.split('?').length - 1 }, () => 1);
      return look.prepare<unknown[], { readonly detail: string }>(`explain query plan ${sql}`).all(...values).map(({ detail }) => detail).join('; ');
    } finally {
      played.mockRestore();
    }
  }

  const cursor = { before: 5, beforeId: 'x' };
  it.each<readonly [index: string, filter: Omit<TicketFilter, 'limit'>]>([
    ['tickets_created', {}],
    ['tickets_state (state=? AND created_at<?)', { states: ['办理中'], ...cursor }],
    ['tickets_state', { states: ['办理中', '归档'] }],
    ['tickets_department', { departmentId: 'd' }],
    ['ticket_departments_seen (department_id=? AND created_at<?)', { seenBy: 'd', ...cursor }],
    ['tickets_item', { itemCode: 'i' }],
    ['tickets_town', { townId: 'w' }],
    ['tickets_created', { kind: '表扬' }],
    ['tickets_created', { channel: 'phone', urgency: 'normal' }],
    ['tickets_urgency', { urgency: 'emergency' }],
    ['tickets_channel', { channel: 'open311' }],
    ['tickets_enterprise', { enterprise: true }],
    ['tickets_leading', { leadingId: 'a' }],
    ['tickets_supervised', { supervision: 2 }],
    ['tickets_overdue', { overdue: true }],
    ['tickets_overdue (created_at<?)', { overdue: true, ...cursor }],
    ['tickets_due', { dueBefore: 5 }],
    ['tickets_due', { order: 'due' }],
    ['tickets_due (deadline_at>?)', { order: 'due', ...cursor }],
  ])('%s serves %j', async (index, filter) => {
    const plan = await planOf(filter);
    expect(plan).toContain(`INDEX ${index}`);
    expect(plan.match(/INDEX/g)?.length).toBe('seenBy' in filter ? 2 : 1);
  });

  it('look up one of several filters and only look at the others', async () => {
    const plan = await planOf({ states: ['办理中'], departmentId: 'd', itemCode: 'i', townId: 'w' });
    expect(plan).toContain('tickets_state');
    expect(plan).not.toMatch(/tickets_(department|item|town)|SCAN/);
  });
});
