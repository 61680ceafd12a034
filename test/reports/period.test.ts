import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../src/domain/clock.ts';
import { isAppError } from '../../src/domain/errors.ts';
import { comparedWith, dayKey, lastEnded, periodOf, previousOf, specialPeriod, weekKey, weekday } from '../../src/reports/period.ts';

const at = (text: string): number => Date.parse(`${text}+08:00`);
const refused = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
  return 'taken';
};

describe('periods of reports', () => {
  it('are days of Beijing', () => {
    expect(periodOf('day', '2026-11-22')).toMatchObject({ from: at('2026-11-22T00:00'), to: at('2026-11-23T00:00'), label: '2026年11月22日' });
    expect(periodOf('month', '2026-12')).toMatchObject({ from: at('2026-12-01T00:00'), to: at('2027-01-01T00:00'), label: '2026年12月' });
    expect(periodOf('week', '2026-W45')).toMatchObject({ from: at('2026-11-02T00:00'), to: at('2026-11-09T00:00'), label: '2026年第45周（11月2日至11月8日）' });
    expect(periodOf('special', '2026-10-01..2026-10-01')).toMatchObject({ from: at('2026-10-01T00:00'), to: at('2026-10-02T00:00') });
  });

  it('count weeks as ISO 8601 does', () => {
    expect(weekKey(at('2027-01-01T12:00'))).toBe('2026-W53');
    expect(weekKey(at('2024-12-30T00:00'))).toBe('2025-W01');
    expect(periodOf('week', '2026-W53')).toMatchObject({ from: at('2026-12-28T00:00') });
  });

  it('refuse what is no period', () => {
    for (const [kind, key] of [['day', '2026-02-30'], ['day', '2026-2-3'], ['week', '2026-W54'], ['week', '2025-W53'], ['month', '2026-13'], ['month', '2026-00'], ['special', '2026-10-02..2026-10-01'], ['special', '2020-01-01..2026-01-01'], ['special', '2026-10-01']] as const) {
      expect([key, refused(() => periodOf(kind, key))]).toEqual([key, 'report.bad_period']);
    }
  });

  it('are found again by their own key, follow on each other without a gap', () => {
    fc.assert(fc.property(fc.integer({ min: at('2020-01-01T00:00'), max: at('2035-01-01T00:00') }), (moment) => {
      for (const kind of ['day', 'week', 'month'] as const) {
        const period = lastEnded(kind, moment);
        expect(period.to).toBeLessThanOrEqual(moment);
        expect(moment - period.to).toBeLessThan({ day: DAY, week: 7 * DAY, month: 31 * DAY }[kind]);
        expect(periodOf(kind, period.key)).toEqual(period);
        expect(previousOf(period).to).toBe(period.from);
      }
      expect(weekday(periodOf('week', weekKey(moment)).from)).toBe(1);
      const special = specialPeriod(moment, moment + 40 * DAY);
      expect(previousOf(special)).toMatchObject({ to: special.from, from: special.from - (special.to - special.from) });
      expect(special.key).toContain(dayKey(moment));
    }));
  });

  it('that are not over are held against the same part of the one before', () => {
    const november = periodOf('month', '2026-11');
    const half = comparedWith(november, at('2026-11-16T09:30'));
    expect(half).toMatchObject({ whole: false, now: { to: at('2026-11-16T00:00') }, past: { from: at('2026-10-01T00:00'), to: at('2026-10-16T00:00'), label: '2026年10月同期' } });
    expect(comparedWith(november, at('2026-12-05T00:00'))).toMatchObject({ whole: true, past: { to: at('2026-11-01T00:00') } });
    expect(comparedWith(periodOf('month', '2026-03'), at('2026-03-31T10:00')).past.to).toBe(at('2026-03-01T00:00'));
    expect(comparedWith(periodOf('day', '2026-11-16'), at('2026-11-16T09:30')).now.to).toBe(at('2026-11-16T09:00'));
    for (const now of [at('2026-11-01T12:00'), at('2026-01-01T00:00')]) expect(refused(() => comparedWith(november, now))).toBe('report.not_begun');
    expect(refused(() => comparedWith(periodOf('day', '2026-11-16'), at('2026-11-16T00:00') + HOUR / 2))).toBe('report.not_begun');
  });
});
