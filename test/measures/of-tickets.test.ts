import { describe, expect, it } from 'vitest';
import { HOUR, startOfDay } from '../../src/domain/clock.ts';
import type { TicketEvent } from '../../src/domain/ticket.ts';
import { rowsOfTicket, rowsSince } from '../../src/measures/of-tickets.ts';
import type { TicketHistory } from '../../src/store/contract.ts';

const T = startOfDay(1_760_000_000_000) + 8 * HOUR;
const SYSTEM: TicketEvent['actor'] = { kind: 'system' };
const CITIZEN: TicketEvent['actor'] = { kind: 'citizen' };

type Told = readonly [type: TicketEvent['type'], hours: number, data?: TicketEvent['data'], actor?: TicketEvent['actor']];

function aHistory(told: readonly Told[], overrides: Partial<TicketHistory['ticket']> = {}, clocks: TicketHistory['clocks'] = []): TicketHistory {
  return {
    ticket: { id: 't', kind: '投诉', channel: 'webchat', townId: 'humen', itemCode: 'env.noise', enterprise: false, ...overrides },
    events: told.map(([type, hours, data = {}, actor = SYSTEM], index) => ({ ticketId: 't', seq: index + 1, type, actor, at: T + hours * HOUR, data })),
    clocks,
  };
}

/** What it counts over all: `measure`, or `measure@hour` where the hour matters. */
function totals(history: TicketHistory, until = Number.MAX_SAFE_INTEGER): Readonly<Record<string, readonly [amount: number, sum: number]>> {
  return Object.fromEntries(rowsOfTicket(history, until).filter(({ by }) => by === 'all').reduce((sums, { measure, amount, sum }) => {
    const [before, added] = sums.get(measure) ?? [0, 0];
    return sums.set(measure, [before + amount, added + sum]);
  }, new Map<string, readonly [number, number]>()));
}

const byDepartment = (history: TicketHistory, measure: string): readonly (readonly [string, number])[] =>
  rowsOfTicket(history, Number.MAX_SAFE_INTEGER).filter((row) => row.measure === measure && row.by === 'department').map(({ key, hour }) => [key, (hour - T) / HOUR]);

const OPENED: readonly Told[] = [['ticket.opened', 0], ['ticket.accepted', 0], ['ticket.dispatched', 0, { departmentId: 'ecology' }]];

describe('what a ticket counts', () => {
  it('counts a plain life once, with times and the department that had it', () => {
    const history = aHistory([...OPENED, ['ticket.signed', 1], ['ticket.finished', 10], ['ticket.review_passed', 12], ['ticket.confirmed', 30, { process: 5, solved: true }, CITIZEN]], {}, [
      { stage: 'sign', run: 1, dueAt: T + 2 * HOUR, endedAt: T + HOUR },
      { stage: 'handle', run: 1, dueAt: T + 9 * HOUR, endedAt: T + 10 * HOUR },
    ]);
    expect(totals(history)).toEqual({
      'ticket.opened': [1, 0], 'ticket.dispatched': [1, 0], 'ticket.dispatched_first': [1, 0],
      'ticket.signed': [1, HOUR], 'ticket.signed_due': [1, 0], 'ticket.signed_on_time': [1, 0],
      // Finished after its clock ran out: closed, but not on time.
      'ticket.closed': [1, 10 * HOUR], 'ticket.handled': [1, 10 * HOUR], 'ticket.closed_due': [1, 0],
      'visit.rated': [1, 5], 'visit.satisfied': [1, 0], 'visit.answered': [1, 0], 'visit.solved': [1, 0],
    });
    expect(byDepartment(history, 'ticket.opened')).toEqual([['ecology', 0]]);
    expect(byDepartment(history, 'ticket.closed')).toEqual([['ecology', 12]]);
    expect(byDepartment(history, 'visit.rated')).toEqual([['ecology', 30]]);
  });

  it('cuts by town, kind and channel, under nothing what has none', () => {
    const rows = rowsOfTicket(aHistory([['ticket.opened', 0]], { townId: null, itemCode: null }), T).filter(({ measure }) => measure === 'ticket.opened');
    expect(rows.map(({ by, key }) => [by, key])).toEqual([['all', ''], ['channel', 'webchat'], ['town', ''], ['item', ''], ['kind', '投诉'], ['department', '']]);
  });

  it('counts a return for the department that gave it back, and the first dispatch as wrong, once', () => {
    const history = aHistory([...OPENED, ['ticket.return_requested', 2], ['ticket.return_upheld', 3], ['ticket.dispatched', 4, { departmentId: 'police' }], ['ticket.redirected', 5, { departmentId: 'traffic' }], ['ticket.signed', 6]]);
    expect(byDepartment(history, 'ticket.returned')).toEqual([['ecology', 3]]);
    expect(byDepartment(history, 'ticket.return_asked')).toEqual([['ecology', 2]]);
    // In the hour and for the department of the first dispatch, so that the rate is of one and the same tickets.
    expect(byDepartment(history, 'ticket.misdirected')).toEqual([['ecology', 0]]);
    expect(byDepartment(history, 'ticket.redirected')).toEqual([['police', 5]]);
    expect(byDepartment(history, 'ticket.dispatched')).toEqual([['ecology', 0], ['police', 4], ['traffic', 5]]);
    expect(byDepartment(history, 'ticket.signed')).toEqual([['traffic', 6]]);
    expect(totals(history)['ticket.signed']).toEqual([1, HOUR]);
  });

  it('counts no time limit where the profile set none', () => {
    const counted = totals(aHistory([...OPENED, ['ticket.signed', 1], ['ticket.finished', 3], ['ticket.review_passed', 4]]));
    expect([counted['ticket.signed_due'], counted['ticket.closed_due'], counted['ticket.closed']]).toEqual([undefined, undefined, [1, 3 * HOUR]]);
  });

  it('takes the result that passed, not the one that was sent back', () => {
    const clock = { stage: 'handle', run: 1, dueAt: T + 5 * HOUR, endedAt: T + 4 * HOUR } as const;
    const counted = totals(aHistory([...OPENED, ['ticket.finished', 2], ['ticket.review_failed', 3], ['ticket.finished', 4], ['ticket.review_passed', 6]], {}, [clock]));
    expect([counted['ticket.closed'], counted['ticket.closed_on_time']]).toEqual([[1, 4 * HOUR], [1, 0]]);
  });

  it("counts a veto as a false closure, and the time of handling again from its beginning", () => {
    const history = aHistory([...OPENED, ['ticket.finished', 2], ['ticket.review_passed', 3], ['ticket.vetoed', 10, { process: 2, solved: false }, CITIZEN], ['ticket.finished', 15], ['ticket.review_passed', 16], ['ticket.confirmed', 20, { process: 4, solved: true }, CITIZEN]]);
    const counted = totals(history);
    expect([counted['ticket.closed'], counted['ticket.vetoed'], counted['ticket.redone']]).toEqual([[2, 7 * HOUR], [1, 0], [1, 0]]);
    expect([counted['visit.rated'], counted['visit.satisfied'], counted['visit.answered'], counted['visit.solved']]).toEqual([[2, 6], [1, 0], [2, 0], [1, 0]]);
  });

  it.each([
    ['a citizen, after it was closed as done', 'ticket.confirmed', CITIZEN, 1],
    ['a citizen, after nobody answered', 'ticket.unreached', CITIZEN, 1],
    ['a partner, after an answer at once', 'ticket.answered_at_once', { kind: 'partner', partnerId: 'p' } as const, 1],
    ['a seat', 'ticket.confirmed', { kind: 'seat', seatId: 's' } as const, 0],
    ['a citizen, after they withdrew it', 'ticket.withdrawn', CITIZEN, 0],
  ] as const)('reopened by %s', (_who, end, actor, vetoes) => {
    const counted = totals(aHistory([['ticket.opened', 0], [end, 1], ['ticket.reopened', 2, {}, actor]]));
    expect([counted['ticket.vetoed']?.[0] ?? 0, counted['ticket.redone']]).toEqual([vetoes, [1, 0]]);
  });

  it('replaces a rating, in the hour of the first one', () => {
    const history = aHistory([...OPENED, ['ticket.finished', 1], ['ticket.review_passed', 2], ['ticket.confirmed', 3, { process: 2, solved: true }, CITIZEN], ['ticket.rated', 9, { process: 5 }, CITIZEN]]);
    expect(totals(history)['visit.rated']).toEqual([1, 5]);
    const since = rowsSince(history, T + 8 * HOUR, T + 9 * HOUR).filter(({ by, measure }) => by === 'all' && measure.startsWith('visit.'));
    expect(since.filter(({ measure }) => measure === 'visit.rated').map(({ amount, sum, hour }) => [amount, sum, (hour - T) / HOUR])).toEqual([[1, 5, 3], [-1, -2, 3]]);
    expect(since.reduce((total, { amount }) => total + amount, 0)).toBe(1); // only `satisfied` is new
  });

  it('counts overdue marks for the department that had it', () => {
    const history = aHistory([...OPENED, ['ticket.overdue', 5, { stage: 'sign', departmentId: 'ecology' }], ['ticket.overdue', 9, { stage: 'handle', departmentId: 'ecology' }]]);
    expect([totals(history)['ticket.overdue'], totals(history)['ticket.overdue_handling']]).toEqual([[2, 0], [1, 0]]);
  });

  it('moves to another item what was counted under the one that was put right', () => {
    const history = aHistory([...OPENED, ['ticket.signed', 1], ['ticket.corrected', 5, { field: 'itemCode', before: 'env.noise', after: 'env.air' }]], { itemCode: 'env.air' });
    const items = (until: number) => [...new Set(rowsOfTicket(history, until).filter(({ by }) => by === 'item').map(({ key }) => key))];
    expect([items(T + 4 * HOUR), items(T + 5 * HOUR)]).toEqual([['env.noise'], ['env.air']]);
    const moved = rowsSince(history, T + 4 * HOUR, T + 5 * HOUR).filter(({ by, measure }) => by === 'item' && measure === 'ticket.opened');
    expect(moved.map(({ key, amount, hour }) => [key, amount, hour - T])).toEqual([['env.air', 1, 0], ['env.noise', -1, 0]]);
  });
});
