import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTimes } from '../../../src/dialog/slots/index.ts';
import { NOW } from './context.ts';

/** `2026-11-20 15:30` in Beijing. */
const show = (at: number | null): string | null => (at === null ? null : new Date(at + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' '));
const read = (text: string, now = NOW) => findTimes(text, { now }).map(({ value }) => [value.spoken, show(value.from), show(value.to), value.grain, value.recurring]);

/** text, what was said, from, to (null: a moment), grain, recurring */
type Row = readonly [string, string, string, string | null, string, boolean?];

const ROWS: readonly Row[] = [
  ['昨晚', '昨晚', '2026-11-21 18:00', '2026-11-22 00:00', 'part-of-day'],
  ['前天下午三点半', '前天下午三点半', '2026-11-20 15:30', null, 'minute'],
  ['今早就这样', '今早', '2026-11-22 06:00', '2026-11-22 10:00', 'part-of-day'],
  ['上周五', '上周五', '2026-11-13 00:00', '2026-11-14 00:00', 'day'],
  ['上个星期三晚上', '上个星期三晚上', '2026-11-11 18:00', '2026-11-12 00:00', 'part-of-day'],
  ['这个月15号', '这个月15号', '2026-11-15 00:00', '2026-11-16 00:00', 'day'],
  ['上个月二十号', '上个月二十号', '2026-10-20 00:00', '2026-10-21 00:00', 'day'],
  ['国庆那天', '国庆那天', '2026-10-01 00:00', '2026-10-02 00:00', 'day'],
  ['中秋节那天晚上', '中秋节那天晚上', '2026-09-25 18:00', '2026-09-26 00:00', 'part-of-day'],
  ['去年春节', '去年春节', '2025-01-29 00:00', '2025-01-30 00:00', 'day'],
  ['五一期间', '五一期间', '2026-05-01 00:00', '2026-05-06 00:00', 'day'],
  ['除夕', '除夕', '2026-02-16 00:00', '2026-02-17 00:00', 'day'],
  ['11月20日晚上十一点', '11月20日晚上十一点', '2026-11-20 23:00', null, 'hour'],
  ['十一月二十号', '十一月二十号', '2026-11-20 00:00', '2026-11-21 00:00', 'day'],
  ['2026-11-20 08:30', '2026-11-20 08:30', '2026-11-20 08:30', null, 'minute'],
  ['二〇二六年三月三日', '二〇二六年三月三日', '2026-03-03 00:00', '2026-03-04 00:00', 'day'],
  ['12月1日', '12月1日', '2025-12-01 00:00', '2025-12-02 00:00', 'day'],
  ['凌晨两点', '凌晨两点', '2026-11-22 02:00', null, 'hour'],
  ['昨晚两点', '昨晚两点', '2026-11-22 02:00', null, 'hour'],
  ['半夜两点', '半夜两点', '2026-11-22 02:00', null, 'hour'],
  ['昨天凌晨十二点', '昨天凌晨十二点', '2026-11-21 00:00', null, 'hour'],
  ['刚刚', '刚刚', '2026-11-22 15:10', null, 'minute'],
  ['半小时前', '半小时前', '2026-11-22 14:40', null, 'minute'],
  ['一个半小时前', '一个半小时前', '2026-11-22 13:40', null, 'minute'],
  ['两个月前', '两个月前', '2026-09-22 00:00', '2026-09-23 00:00', 'month'],
  ['停水三天了', '三天了', '2026-11-19 15:10', '2026-11-22 15:10', 'day'],
  ['已经两个小时了', '已经两个小时了', '2026-11-22 13:10', '2026-11-22 15:10', 'hour'],
  ['从上个月开始', '从上个月开始', '2026-10-01 00:00', '2026-11-22 15:10', 'month'],
  ['早上六点就开始', '早上六点就开始', '2026-11-22 06:00', '2026-11-22 15:10', 'hour'],
  ['每天晚上十点到十二点', '每天晚上十点到十二点', '2026-11-21 22:00', '2026-11-22 00:00', 'hour', true],
  ['每晚11点', '每晚11点', '2026-11-21 23:00', null, 'hour', true],
  ['每周五晚上', '每周五晚上', '2026-11-20 18:00', '2026-11-21 00:00', 'part-of-day', true],
  ['经常半夜施工', '经常半夜', '2026-11-21 23:00', '2026-11-22 05:00', 'part-of-day', true],
  ['大前天', '大前天', '2026-11-19 00:00', '2026-11-20 00:00', 'day'],
  ['礼拜天', '礼拜天', '2026-11-22 00:00', '2026-11-23 00:00', 'day'],
  ['周五', '周五', '2026-11-20 00:00', '2026-11-21 00:00', 'day'],
  ['下周一上午', '下周一上午', '2026-11-23 08:00', '2026-11-23 12:00', 'part-of-day'],
  ['明天上午九点', '明天上午九点', '2026-11-23 09:00', null, 'hour'],
  ['昨天下午3点到5点', '昨天下午3点到5点', '2026-11-21 15:00', '2026-11-21 17:00', 'hour'],
  ['晚上十点到凌晨两点', '晚上十点到凌晨两点', '2026-11-21 22:00', '2026-11-22 02:00', 'hour'],
  ['10月1日到10月7日', '10月1日到10月7日', '2026-10-01 00:00', '2026-10-08 00:00', 'day'],
  ['从8月到10月', '从8月到10月', '2026-08-01 00:00', '2026-11-01 00:00', 'month'],
  ['昨天15：30', '昨天15：30', '2026-11-21 15:30', null, 'minute'],
  ['琴日夜晚', '琴日夜晚', '2026-11-21 18:00', '2026-11-22 00:00', 'part-of-day'],
  ['昨日下晝三點', '昨日下晝三點', '2026-11-21 15:00', null, 'hour'],
];

describe('findTimes', () => {
  it.each(ROWS.map(([text, spoken, from, to, grain, recurring = false]) => ({ text, expected: [spoken, from, to, grain, recurring] })))('reads “$text”', ({ text, expected }) => {
    expect(read(text)).toEqual([expected]);
  });

  it.each([
    '有一点吵', '早上好，我要投诉', '我有三点建议', '鸿福路15号楼', '五一路', '三点五公里', '13800138000', '20261122000187', '请快一点', '一直走', '第一点', '我了解', '', '12345',
  ])('finds no certain time in “%s”', (text) => {
    expect(findTimes(text, { now: NOW }).filter((found) => found.confidence > 0.5)).toEqual([]);
  });

  it('finds several in one breath, with their spans', () => {
    const text = '我上周五报过一次，昨晚十一点又开始吵';
    const found = findTimes(text, { now: NOW });
    expect(found.map(({ start, end }) => text.slice(start, end))).toEqual(['上周五', '昨晚十一点']);
  });

  it('takes the past reading of an hour that has not come today', () => {
    expect(read('下午四点')[0]?.[1]).toBe('2026-11-21 16:00');
    expect(read('下午两点')[0]?.[1]).toBe('2026-11-22 14:00');
    expect(read('八点')[0]?.[1]).toBe('2026-11-22 08:00');
  });

  it('is Beijing time whatever the machine says, also at the turn of a day', () => {
    const justAfterMidnight = Date.parse('2026-03-01T00:05:00+08:00');
    expect(read('昨天', justAfterMidnight)).toEqual([['昨天', '2026-02-28 00:00', '2026-03-01 00:00', 'day', false]]);
    expect(read('上个月底', justAfterMidnight)[0]?.slice(1, 3)).toEqual(['2026-02-21 00:00', '2026-03-01 00:00']);
  });

  it('is less sure where it guesses', () => {
    const sure = (text: string): number => findTimes(text, { now: NOW })[0]?.confidence ?? 0;
    expect(sure('昨天下午三点')).toBeGreaterThan(sure('昨天三点'));
    expect(sure('前天')).toBeGreaterThan(sure('前几天'));
    expect(sure('11月20日')).toBeGreaterThan(sure('12月20日'));
  });

  it('never throws, stays inside the text, and ends after it begins', () => {
    const words = fc.array(fc.constantFrom('昨天', '晚上', '十', '点', '半', '3', '号', '月', '到', '每天', '上周', '五', '从', '开始', '国庆', '，', '前', '小时', '了', '年', '25:99', '99', '２', '凌晨', '零'), { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(words, fc.string({ unit: 'grapheme', maxLength: 40 })), fc.integer({ min: 946_684_800_000, max: 4_000_000_000_000 }), (text, now) => {
        let last = 0;
        for (const { value, start, end, confidence } of findTimes(text, { now })) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(text.slice(start, end)).toBe(value.spoken);
          expect(Number.isFinite(value.from)).toBe(true);
          if (value.to !== null) expect(value.to).toBeGreaterThanOrEqual(value.from);
          expect(confidence).toBeGreaterThan(0);
          expect(confidence).toBeLessThanOrEqual(1);
          last = end;
        }
      }),
      { numRuns: 400 },
    );
  });
});
