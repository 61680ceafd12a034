import { describe, expect, it } from 'vitest';
import { HOUR } from '../../src/domain/clock.ts';
import { countedService, fromMark, rowsOfService, toMark } from '../../src/measures/of-services.ts';
import type { ServicePeriod } from '../../src/store/contract.ts';

const T = 1_760_000_400_000;
const LIMITS = { answerMs: 15_000, gapMs: HOUR };

function aPeriod(overrides: Partial<ServicePeriod> = {}): ServicePeriod {
  return { id: 'p', conversationId: 'c', channel: 'webchat', groupId: 'general', enterprise: false, emergency: false, askedAt: T, offeredAt: null, seatId: null, acceptedAt: null, firstReplyAt: null, endedAt: null, outcome: 'open', ...overrides };
}

function totals(period: ServicePeriod, askedBefore: number | null = null): Readonly<Record<string, number | readonly [number, number]>> {
  const rows = rowsOfService(countedService(period, askedBefore, LIMITS), LIMITS).filter(({ by }) => by === 'all');
  expect(new Set(rows.map(({ measure }) => measure)).size).toBe(rows.length);
  return Object.fromEntries(rows.map(({ measure, amount, sum }) => [measure.replace('service.', ''), sum === 0 ? amount : [amount, sum]]));
}

describe('what a service period counts', () => {
  it('does not count who still waits as offered: neither answered nor missed', () => {
    expect(totals(aPeriod())).toEqual({ asked: 1, 'conversation.handed': 1 });
  });

  it('counts answered within 15 seconds, the fifteenth included', () => {
    expect(totals(aPeriod({ seatId: 's', acceptedAt: T + 15_000 }))).toEqual({ asked: 1, 'conversation.handed': 1, offered: 1, accepted: [1, 15_000], prompt: 1 });
    expect(totals(aPeriod({ seatId: 's', acceptedAt: T + 15_001 }))['prompt']).toBeUndefined();
  });

  it('counts the whole of a service', () => {
    expect(totals(aPeriod({ seatId: 's', acceptedAt: T + 20_000, firstReplyAt: T + 30_000, endedAt: T + 100_000, outcome: 'served' }))).toEqual({
      asked: 1, 'conversation.handed': 1, offered: 1, accepted: [1, 20_000], replied: [1, 30_000], served: [1, 80_000],
    });
  });

  it.each([
    ['abandoned', { offered: 1, abandoned: 1 }],
    ['callback', { offered: 1, callback: 1 }],
    ['cancelled', { cancelled: 1 }],
  ] as const)('counts %s as it was', (outcome, expected) => {
    expect(totals(aPeriod({ endedAt: T + 60_000, outcome }))).toEqual({ asked: 1, 'conversation.handed': 1, ...expected });
  });

  it('counts one that was answered and then cancelled as answered', () => {
    const counted = totals(aPeriod({ seatId: 's', acceptedAt: T + 5_000, endedAt: T + 60_000, outcome: 'cancelled' }));
    expect([counted['offered'], counted['cancelled']]).toEqual([1, undefined]);
  });

  it('takes a second asking within the hour as the same conversation', () => {
    expect(totals(aPeriod(), T - HOUR)['conversation.handed']).toBeUndefined();
    expect(totals(aPeriod(), T - HOUR - 1)['conversation.handed']).toBe(1);
  });

  it('tells groups and seats, and no seat of who waited in vain', () => {
    const keys = (period: ServicePeriod) => rowsOfService(countedService(period, null, LIMITS), LIMITS).filter(({ measure, by }) => measure === 'service.asked' && by !== 'all').map(({ by, key, dayOnly }) => [by, key, dayOnly]);
    expect(keys(aPeriod({ seatId: 's', acceptedAt: T + 1 }))).toEqual([['channel', 'webchat', undefined], ['group', 'general', undefined], ['seat', 's', true]]);
    expect(keys(aPeriod({ groupId: null, seatId: 's' }))).toEqual([['channel', 'webchat', undefined], ['group', '', undefined]]);
  });

  it('is remembered as it was counted', () => {
    const counted = countedService(aPeriod({ seatId: 's', acceptedAt: T + 1, outcome: 'served', endedAt: T + 2 }), null, LIMITS);
    expect(fromMark(JSON.parse(JSON.stringify(toMark(counted))))).toEqual(counted);
    expect(fromMark({ channel: 'webchat' })).toBeNull();
    expect(fromMark({ ...toMark(counted), outcome: 'toString' })).toBeNull();
  });
});
