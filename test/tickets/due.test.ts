import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../src/domain/clock.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { sweepDue, type SweepContext, type SweepReport } from '../../src/tickets/due.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { clocksOf, DEPARTMENT, eventsOf, finished, handled, move, nowOf, opened, SUPERVISOR } from '../support/tickets.ts';

const at = (text: string): number => Date.parse(`${text}:00+08:00`);

describe('what time brings to tickets', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());

  const sweepOf = (over: Partial<SweepContext> = {}): SweepContext => ({ ...intake.context, store: intake.store, write: (fn) => writeUnit(intake.context, fn), ...over });
  const sweepAt = (text: string, over: Partial<SweepContext> = {}): Promise<SweepReport> => {
    intake.clock.set(at(text));
    return sweepDue(sweepOf(over));
  };
  /** Every event after the opening, with its time in Beijing. */
  const story = async (ticket: Ticket, from = 0): Promise<string[]> =>
    (await eventsOf(intake, ticket)).slice(from).map(({ type, at: time, data }) => `${new Date(time + 8 * HOUR).toISOString().slice(5, 16).replace('T', ' ')} ${type}${typeof data['level'] === 'number' ? ` ${data['level']}` : ''}${typeof data['person'] === 'string' ? ` ${data['person']}` : ''}`);
  const supervisionsOf = (ticket: Ticket) => intake.store.read((repos) => repos.supervisions.of(ticket.id));

  it('climbs the whole ladder over the National Day holiday, by working days and make-up days', async () => {
    // Thursday, the last week before the holiday of 2026 (1 to 7 October; Saturday the 10th is worked).
    intake.clock.set(at('2026-09-24T10:00'));
    const ticket = await handled(intake);
    const first = (await eventsOf(intake, ticket)).length;
    // Friday the 25th is the Mid-Autumn Festival: five workdays are 28, 29, 30 September, 8 and 9 October.
    expect(ticket.deadlineAt).toBe(at('2026-10-09T17:30'));
    // Looked at every hour for five weeks, as a node would.
    for (let time = at('2026-09-24T11:00'); time < at('2026-10-30T00:00'); time += HOUR) {
      intake.clock.set(time);
      await sweepDue(sweepOf());
    }
    expect(await story(ticket, first)).toEqual([
      '09-28 18:00 ticket.overdue', // first contact: one workday
      '09-29 18:00 ticket.warned 承办单位联络员',
      '10-08 18:00 ticket.warned', // one workday before
      '10-09 12:00 ticket.warned', // four working hours before (8:30-12, 14-17:30)
      '10-09 18:00 ticket.overdue',
      '10-10 18:00 ticket.supervised 1 承办单位联络员', // Saturday, worked
      '10-13 18:00 ticket.supervised 2 承办单位分管负责人',
      '10-19 18:00 ticket.supervised 3 承办单位主要负责人',
      '10-22 18:00 ticket.escalated 分管市领导',
    ]);
    expect(await nowOf(intake, ticket)).toMatchObject({ state: '提级', supervision: 3, overdueAt: at('2026-09-28T17:30') });
    expect((await supervisionsOf(ticket)).map(({ level, cause, person, departmentId, createdBy, endedAt }) => ({ level, cause, person, departmentId, createdBy, endedAt }))).toEqual(
      ([[1, '承办单位联络员'], [2, '承办单位分管负责人'], [3, '承办单位主要负责人']] as const).map(([level, person]) => ({ level, cause: 'overdue', person, departmentId: ticket.departmentId, createdBy: 'system', endedAt: null })),
    );
    expect(await intake.store.read((repos) => repos.clocks.nextAt())).toBeNull();
  });

  it('does each thing once, whoever looks and how often', async () => {
    intake.clock.set(at('2026-11-23T09:00'));
    const ticket = await handled(intake);
    const before = (await eventsOf(intake, ticket)).length;
    intake.clock.set(at('2026-12-01T09:00'));
    const reports = await Promise.all(Array.from({ length: 4 }, () => sweepDue(sweepOf())));
    expect(reports.reduce((sum, { done }) => sum + done, 0)).toBeGreaterThan(0);
    expect(reports.every(({ failed }) => failed === 0)).toBe(true);
    const after = (await eventsOf(intake, ticket)).slice(before).map(({ type, data }) => `${type} ${JSON.stringify(data)}`);
    expect(new Set(after).size).toBe(after.length);
    expect(after.filter((line) => line.includes('ticket.overdue'))).toHaveLength(2); // contact and handling
    expect(await sweepDue(sweepOf())).toMatchObject({ done: 0, failed: 0, more: false });
    expect(await eventsOf(intake, ticket)).toHaveLength(before + after.length);
  });

  it('what was slept through is one warning, and none once it is late', async () => {
    intake.clock.set(at('2026-11-23T09:00'));
    const [warned, late] = [await handled(intake), await handled(intake)];
    // Both warnings of the handling are past at 16:00 of the last day.
    await sweepAt('2026-11-30T16:00');
    const warnings = async (ticket: Ticket) => (await eventsOf(intake, ticket)).filter(({ type, data }) => type === 'ticket.warned' && data['stage'] === 'handle').length;
    expect(await warnings(warned)).toBe(1);
    intake.clock.set(at('2026-11-30T17:30'));
    await sweepDue(sweepOf());
    expect(await warnings(late)).toBe(1);
    expect((await clocksOf(intake, late)).find(({ stage }) => stage === 'handle')).toMatchObject({ overdueAt: at('2026-11-30T17:30'), rung: 0, nextAt: at('2026-12-01T17:30') });
  });

  it('a crash between two clocks loses nothing and repeats nothing', async () => {
    intake.clock.set(at('2026-11-23T09:00'));
    const tickets = [await handled(intake), await handled(intake), await handled(intake)];
    intake.clock.set(at('2026-11-25T09:00'));
    let writes = 0;
    const dying = sweepOf({
      write: (fn) => {
        writes += 1;
        if (writes > 2) throw new RangeError('the process dies here');
        return writeUnit(intake.context, fn);
      },
    });
    await expect(sweepDue(dying)).rejects.toThrow('dies');
    await sweepDue(sweepOf());
    for (const ticket of tickets) expect((await eventsOf(intake, ticket)).filter(({ type }) => type === 'ticket.overdue')).toHaveLength(1);
  });

  it('one that cannot be served stands before no other, and is tried again', async () => {
    intake.clock.set(at('2026-11-23T09:00'));
    const [bad, good] = [await handled(intake), await handled(intake)];
    intake.clock.set(at('2026-11-25T09:00'));
    const failures: string[] = [];
    const broken = sweepOf({ failed: (code) => failures.push(code), hears: (_type, { id }) => { if (id === bad.id) throw new TypeError('broken listener'); return false; } });
    const report = await sweepDue(broken);
    expect(report).toMatchObject({ failed: 1 });
    expect(failures).toHaveLength(1);
    expect((await eventsOf(intake, good)).at(-1)).toMatchObject({ type: 'ticket.overdue' });
    expect(await sweepDue(broken)).toMatchObject({ done: 0, failed: 0 });
    intake.clock.advance(5 * MINUTE);
    await sweepDue(sweepOf());
    expect((await eventsOf(intake, bad)).at(-1)).toMatchObject({ type: 'ticket.overdue' });
  });

  it('a hold ends by itself, and the clock goes on with what was left', async () => {
    intake.clock.set(at('2026-11-23T09:00'));
    const ticket = await handled(intake);
    intake.clock.set(at('2026-11-24T09:00'));
    const asked = await move(intake, ticket, 'requestHold', { reasonCode: 'season', reason: '汛期无法施工', until: at('2026-12-08T09:00') });
    const held = await move(intake, asked, 'grantHold', {}, SUPERVISOR);
    expect(held).toMatchObject({ state: '挂起', stateBefore: '办理中', deadlineAt: null });
    // Nothing is due while it is held: not the deadline of 30 November, nor the first contact.
    await sweepAt('2026-12-08T08:59');
    expect(await nowOf(intake, ticket)).toMatchObject({ state: '挂起', overdueAt: null });
    await sweepAt('2026-12-08T09:00');
    // 24 November to 8 December did not count: five workdays are 8, 9, 10, 11 and 14 December.
    expect(await nowOf(intake, ticket)).toMatchObject({ state: '办理中', deadlineAt: at('2026-12-14T17:30'), holds: [{ from: at('2026-11-24T09:00'), to: at('2026-12-08T09:00') }] });
    expect((await eventsOf(intake, ticket)).at(-1)).toMatchObject({ type: 'ticket.resumed', actor: { kind: 'system' } });
  });

  it('rungs wait while a late ticket is held', async () => {
    intake.clock.set(at('2026-11-23T09:00'));
    const ticket = await handled(intake);
    await sweepAt('2026-11-30T17:30');
    intake.clock.set(at('2026-12-01T09:00'));
    const held = await move(intake, await move(intake, await nowOf(intake, ticket), 'requestHold', { reasonCode: 'season', reason: '汛期', until: at('2026-12-08T09:00') }), 'grantHold', {}, SUPERVISOR);
    await sweepAt('2026-12-07T09:00');
    expect(await nowOf(intake, held)).toMatchObject({ supervision: 0 });
    await sweepAt('2026-12-08T09:00');
    await sweepAt('2026-12-08T17:00');
    expect(await nowOf(intake, held)).toMatchObject({ state: '办理中', supervision: 0 });
    await sweepAt('2026-12-08T17:30');
    expect(await nowOf(intake, held)).toMatchObject({ supervision: 1 });
  });

  it('an escalation that the state forbids presses by supervision alone', async () => {
    intake.clock.set(at('2026-11-23T09:00'));
    const ticket = await handled(intake);
    await move(intake, ticket, 'requestHold', { reasonCode: 'season', reason: '汛期', until: at('2027-01-08T09:00') });
    await sweepAt('2026-12-31T09:00');
    expect(await nowOf(intake, ticket)).toMatchObject({ state: '办理中', pending: 'hold', supervision: 3 });
  });

  it('hands the visit-back to those who know how, and never twice at once', async () => {
    intake.clock.set(at('2026-11-23T09:00'));
    const ticket = await finished(intake);
    const asked: number[] = [];
    const onVisitDue: SweepContext['onVisitDue'] = async () => void asked.push(intake.clock.now());
    await sweepAt('2026-11-24T17:30', { onVisitDue });
    await sweepDue(sweepOf({ onVisitDue }));
    expect(asked).toEqual([at('2026-11-24T17:30')]);
    // Who leaves the clock alone is asked again after a working day, not in a circle.
    await sweepAt('2026-11-25T17:30', { onVisitDue });
    expect(asked).toHaveLength(2);
    expect(await nowOf(intake, ticket)).toMatchObject({ state: '回访' });
    await move(intake, await nowOf(intake, ticket), 'unreached', {}, { role: 'system', actor: { kind: 'system' } });
    await sweepAt('2026-12-25T17:30', { onVisitDue });
    expect(asked).toHaveLength(2);
  });

  it('a ticket that waits for dispatch is warned of, and a request that waits for judgement', async () => {
    intake.clock.set(at('2026-11-23T09:00'));
    const waiting = await opened(intake);
    await sweepAt('2026-11-23T12:00');
    expect(await story(waiting, 2)).toEqual(['11-23 12:00 ticket.overdue', '11-23 12:00 ticket.warned 热线值班长']);
    const ticket = await handled(intake);
    await move(intake, { ...ticket, version: ticket.version }, 'requestReturn', { reasonCode: 'not_our_area', reason: '不在辖区' }, { ...DEPARTMENT, actor: { kind: 'department', departmentId: ticket.departmentId ?? '', seatId: null } });
    await sweepAt('2026-11-27T09:00');
    const judging = (await eventsOf(intake, ticket)).filter(({ data }) => data['stage'] === 'judge');
    expect(judging.map(({ type }) => type)).toEqual(['ticket.overdue', 'ticket.warned']);
  });
});
