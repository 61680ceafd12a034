import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ticket, TicketState } from '../../../src/domain/ticket.ts';
import { writeUnit } from '../../../src/intake/context.ts';
import { moveTicket } from '../../../src/tickets/move.ts';
import { openTicket } from '../../../src/tickets/open.ts';
import { answerVisit, wantBack, withdrawTicket, type VisitGiven } from '../../../src/tickets/visits/answer.ts';
import { asksOfRound, noteAttempt, onVisitDue } from '../../../src/tickets/visits/due.ts';
import { openIntake, type IntakeUnderTest } from '../../support/intake.ts';

describe('visit-back', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());

  const unit = <Result>(fn: Parameters<typeof writeUnit<Result>>[1]): Promise<Result> => writeUnit(intake.context, fn);
  const current = async (id: string): Promise<Ticket> => {
    const ticket = await intake.store.read((repos) => repos.tickets.get(id));
    if (ticket === null) throw new Error('gone');
    return ticket;
  };
  const opened = async (): Promise<Ticket> => {
    const citizenId = await intake.store.write((repos) => repos.citizens.resolve({ id: intake.context.newId(), channel: 'push', externalUserId: null, phone: null, displayName: null, now: intake.clock.now() }));
    return unit((one) => openTicket(intake.context, one, { ticketKind: '投诉', itemCode: null, title: '路灯不亮', content: '路灯不亮', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false, citizenId, conversationId: null, channel: 'push', actor: { kind: 'citizen' } }));
  };
  const move = async (id: string, name: string, given: object = {}): Promise<Ticket> => {
    const { version } = await current(id);
    return unit((one) => moveTicket(intake.context, one, id, name, { version, ...given }, { role: 'supervisor', actor: { kind: 'seat', seatId: name === 'passReview' ? 'seat-2' : 'seat-1' } }));
  };
  const finished = async (): Promise<Ticket> => {
    const { id } = await opened();
    await move(id, 'dispatch', { departmentId: intake.context.city.departments[0]?.id ?? '' });
    await move(id, 'sign');
    await move(id, 'finish', { result: '已更换灯具' });
    return move(id, 'passReview');
  };
  const clocks = async (id: string) => (await intake.store.read((repos) => repos.clocks.of(id))).filter((row) => row.stage === 'visit');
  const due = async (id: string): Promise<Ticket> => {
    const row = (await clocks(id)).find((clock) => clock.endedAt === null);
    if (row === undefined || row.dueAt === null) throw new Error('no clock');
    intake.clock.advance(row.dueAt - intake.clock.now());
    return unit(async (one) => onVisitDue(intake.context, one, await current(id), row));
  };
  const answer = (id: string, given: Partial<VisitGiven>): Promise<Ticket> => unit((one) => answerVisit(intake.context, one, id, { process: null, solved: null, reason: null, channel: 'push', ...given }));
  const visits = (id: string) => intake.store.read((repos) => repos.ticketVisits.of(id));

  it('asks again as often as the rules say, then ends unreached: no answer is not satisfaction', async () => {
    const { id } = await finished();
    const { attempts } = intake.context.city.ticketRules.visit;
    await unit(async (one) => noteAttempt(intake.context, one, await current(id), 1, { channel: 'push', reached: true }));
    for (let attempt = 1; attempt < attempts; attempt += 1) {
      expect((await due(id)).state).toBe<TicketState>('回访');
      expect(asksOfRound(await intake.store.read((repos) => repos.tickets.events(id)))).toBe(attempt + 1);
    }
    expect(await due(id)).toMatchObject({ state: '归档', closure: 'unreached', visit: null });
    expect((await clocks(id)).every((row) => row.endedAt !== null)).toBe(true);
    expect((await visits(id))[0]).toMatchObject({ outcome: 'no_answer', answeredAt: null });
  });

  it('a clock that fell due after the answer changes nothing', async () => {
    const { id } = await finished();
    const [row] = await clocks(id);
    if (row === undefined) throw new Error('no clock');
    await answer(id, { process: 5, solved: true });
    expect(await unit(async (one) => onVisitDue(intake.context, one, await current(id), row))).toMatchObject({ state: '归档', closure: 'confirmed' });
  });

  it('solved and rated: confirmed, the rating kept', async () => {
    const { id } = await finished();
    expect(await answer(id, { process: 4, solved: true })).toMatchObject({ state: '归档', closure: 'confirmed', visit: { process: 4, solved: true } });
    expect(await visits(id)).toMatchObject([{ attempt: 1, outcome: 'answered', process: 4, solved: true }]);
  });

  it('half an answer confirms nothing', async () => {
    const { id } = await finished();
    await expect(answer(id, { solved: true })).rejects.toMatchObject({ code: 'ticket.answer_incomplete' });
    await expect(answer(id, { process: 5 })).rejects.toMatchObject({ code: 'ticket.answer_incomplete' });
    expect((await current(id)).state).toBe<TicketState>('回访');
  });

  it('not solved: handled again with a new clock, counted against the closing; the next closing is asked about anew', async () => {
    const { id } = await finished();
    const vetoed = await answer(id, { process: 5, solved: false, reason: '还是没人来，电话13800138000' });
    expect(vetoed).toMatchObject({ state: '重办', vetoes: 1, redos: 1, visit: { process: 5, solved: false } });
    expect(vetoed.deadlineAt).toBeGreaterThan(intake.clock.now());
    expect(JSON.stringify(await intake.store.read((repos) => repos.tickets.events(id)))).not.toContain('13800138000');
    await move(id, 'finish', { result: '重新接线' });
    await move(id, 'passReview');
    expect(asksOfRound(await intake.store.read((repos) => repos.tickets.events(id)))).toBe(1);
    await answer(id, { process: 5, solved: true });
    expect((await visits(id)).map(({ attempt, solved }) => [attempt, solved])).toEqual([[1, false], [2, true]]);
  });

  it('a citizen wants it back: a veto in the visit-back, a reopening within the time, refused after it and while it is open', async () => {
    const { id } = await finished();
    const again = (ticketId: string) => unit((one) => wantBack(intake.context, one, ticketId, '没解决'));
    expect(await again(id)).toMatchObject({ state: '重办', vetoes: 1 });
    await expect(again(id)).rejects.toMatchObject({ code: 'ticket.still_open' });
    await move(id, 'finish', { result: '重新接线' });
    await move(id, 'passReview');
    await answer(id, { process: 3, solved: true });
    expect(await again(id)).toMatchObject({ state: '重办', vetoes: 2, closure: null });
    const other = await finished();
    await answer(other.id, { process: 3, solved: true });
    intake.clock.advance(31 * 24 * 60 * 60_000);
    await expect(again(other.id)).rejects.toMatchObject({ code: 'ticket.reopen_too_late' });
  });

  it('a rating after the end changes the rating and nothing else; what is not finished is not rated', async () => {
    const { id } = await finished();
    for (let attempt = 0; attempt < intake.context.city.ticketRules.visit.attempts; attempt += 1) await due(id);
    expect(await answer(id, { process: 2 })).toMatchObject({ state: '归档', closure: 'unreached', visit: { process: 2, solved: null } });
    await expect(answer((await opened()).id, { process: 2 })).rejects.toMatchObject({ code: 'ticket.not_finished' });
  });

  it('withdrawn before there is a result, not after', async () => {
    const ticket = await opened();
    expect(await unit((one) => withdrawTicket(intake.context, one, ticket.id, '不想办了'))).toMatchObject({ state: '归档', closure: 'withdrawn' });
    const { id } = await finished();
    await expect(unit((one) => withdrawTicket(intake.context, one, id, '不想办了'))).rejects.toMatchObject({ code: 'ticket.withdraw_too_late' });
  });
});
