import { describe, expect, it } from 'vitest';
import { runYihu } from '../../src/cli/yihu.ts';
import { DAY, HOUR, startOfDay } from '../../src/domain/clock.ts';
import { catchUp } from '../../src/measures/catch-up.ts';
import type { Store } from '../../src/store/index.ts';
import { aTicket } from '../factories/index.ts';
import { commandFolder, type Ran } from './support.ts';

const T = startOfDay(Date.UTC(2026, 10, 3, 4)) + 10 * HOUR;

const { run, inStore } = commandFolder();
const yihu = (...given: readonly string[]): Promise<Ran> => run(runYihu, ...given);

const opened = (store: Store) => store.read((repos) => repos.rollups.sums({ from: T - DAY, to: T + 2 * DAY, measures: ['ticket.opened'], by: 'all' }));

describe('yihu measures rebuild', () => {
  it('counts the days anew that were asked for, both ends included', async () => {
    await inStore(async (store) => {
      await store.write(async (repos) => {
        const citizenId = await repos.citizens.resolve({ id: 'c', channel: 'webchat', externalUserId: null, phone: null, displayName: null, now: T });
        await repos.tickets.insert(aTicket({ citizenId, createdAt: T }), null, { events: [{ type: 'ticket.opened', actor: { kind: 'citizen' }, at: T, data: {} }] });
      });
      await catchUp({ store, holder: 'a', limits: () => ({ answerMs: 15_000, gapMs: HOUR }), now: () => T + HOUR, settleMs: 1 });
      await store.write((repos) => repos.rollups.add([{ hour: T, measure: 'ticket.opened', by: 'all', key: '', amount: 9, sum: 0 }, { hour: T + DAY, measure: 'ticket.opened', by: 'all', key: '', amount: 5, sum: 0 }]));
    });
    expect(JSON.parse((await yihu('measures', 'rebuild', '--from', '2026-11-03', '--to', '2026-11-03', '--json')).out)).toEqual({ ok: true, from: '2026-11-03', to: '2026-11-03', days: 1 });
    expect((await inStore(opened))[0]?.amount).toBe(6);
    expect(await yihu('measures', 'rebuild', '--from', '2026-11-02', '--to', '2026-11-04')).toMatchObject({ code: 0, out: expect.stringContaining('3 天') });
    expect((await inStore(opened))[0]?.amount).toBe(1);
  });

  it.each([[['rebuild']], [['rebuild', '--from', '2026-11-03', '--to', '2026-11-02']], [['rebuild', '--from', '2026-02-31', '--to', '2026-11-02']], [['rebuild', '--from', '2026-11-1', '--to', '2026-11-02']], [['rebuild', '--from', '1926-11-01', '--to', '2026-11-02']], [['count']], [[]]])('tells how it is called: %j', async (given) => {
    expect(await yihu('measures', ...given)).toMatchObject({ code: 2, err: expect.stringContaining('用法') });
  });
});
