import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../src/domain/clock.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { urgeTicket } from '../../src/tickets/additions.ts';
import { addFile } from '../../src/tickets/files.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { CITIZEN, clocksOf, eventsOf, finished, handled, LEAD, move, nowOf, opened, OTHER, SUPERVISOR } from '../support/tickets.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import type { Mover } from '../../src/tickets/move.ts';

const at = (text: string): number => Date.parse(`${text}:00+08:00`);
const JUDGE: Mover = { role: 'supervisor', actor: { kind: 'seat', seatId: 'seat-8' } };
const PARTNER: Mover = { role: 'partner', actor: { kind: 'partner', partnerId: 'p' } };

describe('the rules of single moves', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
    intake.clock.set(at('2026-11-23T09:00'));
  });
  afterEach(() => intake.close());

  const requestsOf = (ticket: Pick<Ticket, 'id'>) => intake.store.read((repos) => repos.requests.of(ticket.id));
  const supervisionsOf = (ticket: Pick<Ticket, 'id'>) => intake.store.read((repos) => repos.supervisions.of(ticket.id));
  const running = async (ticket: Pick<Ticket, 'id'>) => (await clocksOf(intake, ticket)).filter(({ endedAt }) => endedAt === null).map(({ stage, run }) => `${stage}${run}`).toSorted();
  const fileOf = async (ticket: Pick<Ticket, 'id'>): Promise<string> => (await writeUnit(intake.context, (unit) => addFile(intake.context, unit, ticket.id, { url: 'media:token/a.pdf', name: 'a.pdf', contentType: 'application/pdf', purpose: 'evidence' }, SUPERVISOR.actor))).id;
  const askReturn = (ticket: Ticket) => move(intake, ticket, 'requestReturn', { reasonCode: 'not_our_area', reason: '不在辖区' });

  describe('returns', () => {
    it('are asked for within the time since the dispatch that counts, with a reason of the list and its evidence', async () => {
      const ticket = await handled(intake);
      await expect(move(intake, ticket, 'requestReturn', { reasonCode: 'because', reason: 'x' })).rejects.toMatchObject({ code: 'ticket.unknown_reason', status: 400 });
      await expect(move(intake, ticket, 'requestReturn', { reasonCode: 'complex', reason: '别的名单' })).rejects.toMatchObject({ code: 'ticket.unknown_reason' });
      await expect(move(intake, ticket, 'requestReturn', { reasonCode: 'not_our_duty', reason: '不属于职责' })).rejects.toMatchObject({ code: 'ticket.evidence_needed' });
      expect(await move(intake, ticket, 'requestReturn', { reasonCode: 'not_our_duty', reason: '不属于职责', evidence: [await fileOf(ticket)] })).toMatchObject({ state: '退单待审', stateBefore: '办理中', pending: 'return' });

      const late = await handled(intake);
      intake.clock.set(at('2026-11-25T17:30')); // the last moment of two workdays
      const stillGood = await askReturn(await handledAt('2026-11-23T10:00'));
      expect(stillGood.state).toBe('退单待审');
      intake.clock.set(at('2026-11-25T17:31'));
      await expect(askReturn(late)).rejects.toMatchObject({ code: 'ticket.return_too_late', status: 409 });
      // Who gets it anew has the time anew.
      const redirected = await move(intake, late, 'redirect', { departmentId: OTHER, reason: '职责在此' }, SUPERVISOR);
      expect(await askReturn(redirected)).toMatchObject({ state: '退单待审', stateBefore: '待签收' });
    });

    async function handledAt(text: string): Promise<Ticket> {
      const now = intake.clock.now();
      intake.clock.set(at(text));
      const ticket = await handled(intake);
      intake.clock.set(now);
      return ticket;
    }

    it('upheld go back to dispatch while the citizen\'s clock runs on; refused go back where they were; both are judged in time', async () => {
      const ticket = await handled(intake);
      const asked = await askReturn(ticket);
      expect(await running(asked)).toEqual(['contact1', 'handle1', 'judge1', 'return1']);
      expect((await requestsOf(asked))[0]).toMatchObject({ state: 'asked', judgeBy: at('2026-11-25T17:30'), departmentId: LEAD });
      const upheld = await move(intake, asked, 'upholdReturn', { reason: '情况属实' }, JUDGE);
      expect(upheld).toMatchObject({ state: '待派', pending: null, returns: 1, departmentId: null, deadlineAt: ticket.deadlineAt, stateBefore: null });
      expect(await running(upheld)).toEqual(['accept2', 'handle1']);
      const again = await move(intake, upheld, 'dispatch', { departmentId: OTHER });
      expect(again).toMatchObject({ state: '待签收', deadlineAt: ticket.deadlineAt, dispatchedAt: ticket.dispatchedAt });
      expect(await running(again)).toEqual(['contact2', 'handle1', 'return2', 'sign2']);

      const refused = await move(intake, await askReturn(await move(intake, again, 'sign')), 'refuseReturn', { reason: '就是你们的' }, JUDGE);
      expect(refused).toMatchObject({ state: '办理中', pending: null, returns: 1 });
      expect((await requestsOf(refused)).map(({ state, judgedBy, verdict }) => [state, judgedBy, verdict])).toEqual([['upheld', 'seat:seat-8', '情况属实'], ['refused', 'seat:seat-8', '就是你们的']]);
    });

    it('can be withdrawn by who asked', async () => {
      const back = await move(intake, await askReturn(await handled(intake)), 'withdrawRequest');
      expect(back).toMatchObject({ state: '办理中', pending: null, returns: 0 });
      expect(await requestsOf(back)).toMatchObject([{ state: 'withdrawn' }]);
      expect(await running(back)).not.toContain('judge1');
    });
  });

  describe('extensions', () => {
    const ask = (ticket: Ticket, amount: number) => move(intake, ticket, 'requestExtension', { reasonCode: 'complex', reason: '会商', amount });

    it('stay within the profile: how much, how often, and before the deadline', async () => {
      const ticket = await handled(intake);
      for (const amount of [0, -1, 11, 1.5, Number.NaN]) await expect(ask(ticket, amount), String(amount)).rejects.toMatchObject({ code: 'ticket.extension_too_long', status: 400 });
      const asked = await ask(ticket, 10);
      await expect(move(intake, asked, 'grantExtension', { amount: 11 }, JUDGE)).rejects.toMatchObject({ code: 'ticket.extension_too_long' });
      const granted = await move(intake, asked, 'grantExtension', { amount: 3 }, JUDGE);
      // The judge gave less than was asked for: three workdays after 30 November.
      expect(granted).toMatchObject({ state: '办理中', extensions: 1, deadlineAt: at('2026-12-03T17:30') });
      expect(await requestsOf(granted)).toMatchObject([{ state: 'upheld', amount: 3 }]);
      await expect(ask(granted, 1)).rejects.toMatchObject({ code: 'ticket.extension_used', status: 409 });

      const late = await handled(intake);
      intake.clock.set(at('2026-11-30T17:31'));
      await expect(ask(late, 1)).rejects.toMatchObject({ code: 'ticket.extension_too_late', status: 409 });
    });

    it('that are refused leave the deadline; granted ones survive a hold', async () => {
      const refused = await move(intake, await ask(await handled(intake), 5), 'refuseExtension', { reason: '理由不足' }, JUDGE);
      expect(refused).toMatchObject({ state: '办理中', extensions: 0, deadlineAt: at('2026-11-30T17:30') });
      const granted = await move(intake, await ask(refused, 2), 'grantExtension', {}, JUDGE);
      intake.clock.set(at('2026-11-24T10:00'));
      const held = await move(intake, await move(intake, granted, 'requestHold', { reasonCode: 'season', reason: '汛期', until: at('2026-12-20T00:00') }), 'grantHold', {}, JUDGE);
      intake.clock.set(at('2026-11-26T10:00'));
      // Two workdays (24 and 25 November) were held.
      expect(await move(intake, held, 'resume')).toMatchObject({ state: '办理中', deadlineAt: at('2026-12-04T17:30') });
    });
  });

  it('a hold ends within the limit, and needs its evidence', async () => {
    const ticket = await handled(intake);
    const ask = (until: number, reasonCode = 'season') => move(intake, ticket, 'requestHold', { reasonCode, reason: '汛期', until });
    for (const until of [intake.clock.now(), intake.clock.now() - 1, intake.clock.now() + 60 * DAY + 1]) await expect(ask(until)).rejects.toMatchObject({ code: 'ticket.hold_too_long', status: 400 });
    await expect(ask(intake.clock.now() + DAY, 'plan')).rejects.toMatchObject({ code: 'ticket.evidence_needed' });
    const asked = await ask(intake.clock.now() + 60 * DAY);
    expect(asked).toMatchObject({ state: '办理中', pending: 'hold', deadlineAt: ticket.deadlineAt });
    expect(await move(intake, asked, 'refuseHold', { reason: '条件具备' }, JUDGE)).toMatchObject({ state: '办理中', pending: null });
  });

  describe('closing', () => {
    it('a failed review gives the ticket back with the clock that ran all the while', async () => {
      const ticket = await handled(intake);
      const done = await move(intake, ticket, 'finish', { result: '已处理' });
      expect(done).toMatchObject({ state: '办结待审', stateBefore: '办理中', finishedAt: intake.clock.now(), deadlineAt: null, result: '已处理' });
      expect(await running(done)).toEqual([]);
      intake.clock.set(at('2026-11-25T09:00'));
      const failed = await move(intake, done, 'failReview', { reason: '没有说明' }, JUDGE);
      expect(failed).toMatchObject({ state: '办理中', finishedAt: null, result: null, deadlineAt: ticket.deadlineAt });
      expect(await running(failed)).toEqual(['handle1']);
      const handling = (await clocksOf(intake, failed)).find(({ stage }) => stage === 'handle');
      expect(handling).toMatchObject({ dueAt: ticket.deadlineAt, nextAt: at('2026-11-27T17:30') });
    });

    it('a veto reopens at once, is counted against the closure, and the third time round is supervised', async () => {
      let ticket = await finished(intake);
      await expect(move(intake, ticket, 'veto', { solved: true }, CITIZEN)).rejects.toMatchObject({ code: 'ticket.not_vetoed' });
      const levels: number[] = [];
      for (let round = 1; round <= 3; round += 1) {
        intake.clock.advance(HOUR);
        const vetoed = await move(intake, ticket, 'veto', { solved: false, process: 2, reason: '还在响' }, CITIZEN);
        expect(vetoed).toMatchObject({ state: '重办', vetoes: round, redos: round, finishedAt: null, visit: { process: 2, solved: false }, closure: null, deadlineAt: intake.context.clock.due(intake.clock.now(), { amount: 5, unit: 'workdays' }) });
        levels.push(vetoed.supervision);
        ticket = await move(intake, await move(intake, vetoed, 'finish', { result: '已再次处理' }), 'passReview', {}, SUPERVISOR);
      }
      expect(levels).toEqual([0, 1, 2]);
      expect((await supervisionsOf(ticket)).map(({ cause, level, endedAt }) => [cause, level, endedAt])).toEqual([['repetition', 1, null], ['repetition', 2, null]]);
      const archived = await move(intake, ticket, 'confirm', { process: 4, solved: true }, CITIZEN);
      // What still ran ends with the ticket; that it was supervised stays to be seen.
      expect((await supervisionsOf(archived)).map(({ outcome }) => outcome)).toEqual(['工单已归档', '工单已归档']);
      expect(archived).toMatchObject({ closure: 'confirmed', vetoes: 3, supervision: 2 });
    });

    it('no answer is `unreached`, never satisfaction', async () => {
      const closed = await move(intake, await finished(intake), 'unreached', {}, { role: 'system', actor: { kind: 'system' } });
      expect(closed).toMatchObject({ state: '归档', closure: 'unreached', visit: null, archivedAt: intake.clock.now() });
      expect(await running(closed)).toEqual([]);
    });

    it('comes back from outside within the time, and counts when it was closed as done', async () => {
      const closures: readonly (readonly [Promise<Ticket>, number])[] = [
        [finished(intake).then((ticket) => move(intake, ticket, 'confirm', { process: 5, solved: true }, CITIZEN)), 1],
        [finished(intake).then((ticket) => move(intake, ticket, 'unreached')), 1],
        [handled(intake).then((ticket) => move(intake, ticket, 'withdraw', { reason: '不办了' }, CITIZEN)), 0],
      ];
      for (const [closing, vetoes] of closures) {
        const closed = await closing;
        expect(await move(intake, closed, 'reopen', { reason: '又坏了' }, CITIZEN)).toMatchObject({ state: '重办', closure: null, archivedAt: null, redos: 1, vetoes });
      }
      const answered = await move(intake, await opened(intake), 'answer', { result: '请到大厅办理' });
      expect(answered).toMatchObject({ state: '归档', closure: 'answered_at_once' });
      // No department ever had it: it is dispatched first.
      expect(await move(intake, answered, 'reopen', { reason: '大厅说不办' }, CITIZEN)).toMatchObject({ state: '待派', vetoes: 1, deadlineAt: null });

      const old = await move(intake, await finished(intake), 'unreached');
      intake.clock.advance(30 * DAY + 1);
      for (const by of [CITIZEN, PARTNER]) await expect(move(intake, old, 'reopen', { reason: '又坏了' }, by)).rejects.toMatchObject({ code: 'ticket.reopen_too_late', status: 409 });
      expect(await move(intake, old, 'reopen', { reason: '抽查发现未解决' }, SUPERVISOR)).toMatchObject({ state: '重办', vetoes: 0, redos: 1 });
    });

    it('what waits for judgement ends with the ticket', async () => {
      const asked = await askReturn(await handled(intake));
      const gone = await move(intake, asked, 'withdraw', { reason: '自行解决了' }, CITIZEN);
      expect(gone).toMatchObject({ state: '归档', closure: 'withdrawn', pending: null, deadlineAt: null });
      expect(await requestsOf(gone)).toMatchObject([{ state: 'withdrawn' }]);
      expect(await intake.store.read((repos) => repos.requests.waiting({ limit: 5 }))).toEqual([]);
      const held = await move(intake, await move(intake, await handled(intake), 'requestHold', { reasonCode: 'season', reason: '汛期', until: intake.clock.now() + DAY }), 'grantHold', {}, JUDGE);
      intake.clock.advance(HOUR);
      expect(await move(intake, held, 'withdraw', { reason: '不办了' }, CITIZEN)).toMatchObject({ holds: [{ to: intake.clock.now() }] });
      await expect(writeUnit(intake.context, (unit) => addFile(intake.context, unit, held.id, { url: 'media:t/x', name: null, contentType: 'text/plain', purpose: 'citizen' }, CITIZEN.actor))).rejects.toMatchObject({ code: 'ticket.finished' });
    });
  });

  describe('supervision by rule', () => {
    it('items of the list are supervised from the first dispatch on, once', async () => {
      const rule = intake.context.city.ticketRules.supervision.items.find(({ item }) => intake.context.city.items.some(({ code }) => code === item));
      const item = intake.context.city.items.find(({ code }) => code === rule?.item);
      if (item === undefined || rule === undefined) throw new Error('no item of the demo city is supervised');
      const ticket = await opened(intake, { itemCode: item.code, ticketKind: item.kinds[0] ?? '投诉' });
      expect(ticket).toMatchObject({ state: '待签收', supervision: rule.level });
      expect((await eventsOf(intake, ticket)).map(({ type }) => type)).toEqual(['ticket.opened', 'ticket.accepted', 'ticket.dispatched', 'ticket.supervised']);
      expect(await supervisionsOf(ticket)).toMatchObject([{ cause: 'item', level: rule.level, createdBy: 'system', departmentId: ticket.departmentId }]);
      await move(intake, ticket, 'redirect', { departmentId: OTHER, reason: '职责调整' }, SUPERVISOR);
      expect(await supervisionsOf(ticket)).toHaveLength(1);
    });

    it('a citizen\'s 催办 counts once a day and leads to supervision at the counts of the file', async () => {
      const ticket = await handled(intake);
      const urge = () => writeUnit(intake.context, (unit) => urgeTicket(intake.context, unit, ticket.id));
      const seen: string[] = [];
      for (let day = 0; day < 7; day += 1) {
        for (let often = 0; often < 3; often += 1) await urge();
        const { urges, supervision } = await nowOf(intake, ticket);
        seen.push(`${urges}:${supervision}`);
        intake.clock.advance(DAY);
      }
      expect(seen).toEqual(['1:0', '2:0', '3:1', '4:1', '5:1', '6:2', '7:2']);
      expect((await supervisionsOf(ticket)).map(({ cause, level }) => [cause, level])).toEqual([['urges', 1], ['urges', 2]]);
      expect((await eventsOf(intake, ticket)).filter(({ type }) => type === 'ticket.urged')).toHaveLength(7);
    });
  });

  it('an escalation names who is responsible and may change the department', async () => {
    const ticket = await handled(intake);
    await expect(move(intake, ticket, 'escalate', { reason: '久拖不决' }, SUPERVISOR)).rejects.toMatchObject({ details: { missing: 'person' } });
    const raised = await move(intake, ticket, 'escalate', { reason: '久拖不决', person: '分管副市长', departmentId: OTHER, assistIds: [LEAD, LEAD, OTHER] }, SUPERVISOR);
    expect(raised).toMatchObject({ state: '提级', departmentId: OTHER, assistIds: [LEAD], deadlineAt: ticket.deadlineAt });
    await expect(move(intake, ticket, 'dispatch', { departmentId: 'constructor' })).rejects.toMatchObject({ code: 'ticket.conflict' });
    await expect(move(intake, raised, 'redirect', { departmentId: 'constructor', reason: 'x' }, SUPERVISOR)).rejects.toMatchObject({ code: 'ticket.unknown_department' });
  });
});
