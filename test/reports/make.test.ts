import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../src/domain/clock.ts';
import { fileStem, readReport, type Report } from '../../src/reports/document.ts';
import { documentOf } from '../../src/reports/keep.ts';
import { makeReport } from '../../src/reports/make.ts';
import { periodOf } from '../../src/reports/period.ts';
import type { Asked, ReadContext } from '../../src/reports/read.ts';
import { topicsHere } from '../../src/reports/topics/work.ts';
import type { Rollup } from '../../src/store/contract.ts';
import { aTicket } from '../factories/index.ts';
import { city, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { aCitizenIn } from '../support/tickets.ts';

const OCTOBER = Date.parse('2026-10-01T00:00:00+08:00');
const SEPTEMBER = Date.parse('2026-09-01T00:00:00+08:00');
const pairs = (text: string): string[] => [...text].flatMap((_char, at, all) => (at === 0 ? [] : [`${all[at - 1] ?? ''}${all[at] ?? ''}`]));

let intake: IntakeUnderTest;
beforeEach(async () => {
  intake = await openIntake();
});
afterEach(() => intake.close());

const context = (): ReadContext => ({ read: (fn) => intake.store.read(fn), city, now: intake.clock.now, targets: { connected: 0.95, closed_on_time: 0.9 }, openTopics: (options) => topicsHere(options, pairs) });
const make = (asked: Partial<Asked> = {}): Promise<Report> => makeReport(context(), { period: periodOf('month', '2026-10'), scope: { kind: 'city', id: '' }, ...asked });
const add = (rows: readonly Rollup[]): Promise<void> => intake.store.write((repos) => repos.rollups.add(rows));
const opened = (day: number, amount: number, by: Rollup['by'] = 'all', key = '', measure = 'ticket.opened'): Rollup => ({ hour: OCTOBER + day * DAY + 9 * HOUR, measure, by, key, amount, sum: 0 });
const figure = (report: Report, id: string) => report.sections.flatMap(({ figures }) => figures).find((one) => one.id === id);
const table = (report: Report, id: string) => report.sections.flatMap(({ tables }) => tables).find((one) => one.id === id);

async function ticketAt(at: number, more: Parameters<typeof aTicket>[0] = {}): Promise<void> {
  const citizenId = await aCitizenIn(intake);
  await intake.store.write((repos) => repos.tickets.insert(aTicket({ citizenId, createdAt: at, ...more }), null));
}

describe('a report of an empty house', () => {
  it('says that there is nothing, and no nought for what is not known', async () => {
    const report = await make();
    expect(report.summary).toEqual(['2026年10月没有登记工单，也没有会话记录，没有可以分析的内容。']);
    expect(new Set(report.sections.flatMap(({ figures }) => figures.map(({ value }) => value)))).toEqual(new Set([null]));
    expect(report.basis.join()).toContain('不写作 0');
    expect(readReport(documentOf(report).document)).toEqual(report);
  });
});

describe('a report', () => {
  it('takes figures from what was counted, with the period before, formula and source', async () => {
    await ticketAt(SEPTEMBER - 90 * DAY);
    await add([opened(3, 300), opened(4, 100), opened(-10, 390), opened(3, 80, 'all', '', 'ticket.closed_due'), opened(3, 60, 'all', '', 'ticket.closed_on_time')]);
    const report = await make();
    expect(figure(report, 'ticket.opened')).toMatchObject({ value: 400, previous: 390, movement: 'steady', formula: '本期登记的工单数' });
    expect(figure(report, 'closed_on_time')).toMatchObject({ value: 0.75, part: 60, whole: 80, previous: null, goal: '≥90%', goalMet: false, formula: '按时办结 ÷ 有时限的办结' });
    // Counted and none is nought; never counted is not known.
    expect(figure(report, 'ticket.merged')).toMatchObject({ value: 0 });
    expect(figure(report, 'connected')).toMatchObject({ value: null, goalMet: null });
    expect(report.summary[0]).toContain('登记工单 400 件，比上月多 10 件（日均 −0.7%），在正常波动之内');
    expect(report.summary.join()).toContain('按时办结率 75%，未达到 90% 的目标');
    for (const { formula, source } of report.sections.flatMap(({ figures }) => figures)) expect(formula !== '' && source !== '' && !source.includes('DOMAIN')).toBe(true);
  });

  it('compares with nothing where the house was not there for the whole of it', async () => {
    await ticketAt(SEPTEMBER + 20 * DAY);
    await add([opened(3, 400), opened(-10, 90)]);
    const report = await make();
    expect(figure(report, 'ticket.opened')).toMatchObject({ value: 400, previous: null, movement: 'unknown', change: '与上月无法比较' });
    expect(report.basis.join()).toContain('不作对比');
  });

  it('tells what rises by itself, and not what always swings', async () => {
    await ticketAt(SEPTEMBER - 90 * DAY);
    const [noise = '', water = ''] = city.items.slice(0, 2).map(({ code }) => code);
    await add(Array.from({ length: 90 }, (_none, at) => [opened(at - 60, at < 60 ? 2 : 6, 'item', noise), opened(at - 60, 3, 'item', water), opened(at - 60, 5)]).flat());
    const report = await make();
    const verdicts = new Map(table(report, 'items')?.rows.map((row) => [row[0], row[6]]));
    expect([...verdicts.values()].toSorted()).toEqual(['上升', '正常波动']);
    const name = city.items[0]?.name ?? '';
    expect(verdicts.get(name)).toBe('上升');
    expect(report.summary.find((line) => line.startsWith('需要关注的上升'))).toContain(`${name}（`);
  });

  it('has shares that sum up to one', async () => {
    const codes = city.items.slice(0, 6).map(({ code }) => code);
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 6, maxLength: 6 }), async (amounts) => {
      await intake.store.write((repos) => repos.rollups.clear({ measures: ['ticket.opened'], from: OCTOBER - DAY, to: OCTOBER + 31 * DAY }));
      await add([...amounts.map((amount, at) => opened(2, amount, 'item', codes[at] ?? '')), opened(2, amounts.reduce((sum, amount) => sum + amount, 0))]);
      const report = await make();
      for (const id of ['items', 'fields']) {
        const rows = table(report, id)?.rows ?? [];
        const total = rows.reduce((sum, row) => sum + Number(row[2]), 0);
        expect(rows.length === 0 || Math.abs(total - 1) < 1e-9).toBe(true);
        expect(rows.reduce((sum, row) => sum + Number(row[1]), 0)).toBe(amounts.reduce((sum, amount) => sum + amount, 0));
      }
    }), { numRuns: 12 });
  });

  it('of a town counts departments from its tickets, and holds nothing against what was not counted', async () => {
    const [town, other] = city.towns;
    const [one, two] = city.departments;
    for (let at = 0; at < 6; at += 1) await ticketAt(OCTOBER + at * DAY, { townId: town?.id ?? '', departmentId: one?.id ?? '', dispatchedAt: OCTOBER + at * DAY, finishedAt: OCTOBER + (at + 2) * DAY, overdueAt: at === 0 ? OCTOBER : null, vetoes: at < 2 ? 1 : 0 });
    await ticketAt(OCTOBER, { townId: other?.id ?? '', departmentId: two?.id ?? '' });
    const report = await make({ period: periodOf('special', '2026-10-01..2026-10-31'), scope: { kind: 'town', id: town?.id ?? '' } });
    const rows = table(report, 'departments')?.rows ?? [];
    expect(rows.map((row) => [row[0], row[1], row[2], row[4], row[6], row[11]])).toEqual([[one?.short, 6, 6, 5 / 6, 2, 2 / 6]]);
    expect(table(report, 'towns')).toBeUndefined();
    expect(table(report, 'items')?.rows.map((row) => [row[3], row[5]])).toEqual([[null, null]]);
    expect(fileStem(report)).toBe(`专报-${town?.name ?? ''}-2026-10-01至2026-10-31`);
    await expect(make({ scope: { kind: 'town', id: 'atlantis' } })).rejects.toMatchObject({ code: 'report.no_scope' });
  });

  it('tells its progress, and names nobody whose ticket is confidential', async () => {
    for (let at = 0; at < 8; at += 1) await ticketAt(OCTOBER + at * HOUR, { confidential: true, title: '举报某厂偷排', content: '某厂夜里偷排废水，气味刺鼻，河里死鱼很多' });
    const told: number[] = [];
    const report = await makeReport(context(), { period: periodOf('month', '2026-10'), scope: { kind: 'city', id: '' } }, (share) => told.push(share));
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(JSON.stringify(report)).not.toContain('死鱼');
  });
});
