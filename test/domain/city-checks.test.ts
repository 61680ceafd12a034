import { describe, expect, it } from 'vitest';
import { checkCalendar, checkDeadlines, checkDepartments, checkTowns } from '../../src/domain/city-checks.ts';
import type { Calendar } from '../../src/domain/config-files.ts';
import { createLegalClock, followCalendar } from '../../src/domain/legal-clock.ts';
import { city } from '../support/intake.ts';

const told = (faults: readonly { readonly pointer: string; readonly severity: string }[]): string[] => faults.map(({ pointer, severity }) => `${severity} ${pointer}`);
const year = (over: Partial<Calendar['years'][number]> = {}): Calendar['years'][number] => ({ year: 2026, provisional: false, source: '通知', holidays: [], makeUpWorkdays: [], ...over });
const calendar = (over: Partial<Calendar> = {}): Calendar => ({ ...city.calendar, years: [year()], ...over });

describe('what is wrong with the lists of a city', () => {
  it('finds nothing wrong with those that are shipped', () => {
    expect(told(checkDepartments(city.departments))).toEqual([]);
    expect(told(checkTowns(city.towns))).toEqual([]);
    expect(told(checkCalendar(city.calendar, 2026))).toEqual([]);
    expect(told(checkDeadlines({ active: city.deadlines.id, enterprise: city.enterpriseDeadlines.id, profiles: [...city.profiles] }, city.items))).toEqual([]);
  });

  it('tells names that stand twice, and other names that would tell nobody', () => {
    const a = { id: 'a', name: '甲局', short: '甲', aliases: ['老甲'], duties: '' };
    expect(told(checkDepartments([a, { ...a, name: '乙局', short: ' ' }]))).toEqual(['error /departments/1/id', 'error /departments/1/short']);
    expect(told(checkDepartments([a, { ...a, id: 'b', name: '乙局', short: '乙' }]))).toEqual(['warning /departments/1/aliases/0']);
    const town = { id: 'x', code: '441900001', name: '某镇', short: '某', kind: '镇' as const };
    expect(told(checkTowns([town, { ...town, id: 'y', name: '另镇' }]))).toEqual(['error /towns/1/code', 'warning /towns/1/short']);
    expect([told(checkTowns([])), told(checkDepartments([]))]).toEqual([['error /towns'], ['error /departments']]);
  });

  it('tells days that are none, both, or what the week has anyway, and years that are missing', () => {
    expect(told(checkCalendar(calendar({ years: [year({ holidays: ['2026-02-30', '2025-10-01', '2026-10-01', '2026-10-01', '2026-10-03'], makeUpWorkdays: ['2026-10-01', '2026-10-12', '2026-10-10'] })] })))).toEqual([
      'error /years/0/holidays/0', 'error /years/0/holidays/1', 'error /years/0/holidays/3', 'warning /years/0/holidays/4', 'error /years/0/makeUpWorkdays/0', 'warning /years/0/makeUpWorkdays/1',
    ]);
    expect(told(checkCalendar(calendar({ years: [year(), year()] }), 2026))).toEqual(['error /years/1/year', 'warning /years']);
    expect(told(checkCalendar(calendar(), 2027))).toEqual(['error /years', 'warning /years']);
    expect(told(checkCalendar(calendar({ years: [year({ provisional: true }), year({ year: 2027 })] }), 2026))).toEqual(['warning /years/0/provisional']);
    expect(told(checkCalendar(calendar({ officeHours: [], seatHours: [{ from: '9:00', to: '12:00' }, { from: '12:00', to: '11:00' }] })))).toEqual(['error /officeHours', 'error /seatHours/0', 'error /seatHours/1']);
  });

  it('tells profiles in force that are not there, and classes that items name', () => {
    const profiles = city.profiles.map((profile) => (profile.id === 'demo' ? { ...profile, stages: { handle: { general: { amount: 5, unit: 'workdays' as const } } }, warnings: { handling: [{ amount: 1, unit: 'hours' as const }] } } : profile));
    expect(told(checkDeadlines({ active: 'nobody', profiles }, city.items))).toEqual(['error /active', 'warning /profiles/0/warnings/handling']);
    const faults = checkDeadlines({ active: 'demo', profiles }, city.items);
    expect([...new Set(told(faults))]).toEqual(['error /profiles/0/stages/handle', 'warning /profiles/0/warnings/handling']);
    expect(faults[0]?.text).toMatch(/演示时限没有类别 \w+，而事项 [\w.-]+ 等要用/);
  });
});

describe('a clock that follows the calendar', () => {
  it('counts by the calendar in force at the moment of asking', () => {
    let held = calendar();
    const clock = followCalendar(() => held);
    const start = Date.parse('2026-11-23T09:00:00+08:00');
    const rule = { amount: 1, unit: 'workdays' as const };
    const before = clock.due(start, rule);
    expect(before).toBe(createLegalClock(held).due(start, rule));
    held = calendar({ years: [year({ holidays: ['2026-11-24'] })] });
    expect(clock.due(start, rule) - before).toBe(86_400_000);
    expect([clock.isWorkday(start + 86_400_000), clock.isOfficeOpen(start), clock.isSeatOpen(start), clock.coversYear(2026), clock.elapsed(start, start + 1, 'hours') > 0, clock.spans(start, start + 1, 'hours').length, clock.before(start, rule) < start, clock.dueUnlessHeld(start, rule, []) === clock.due(start, rule)]).toEqual([false, true, true, true, true, 1, true, true]);
  });
});
