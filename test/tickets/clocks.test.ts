import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../src/domain/clock.ts';
import type { DeadlineRule } from '../../src/domain/config-files.ts';
import { explainClock } from '../../src/domain/deadlines.ts';
import { createLegalClock, type Hold } from '../../src/domain/legal-clock.ts';
import type { TicketClock, TicketRequest } from '../../src/store/contract.ts';
import { fixedClock, nextOf, startedClock, warningTimes } from '../../src/tickets/clocks.ts';
import { dueAfter } from '../../src/tickets/effects.ts';
import { explainTicket } from '../../src/tickets/explain.ts';
import { aTicket } from '../factories/tickets.ts';
import { city } from '../support/intake.ts';

const clock = createLegalClock(city.calendar);
const context = { city, clock };
const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}:00+08:00`);
const moments = fc.integer({ min: at('2025-01-01 00:00') / MINUTE, max: at('2027-06-30 00:00') / MINUTE }).map((minutes) => minutes * MINUTE);
const granted = (amount: number, judgedAt = 0): TicketRequest => ({
  id: `r${amount}`, ticketId: 't', kind: 'extension', departmentId: null, itemCode: null, reasonCode: 'complex', reason: '', evidence: [], amount, until: null, askedBy: 'x', askedAt: 0, judgeBy: null, state: 'upheld', judgedBy: 'y', judgedAt, verdict: null,
});
/** Working time of the departments, written down again: 8:30-12:00 and 14:00-17:30 of a working day. */
const worksBefore = (moment: number): boolean => {
  const minute = ((moment - MINUTE + 8 * HOUR) % DAY) / MINUTE;
  return clock.isWorkday(moment - MINUTE) && ((minute >= 510 && minute < 720) || (minute >= 840 && minute < 1050));
};
const holdsAfter = (start: number) =>
  fc.array(fc.record({ after: fc.integer({ min: 0, max: 15 * 1440 }), minutes: fc.integer({ min: 1, max: 8 * 1440 }) }), { maxLength: 3 }).map((list): Hold[] => list.map(({ after, minutes }) => ({ from: start + after * MINUTE, to: start + (after + minutes) * MINUTE })));
const workRules = fc.record({ amount: fc.integer({ min: 1, max: 20 }), unit: fc.constantFrom<DeadlineRule['unit']>('workdays', 'workhours') });

describe('clocks with holds and extensions', () => {
  it('count exactly the rule and what was granted, and never run out at a minute that does not work', () => {
    fc.assert(
      fc.property(
        moments.chain((start) => fc.tuple(fc.constant(start), workRules, fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 3 }), holdsAfter(start))),
        ([start, rule, amounts, holds]) => {
          // The demo profile grants workdays: those are added up with a rule of workdays.
          const ticket = aTicket({ profileId: city.deadlines.id });
          const dueAt = dueAfter({ context, ticket }, start, rule, holds, amounts.map((amount) => granted(amount)));
          expect(worksBefore(dueAt)).toBe(true);
          if (rule.unit === 'workdays') {
            const whole = amounts.reduce((sum, amount) => sum + amount, rule.amount);
            expect(clock.elapsed(start, dueAt, 'workdays', holds)).toBe(whole);
            expect(clock.elapsed(start, dueAt - 1, 'workdays', holds)).toBe(whole - 1);
            // One after the other or all at once: the same moment.
            expect(dueAt).toBe(clock.due(start, { amount: whole, unit: 'workdays' }, holds));
          } else if (amounts.length === 0) {
            expect(clock.elapsed(start, dueAt, 'workhours', holds)).toBeCloseTo(rule.amount, 9);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are told in words with the same due time, whatever was held and granted', () => {
    fc.assert(
      fc.property(
        moments.chain((start) => fc.tuple(fc.constant(start), workRules, fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 2 }), holdsAfter(start), fc.integer({ min: 0, max: 60 * 1440 }))),
        ([start, rule, amounts, holds, minutes]) => {
          const ticket = aTicket({ profileId: city.deadlines.id });
          const told = explainClock(clock, { start, rule, holds, extensions: amounts.map((amount) => ({ amount, unit: 'workdays' })), until: start + minutes * MINUTE });
          const dueAt = dueAfter({ context, ticket }, start, rule, holds, amounts.map((amount) => granted(amount)));
          expect(told.dueAt).toBe(dueAt);
          expect(told.overdue).toBe(start + minutes * MINUTE > dueAt);
          expect(told.lines.filter((line) => line.startsWith('批准延期'))).toHaveLength(amounts.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('a clock wants something next at its warnings, its due time and its rungs, in that order, and at last nothing', () => {
    const ladder = city.ticketRules.ladder['handle'] ?? [];
    const warnings = city.deadlines.warnings?.['handle'] ?? [];
    fc.assert(
      fc.property(moments, (start) => {
        const ticket = aTicket({ profileId: city.deadlines.id });
        let row: TicketClock | null = startedClock(context, ticket, 'handle', start, 0);
        if (row === null || row.dueAt === null) throw new Error('no clock');
        const moments2: number[] = [];
        for (const step of [...warnings.map(() => 'warn'), 'mark', ...ladder.map(() => 'rung')]) {
          if (row.nextAt === null) throw new Error('it stopped too early');
          moments2.push(row.nextAt);
          const next: TicketClock = step === 'warn' ? { ...row, warned: row.warned + 1 } : step === 'mark' ? { ...row, overdueAt: row.nextAt } : { ...row, rung: row.rung + 1 };
          row = { ...next, nextAt: nextOf(clock, next, warnings, ladder, []) };
        }
        expect(row.nextAt).toBeNull();
        expect(moments2).toEqual(moments2.toSorted((left, right) => left - right));
        expect(moments2[warnings.length]).toBe(row.dueAt);
        expect(moments2.slice(warnings.length).every(worksBefore)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('does not warn of what was near from the beginning; ended, held and lapsing clocks want nothing', () => {
    const ticket = aTicket({ profileId: city.deadlines.id });
    const start = at('2026-11-23 16:00');
    const dueAt = at('2026-11-23 17:30');
    const row = fixedClock(context, ticket, 'handle', start, dueAt, { amount: 2, unit: 'workhours' }, 0);
    expect(warningTimes(clock, dueAt, city.deadlines.warnings?.['handle'] ?? [])).toHaveLength(2);
    expect(row).toMatchObject({ warned: 2, nextAt: dueAt, run: 1 });
    const of = (change: Partial<TicketClock>): number | null => nextOf(clock, { ...row, ...change }, [], [], []);
    expect(of({ endedAt: start })).toBeNull();
    expect(of({ dueAt: null })).toBeNull();
    expect(of({ stage: 'return' })).toBeNull();
    expect(of({ overdueAt: dueAt })).toBeNull();
  });

  it('takes a stage\'s rule from the profile that the ticket was opened under', () => {
    const rules = (profileId: string, stage: Parameters<typeof startedClock>[2], itemCode: string | null = null) => startedClock(context, aTicket({ profileId, itemCode }), stage, at('2026-11-23 09:00'), 0)?.rule ?? null;
    const utility = city.items.find((item) => item.deadlineClass === 'utility')?.code ?? null;
    expect(rules('shandong', 'handle')).toEqual({ amount: 5, unit: 'workdays' });
    expect(rules('beijing', 'handle')).toEqual({ amount: 7, unit: 'days' });
    expect(rules('beijing', 'accept')).toEqual({ amount: 2, unit: 'hours' });
    expect(rules('shandong', 'sign')).toBeNull();
    expect(rules('tianjin', 'sign', utility)).toEqual({ amount: 30, unit: 'minutes' });
    expect(rules('zhuhai-enterprise', 'contact')).toEqual({ amount: 1, unit: 'workhours' });
    expect(rules('zhuhai-enterprise', 'handle')).toEqual({ amount: 4, unit: 'workdays' });
    for (const profile of city.profiles) {
      expect(rules(profile.id, 'return')).toEqual({ amount: 2, unit: 'workdays' });
      expect(rules(profile.id, 'judge')).toEqual({ amount: 2, unit: 'workdays' });
    }
    // A profile that is gone from the files: the one in force.
    expect(rules('gone', 'handle')).toEqual(city.deadlines.stages.handle['general']);
  });

  it('says so where the kept due time is another than the rules give today', () => {
    const ticket = aTicket({ profileId: city.deadlines.id });
    const row = startedClock(context, ticket, 'handle', at('2026-11-23 09:00'), 0);
    if (row === null) throw new Error('no clock');
    const [told] = explainTicket(context, ticket, [{ ...row, dueAt: at('2026-12-05 17:30') }], [], at('2026-11-24 09:00'));
    expect(told?.lines.at(-1)).toContain('以登记为准');
    const [same] = explainTicket(context, ticket, [row], [], at('2026-12-05 18:00'));
    expect(same).toMatchObject({ overdue: true, dueAt: at('2026-11-30 17:30') });
    expect(same?.lines.at(-1)).toContain('已超期');
    const [held] = explainTicket(context, { ...ticket, holds: [{ from: at('2026-11-24 09:00'), to: null }] }, [{ ...row, dueAt: null }], [], at('2026-11-25 09:00'));
    expect(held?.lines.at(-2)).toBe('正在挂起，恢复后继续计时。');
  });
});
