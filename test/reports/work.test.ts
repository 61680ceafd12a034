import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { DAY, MINUTE } from '../../src/domain/clock.ts';
import { AppError } from '../../src/domain/errors.ts';
import { askReport, readKept } from '../../src/reports/keep.ts';
import { periodOf } from '../../src/reports/period.ts';
import { lastDue, loadSchedules, nextAt, type Schedule } from '../../src/reports/schedule.ts';
import { topicsHere } from '../../src/reports/topics/work.ts';
import { askScheduled, type MakerContext, workOnce } from '../../src/reports/work.ts';
import { aTicket } from '../factories/index.ts';
import { city, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { aCitizenIn } from '../support/tickets.ts';

const at = (text: string): number => Date.parse(`${text}+08:00`);
const SCHEDULES: readonly Schedule[] = [{ id: 'daily', name: '日报', kind: 'day', cron: '0 8 * * *', roles: ['supervisor'] }, { id: 'monthly', name: '月报', kind: 'month', cron: '0 8 1 * *', roles: ['editor', 'supervisor'] }];

describe('schedules', () => {
  it('of the checkout are three: daily, on Mondays, on the first', () => {
    const schedules = loadSchedules(fileURLToPath(new URL('../..', import.meta.url)));
    expect(schedules.map(({ id, kind }) => [id, kind])).toEqual([['daily', 'day'], ['weekly', 'week'], ['monthly', 'month']]);
    const now = at('2026-11-23T08:00:00');
    expect(lastDue(schedules, now).map(({ period }) => period.key)).toEqual(['2026-11-22', '2026-W47', '2026-10']);
    expect(lastDue(schedules, now - 1).map(({ period }) => period.key)).toEqual(['2026-11-21', '2026-W46', '2026-10']);
    expect(schedules.map((schedule) => nextAt(schedule, now))).toEqual([at('2026-11-24T08:00'), at('2026-11-30T08:00'), at('2026-12-01T08:00')]);
  });
});

describe('making reports', () => {
  let intake: IntakeUnderTest;
  let warned: string[];
  beforeEach(async () => {
    intake = await openIntake();
    warned = [];
  });
  afterEach(() => intake.close());

  const node = (holder: string, over: Partial<MakerContext> = {}): MakerContext => ({
    read: (fn) => intake.store.read(fn), write: (fn) => intake.store.write(fn), city, now: intake.clock.now, newId: intake.context.newId, targets: {}, schedules: [], holder, seen: new Set(), log: { info: () => {}, warn: (_facts, text) => warned.push(text) },
    openTopics: (options) => topicsHere(options, (text) => [...text]), ...over,
  });
  const ticket = async (createdAt: number): Promise<void> => {
    const citizenId = await aCitizenIn(intake);
    await intake.store.write((repos) => repos.tickets.insert(aTicket({ citizenId, createdAt }), null));
  };
  const list = () => intake.store.read((repos) => repos.reports.list({ limit: 20 }));
  const ask = (key = '2026-10') => askReport(node('x'), { period: periodOf('month', key), scope: { kind: 'city', id: '' }, by: 'seat:1', roles: ['editor'], onceKey: null });

  it('makes what was asked for, keeps the old version, leaves a row in the trail', async () => {
    await ask();
    expect(await workOnce(node('a'))).toBe(true);
    expect(await workOnce(node('a'))).toBe(false);
    await ask();
    await workOnce(node('a'));
    const rows = await list();
    expect(rows.map(({ version, state, progress }) => [version, state, progress])).toEqual(expect.arrayContaining([[1, 'ready', 100], [2, 'ready', 100]]));
    for (const { id } of rows) expect((await intake.store.read((repos) => readKept(repos, id))).report.title).toBe('2026年10月热线运行月报');
    const trail = await intake.store.read((repos) => repos.trail.latest(10));
    expect(trail.map(({ action, actor }) => [action, actor])).toEqual([['report.made', 'seat:1'], ['report.made', 'seat:1']]);
  });

  it('makes what a schedule wants once, whoever sees it first, and nothing of days before the house', async () => {
    intake.clock.set(at('2026-11-23T08:00:30'));
    expect(await askScheduled(node('a', { schedules: SCHEDULES }))).toBe(0);
    await ticket(at('2026-11-22T09:00'));
    const [one, other] = [node('a', { schedules: SCHEDULES }), node('b', { schedules: SCHEDULES })];
    expect(await Promise.all([askScheduled(one), askScheduled(other)])).toEqual(expect.arrayContaining([1, 0]));
    expect((await list()).map(({ period, madeBy, roles }) => [period, madeBy, roles])).toEqual([['2026-11-22', 'schedule:daily', ['supervisor']]]);
    expect(await askScheduled(node('restarted', { schedules: SCHEDULES }))).toBe(0);
    intake.clock.advance(DAY);
    expect(await askScheduled(one)).toBe(1);
  });

  it('goes on where a node went silent, and tries three times', async () => {
    await ask();
    await intake.store.write((repos) => repos.reports.claim({ holder: 'gone', now: intake.clock.now(), leaseMs: MINUTE }));
    expect(await workOnce(node('a'))).toBe(false);
    intake.clock.advance(2 * MINUTE);
    const broken = node('a', { openTopics: () => { throw new AppError('test.broken', 'broken'); } });
    await ticket(at('2026-10-05T10:00'));
    await workOnce(broken);
    expect(await list()).toMatchObject([{ state: 'asked', failure: 'test.broken', attempts: 2 }]);
    await workOnce(broken);
    expect(await list()).toMatchObject([{ state: 'failed', attempts: 3 }]);
    expect(warned.length).toBe(2);
    await expect(intake.store.read(async (repos) => readKept(repos, (await repos.reports.list({ limit: 1 }))[0]?.id ?? ''))).rejects.toMatchObject({ code: 'report.not_ready' });
  });

  it('refuses what has not begun, and what is not there', async () => {
    await expect(ask('2027-01')).rejects.toMatchObject({ code: 'report.not_begun' });
    await expect(askReport(node('x'), { period: periodOf('special', '2026-10-01..2026-10-02'), scope: { kind: 'storm', id: 'none' }, by: 'cli', roles: [], onceKey: null })).rejects.toMatchObject({ code: 'report.no_scope' });
    expect(await list()).toEqual([]);
  });
});
