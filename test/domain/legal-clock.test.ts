import fc from 'fast-check';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/files.ts';
import { beijingDay } from '../../src/domain/clock.ts';
import { CalendarSchema, type DeadlineRule } from '../../src/domain/config-files.ts';
import { createLegalClock, type Hold } from '../../src/domain/legal-clock.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = readYaml(root, `${root}config/calendar.yaml`, CalendarSchema);
if (read.value === null) throw new Error('config/calendar.yaml is broken');
const clock = createLegalClock(read.value);

/** Beijing wall time to epoch ms. */
const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}:00+08:00`);
const MINUTE = 60_000;

const moments = fc.integer({ min: at('2025-01-01 00:00') / MINUTE, max: at('2027-06-30 00:00') / MINUTE }).map((minutes) => minutes * MINUTE);
const units = fc.constantFrom<DeadlineRule['unit']>('minutes', 'hours', 'days', 'workhours', 'workdays');
const rules = fc.record({ amount: fc.integer({ min: 1, max: 20 }), unit: units });
/** Holds that begin up to twenty days after the start and last up to ten. */
const holdsFrom = (start: number) =>
  fc.array(fc.record({ after: fc.integer({ min: 0, max: 20 * 1440 }), minutes: fc.integer({ min: 1, max: 10 * 1440 }) }), { maxLength: 3 }).map((list): Hold[] => list.map(({ after, minutes }) => ({ from: start + after * MINUTE, to: start + (after + minutes) * MINUTE })));
const cases = moments.chain((start) => fc.tuple(fc.constant(start), rules, holdsFrom(start)));

describe('legal clock: adding and subtracting', () => {
  it('has counted exactly the rule at the due time, and less a moment earlier', () => {
    fc.assert(
      fc.property(cases, ([start, rule, holds]) => {
        const due = clock.due(start, rule, holds);
        expect(clock.elapsed(start, due, rule.unit, holds)).toBe(rule.amount);
        expect(clock.elapsed(start, due - 1, rule.unit, holds)).toBeLessThan(rule.amount);
      }),
    );
  });

  it('goes back by as much as it goes forward', () => {
    fc.assert(
      fc.property(moments, rules, (start, rule) => {
        const due = clock.due(start, rule);
        const warned = clock.before(due, rule);
        expect(warned).toBeGreaterThanOrEqual(start - 86_400_000 * 12);
        expect(clock.due(warned, rule)).toBe(due);
      }),
    );
  });

  it('counts every piece once: what two halves count is what the whole counts', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 30 * 1440 }), fc.integer({ min: 0, max: 30 * 1440 }), ([start, { unit }, holds], first, second) => {
        // The starting day of the second half would not count in workdays: there a half is a whole of its own.
        fc.pre(unit !== 'workdays');
        const middle = start + first * MINUTE;
        const end = middle + second * MINUTE;
        expect(clock.elapsed(start, middle, unit, holds) + clock.elapsed(middle, end, unit, holds)).toBeCloseTo(clock.elapsed(start, end, unit, holds), 6);
      }),
    );
  });

  it('is later by a hold that lies before the due time, never sooner', () => {
    fc.assert(
      fc.property(cases, ([start, rule, holds]) => {
        expect(clock.due(start, rule, holds)).toBeGreaterThanOrEqual(clock.due(start, rule));
      }),
    );
  });
});

describe('legal clock: what each stretch was', () => {
  it('has no hole and no overlap, and never counts a minute that does not work', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 40 * 1440 }), ([start, { unit }, holds], minutes) => {
        const end = start + minutes * MINUTE;
        const spans = clock.spans(start, end, unit, holds);
        expect(spans[0]?.from).toBe(start);
        expect(spans.at(-1)?.to).toBe(end);
        spans.forEach((span, index) => {
          if (index > 0) expect(span.from).toBe(spans[index - 1]?.to);
          if (span.reason !== 'counted') return expect(span.amount).toBe(0);
          expect(span.amount).toBeGreaterThan(0);
          if (unit === 'workdays') return expect(clock.isWorkday(span.from)).toBe(true);
          for (const hold of holds) expect(span.to <= hold.from || span.from >= (hold.to ?? Infinity)).toBe(true);
          if (unit === 'workhours') {
            expect(clock.isOfficeOpen(span.from)).toBe(true);
            expect(clock.isOfficeOpen(span.to - 1)).toBe(true);
          }
        });
      }),
    );
  });

  it('names a make-up Saturday, a weekend and a holiday', () => {
    const spans = clock.spans(at('2026-09-30 10:00'), at('2026-10-12 12:00'), 'workdays');
    expect(spans.map((span) => [beijingDay(span.from).slice(5), span.reason, span.makeUp])).toEqual([
      ['09-30', 'startDay', false], ['10-01', 'holiday', false], ['10-02', 'holiday', false], ['10-03', 'weekend', false], ['10-04', 'weekend', false], ['10-05', 'holiday', false], ['10-06', 'holiday', false], ['10-07', 'holiday', false],
      ['10-08', 'counted', false], ['10-09', 'counted', false], ['10-10', 'counted', true], ['10-11', 'weekend', false], ['10-12', 'closed', false],
    ]);
  });

  it('has no due time while it is held, and goes on where it stopped', () => {
    const start = at('2026-11-23 10:00');
    const rule: DeadlineRule = { amount: 5, unit: 'workdays' };
    expect(clock.dueUnlessHeld(start, rule, [{ from: at('2026-11-25 09:00'), to: null }])).toBe(null);
    expect(() => clock.due(start, rule, [{ from: at('2026-11-25 09:00'), to: null }])).toThrow(RangeError);
    // Held over the closings of the 25th and 26th: two days later.
    expect(clock.due(start, rule, [{ from: at('2026-11-25 09:00'), to: at('2026-11-27 09:00') }])).toBe(at('2026-12-02 17:30'));
    // A hold that begins after the due time changes nothing.
    expect(clock.dueUnlessHeld(start, rule, [{ from: at('2026-12-01 09:00'), to: null }])).toBe(at('2026-11-30 17:30'));
    expect(clock.due(at('2026-11-23 16:30'), { amount: 2, unit: 'workhours' }, [{ from: at('2026-11-23 17:00'), to: at('2026-11-24 09:00') }])).toBe(at('2026-11-24 10:30'));
  });

  it('says for which years it only guesses', () => {
    expect([clock.coversYear(2025), clock.coversYear(2026), clock.coversYear(2027)]).toEqual([true, true, false]);
    expect(clock.isWorkday(at('2027-02-08 12:00'))).toBe(false);
  });
});
