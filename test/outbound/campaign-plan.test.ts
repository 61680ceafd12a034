import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterAttempt, CALL_OUTCOMES, freeLines, nextCallTime, parseHours } from '../../src/outbound/campaign-plan.ts';

/** When campaigns call, and what follows: pure. */

const at = (text: string): number => Date.parse(`${text}:00+08:00`);
const times = { hours: ['14:00-20:00', '09:00-12:00'], workdaysOnly: true };
/** 2026-11-28 and -29 are a Saturday and a Sunday. */
const isWorkday = (moment: number): boolean => ![0, 6].includes(new Date(moment + 8 * 3_600_000).getUTCDay());

describe('the hours of a campaign', () => {
  it.each([
    ['2026-11-23T08:59', '2026-11-23T09:00'],
    ['2026-11-23T09:00', '2026-11-23T09:00'],
    ['2026-11-23T11:59', '2026-11-23T11:59'],
    ['2026-11-23T12:00', '2026-11-23T14:00'],
    ['2026-11-23T20:00', '2026-11-24T09:00'],
    ['2026-11-27T20:30', '2026-11-30T09:00'],
    ['2026-11-28T10:00', '2026-11-30T09:00'],
  ])('from %s on begin at %s', (from, expected) => {
    expect(nextCallTime(times, isWorkday, at(from))).toBe(at(expected));
  });

  it('are refused when they are none', () => {
    for (const hours of [[], ['9-12'], ['12:00-09:00'], ['09:00-09:00'], ['09:00-12:00', '11:00-13:00'], ['09:00-25:00']]) expect(() => parseHours(hours)).toThrow();
    expect(parseHours(['20:00-24:00'])).toHaveLength(1);
    // A calendar without a workday is broken; nobody is called by it.
    expect(nextCallTime(times, () => false, at('2026-11-23T10:00'))).toBeNull();
  });

  it('hold whatever the moment: never before it, always inside, and itself when it is inside', () => {
    fc.assert(fc.property(fc.integer({ min: at('2026-11-01T00:00'), max: at('2027-02-01T00:00') }), (moment) => {
      const next = nextCallTime(times, isWorkday, moment);
      if (next === null) throw new Error('no day');
      const minutes = ((next + 8 * 3_600_000) % 86_400_000) / 60_000;
      expect(next).toBeGreaterThanOrEqual(moment);
      expect(isWorkday(next)).toBe(true);
      expect((minutes >= 540 && minutes < 720) || (minutes >= 840 && minutes < 1200)).toBe(true);
      expect(nextCallTime(times, isWorkday, next)).toBe(next);
    }));
  });
});

describe('after a call', () => {
  const campaign = { ...times, attempts: 3, retryAfterMinutes: 120 };
  const now = at('2026-11-23T11:00');
  const after = (call: 'busy' | 'machine' | 'completed', outcome: (typeof CALL_OUTCOMES)[number] | null, attempts: number) => afterAttempt(campaign, isWorkday, { call, outcome, attempts, now });

  it('ends well by what the citizen did alone', () => {
    expect(after('completed', 'reached', 1)).toEqual({ state: 'reached', code: null, nextAt: null, endedAt: now });
    expect(after('completed', 'refused', 1)).toMatchObject({ state: 'refused', code: 'opted_out' });
    expect(after('completed', 'other', 1)).toMatchObject({ state: 'unreached', code: 'other_person', nextAt: null });
    // Somebody listened and hung up: no answer is no satisfaction.
    expect(after('completed', null, 3)).toMatchObject({ state: 'unreached', code: 'completed' });
    expect(after('completed', 'silent', 3)).toMatchObject({ state: 'unreached', code: 'silent' });
  });

  it('tries again inside the hours, at most so often', () => {
    expect(after('busy', null, 1)).toEqual({ state: 'waiting', code: 'busy', nextAt: at('2026-11-23T14:00'), endedAt: null });
    expect(after('machine', null, 2)).toMatchObject({ state: 'waiting', code: 'machine' });
    expect(after('completed', 'later', 2)).toMatchObject({ state: 'waiting', code: 'later' });
    expect(after('busy', null, 3)).toMatchObject({ state: 'unreached', nextAt: null, endedAt: now });
  });
});

it('leaves lines for others', () => {
  expect(freeLines({ concurrency: 3 }, { here: 1, everywhere: 1 }, 30)).toBe(2);
  expect(freeLines({ concurrency: 3 }, { here: 0, everywhere: 29 }, 30)).toBe(1);
  expect(freeLines({ concurrency: 3 }, { here: 3, everywhere: 40 }, 30)).toBe(0);
});
