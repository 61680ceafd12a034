import chineseDays from 'chinese-days';
import fc from 'fast-check';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/files.ts';
import { beijingDay, beijingText } from '../../src/domain/clock.ts';
import { createLegalClock } from '../../src/domain/legal-clock.ts';
import { CalendarSchema } from '../../src/domain/config-files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = readYaml(root, `${root}config/calendar.yaml`, CalendarSchema);
if (read.value === null) throw new Error('config/calendar.yaml is broken');
const clock = createLegalClock(read.value);

/** Beijing wall time to epoch ms. */
const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}:00+08:00`);

describe('legal clock', () => {
  it('agrees with an independent calendar on every day of 2025 and 2026', () => {
    for (let time = at('2025-01-01 12:00'); time < at('2027-01-01 00:00'); time += 86_400_000) {
      expect([beijingDay(time), clock.isWorkday(time)]).toEqual([beijingDay(time), chineseDays.isWorkday(beijingDay(time))]);
    }
  });

  it('counts a make-up Saturday and skips a holiday', () => {
    // 2026-10-10 is a Saturday that is a workday; 1-7 October are off.
    expect(clock.due(at('2026-09-30 10:00'), { amount: 1, unit: 'workdays' })).toBe(at('2026-10-08 17:30'));
    expect(clock.due(at('2026-10-09 10:00'), { amount: 1, unit: 'workdays' })).toBe(at('2026-10-10 17:30'));
  });

  it('does not count the day on which the clock starts', () => {
    expect(clock.due(at('2026-11-23 08:00'), { amount: 5, unit: 'workdays' })).toBe(at('2026-11-30 17:30'));
  });

  it('runs hours and days around the clock', () => {
    expect(clock.due(at('2026-11-21 23:00'), { amount: 24, unit: 'hours' })).toBe(at('2026-11-22 23:00'));
    expect(clock.due(at('2026-11-21 23:00'), { amount: 7, unit: 'days' })).toBe(at('2026-11-28 23:00'));
  });

  it('counts working hours only inside office hours', () => {
    expect(clock.due(at('2026-11-20 17:00'), { amount: 1, unit: 'workhours' })).toBe(at('2026-11-23 09:00'));
    expect(clock.due(at('2026-11-20 11:30'), { amount: 1, unit: 'workhours' })).toBe(at('2026-11-20 14:30'));
  });

  it('never lets a deadline fall outside working time, and more time is never sooner', () => {
    const start = fc.integer({ min: at('2025-01-01 00:00'), max: at('2026-11-30 00:00') });
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 20 }), fc.constantFrom('workdays' as const, 'workhours' as const), (from, amount, unit) => {
        const due = clock.due(from, { amount, unit });
        expect(due).toBeGreaterThan(from);
        expect(clock.isOfficeOpen(due - 1)).toBe(true);
        expect(clock.due(from, { amount: amount + 1, unit })).toBeGreaterThan(due);
      }),
    );
  });

  it('tells each day\'s name, whichever was asked for before', () => {
    const midnight = at('2026-11-23 00:00');
    for (let turn = 0; turn < 2; turn += 1) expect([midnight - 1, midnight, midnight + 86_399_999, midnight + 86_400_000].map(beijingDay)).toEqual(['2026-11-22', '2026-11-23', '2026-11-23', '2026-11-24']);
    expect(() => beijingDay(NaN)).toThrow(RangeError);
  });

  it('speaks Beijing time whatever the machine\'s zone is', () => {
    expect(beijingText(Date.UTC(2026, 10, 22, 16, 5))).toBe('2026年11月23日 00:05');
  });
});
