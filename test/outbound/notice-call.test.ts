import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallOrder, DeliveryReport } from '../../src/channel/contract.ts';
import { asAddress } from '../../src/domain/activity.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { createNoticeHandler } from '../../src/intake/notices.ts';
import { callOf, noteCall } from '../../src/outbound/campaign-talk.ts';
import { checkOutboundRules, loadOutboundRules } from '../../src/outbound/rules.ts';
import { attemptViews } from '../../src/outbound/view.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { NOTICE_KIND } from '../../src/tickets/notices/listen.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { type CallingNode, type Death, nextDayAt, openCallingNode, placedCall, still as stillOf } from '../support/calling-node.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { rootThatCallsForVisits } from '../support/outbound-rules.ts';

/** The telephone as the last way of one notice: a call without a campaign, ordered once whatever dies. */

const { root, remove } = rootThatCallsForVisits();
const MINUTE = 60_000;
const CHANNEL = 'ivr-twilio';

describe('a notice that only a call can carry', () => {
  let intake: IntakeUnderTest;
  let [people, holders] = [0, 0];
  const orders: CallOrder[] = [];
  beforeAll(async () => {
    intake = await openIntake();
  });
  afterAll(async () => {
    await intake.close();
    remove();
  });

  const open = (death: Death | null = null): Promise<CallingNode> =>
    openCallingNode(intake, {
      root, channel: CHANNEL, holder: `node-${(holders += 1)}`, death,
      place: (order) => {
        orders.push(order);
        return placedCall(order);
      },
      handlers: (context) => ({ [NOTICE_KIND]: createNoticeHandler(context) }),
    });
  const at = (time: string): void => nextDayAt(intake.clock, time);

  /** A ticket in 回访 of somebody who only has a telephone, and its question written down as waiting. */
  async function asked(over: { readonly stopped?: boolean } = {}): Promise<{ readonly ticket: Ticket; readonly noticeId: string }> {
    const { context } = intake;
    const citizenId = await intake.store.write((repos) => repos.citizens.resolve({ id: context.newId(), channel: 'phone', externalUserId: null, phone: `1380014${String((people += 1)).padStart(4, '0')}`, displayName: null, now: intake.clock.now() }));
    if (over.stopped === true) await intake.store.write((repos) => repos.consents.put({ citizenId, channel: 'call', template: 'all', state: 'refused', left: 0, at: intake.clock.now() }));
    const opened = await writeUnit(context, (unit) => openTicket(context, unit, { ticketKind: '投诉', itemCode: null, title: '路灯不亮', content: '路灯不亮', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false, citizenId, conversationId: null, channel: 'phone', actor: { kind: 'citizen' } }));
    let ticket = opened;
    for (const [name, given] of [['dispatch', { departmentId: context.city.departments[0]?.id ?? '' }], ['sign', {}], ['finish', { result: '已修' }], ['passReview', {}]] as const) {
      ticket = await writeUnit(context, (unit) => moveTicket(context, unit, ticket.id, name, { version: ticket.version, ...given }, { role: 'supervisor', actor: { kind: 'seat', seatId: `seat-${name}` } }));
    }
    const noticeId = context.newId();
    await intake.store.write(async (repos) => {
      const events = await repos.tickets.events(ticket.id);
      await repos.ticketNotices.insert({ id: noticeId, ticketId: ticket.id, seq: events.find(({ type }) => type === 'ticket.review_passed')?.seq ?? 0, citizenId, channels: [], state: 'waiting', createdAt: intake.clock.now(), sentAt: null });
    });
    return { ticket, noticeId };
  }

  const queue = (node: CallingNode, { ticket, noticeId }: { readonly ticket: Ticket; readonly noticeId: string }): Promise<void> => writeUnit(intake.context, (unit) => node.outbound.reach(unit, { citizenId: ticket.citizenId, ids: [noticeId], template: 'visit' }));
  const told = (node: CallingNode, key: string, state: DeliveryReport['state']): Promise<void> => node.told(key, state);
  const read = ({ ticket, noticeId }: { readonly ticket: Ticket; readonly noticeId: string }) => intake.store.read(async (repos) => ({
    attempts: await repos.reach.ofTicket(ticket.id, 20), notice: await repos.ticketNotices.get(noticeId), ticket: await repos.tickets.get(ticket.id), views: await attemptViews(repos, ticket.id), visits: await repos.ticketVisits.of(ticket.id),
    engaged: (await repos.campaigns.engaged([ticket.citizenId])).size > 0, listed: (await repos.campaigns.list(100)).length,
  }));
  const still = (node: CallingNode): Promise<void> => stillOf(intake, node);

  it('rings three times at most, without a campaign, and nobody twice for one attempt, in whatever transaction the process dies', { timeout: 120_000 }, async () => {
    for (const death of [1, 2, 3, 4, 5, 7].flatMap((number) => [{ at: number, when: 'before' }, { at: number, when: 'after' }] as const)) {
      at('09:00');
      const from = orders.length;
      const given = await asked();
      const first = await open(death);
      await queue(first, given);
      await still(first);
      for (const { key } of orders.slice(from)) if (!first.dead()) await told(first, key, 'no-answer').catch(() => undefined);
      await still(first);
      await first.stop();
      const second = await open();
      const done = new Set<string>();
      for (let round = 0; round < 40; round += 1) {
        intake.clock.advance(20 * MINUTE);
        await still(second);
        for (const { key } of orders.slice(from)) {
          if (done.has(key)) continue;
          done.add(key);
          // Twice, and the early one last.
          for (const state of ['busy', 'busy', 'ringing'] as const) await told(second, key, state);
        }
        await still(second);
        if ((await read(given)).ticket?.state === '归档') break;
      }
      const { attempts, notice, ticket, engaged, listed, visits } = await read(given);
      const placed = orders.slice(from).map(({ key }) => key);
      expect([death, new Set(placed).size]).toEqual([death, placed.length]);
      // An attempt that was written down and never ordered counts.
      expect([death, attempts.length, attempts.every(({ kind, endedAt, noticeIds }) => kind === 'call' && endedAt !== null && noticeIds[0] === given.noticeId)]).toEqual([death, 3, true]);
      expect(placed.every((key) => attempts.some(({ id }) => id === key))).toBe(true);
      expect(placed.length).toBeGreaterThanOrEqual(2);
      // Nobody answered: archived as such, and the question is over.
      expect([death, ticket?.state, notice?.state, engaged, listed]).toEqual([death, '归档', 'skipped', false, 0]);
      expect(visits.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([[1, 'no_answer'], [2, 'no_answer'], [3, 'no_answer']]);
      await second.stop();
    }
  });

  it('keeps what was said and pressed, and shows it with the ticket; who was reached is told nothing more', async () => {
    at('09:00');
    const from = orders.length;
    const given = await asked();
    const node = await open();
    await queue(node, given);
    await still(node);
    const [order] = orders.slice(from);
    await told(node, order?.key ?? '', 'answered');
    await intake.store.write(async (repos) => {
      const unit = { repos, after: { push: () => 0 } };
      const ours = await callOf(unit, { channel: CHANNEL, address: asAddress(`call-${order?.key ?? ''}`) });
      if (ours === null) throw new Error('the call is not ours');
      await noteCall(intake.context, unit, ours, { question: 'process', answer: 'true', outcome: 'reached', keys: '1' });
    });
    await told(node, order?.key ?? '', 'completed');
    await still(node);
    intake.clock.advance(4 * 60 * MINUTE);
    await still(node);
    const { attempts, notice, views, engaged } = await read(given);
    expect(orders.length - from).toBe(1);
    expect([attempts.map(({ state }) => state), notice?.state, notice?.channels, engaged]).toEqual([['completed'], 'sent', [CHANNEL], false]);
    expect(views).toMatchObject([{ kind: 'call', about: '电话回访', stateName: '通话完成', cost: '0.30元', answers: [{ question: 'process', keys: '1', answer: 'true' }] }]);
    expect(JSON.stringify([attempts, views, await intake.store.read((repos) => repos.trail.latest(5))])).not.toMatch(/1380014\d{4}/);
    await node.stop();
  });

  it('waits for its hours where the citizen’s next word finds it, and for the end of another call', async () => {
    at('12:30');
    const from = orders.length;
    const given = await asked();
    const node = await open();
    await queue(node, given);
    await still(node);
    expect([orders.length - from, (await read(given)).notice?.state, (await read(given)).engaged]).toEqual([0, 'waiting', false]);
    intake.clock.advance(120 * MINUTE);
    await still(node);
    expect([orders.length - from, (await read(given)).notice?.state]).toEqual([1, 'sent']);
    // The number turns out to be somebody else's: the notice waits for the citizen, and nobody is called for it again.
    await intake.store.write(async (repos) => {
      const unit = { repos, after: { push: () => 0 } };
      const ours = await callOf(unit, { channel: CHANNEL, address: asAddress(`call-${orders.at(-1)?.key ?? ''}`) });
      if (ours !== null) await noteCall(intake.context, unit, ours, { question: 'me', answer: 'false', outcome: 'other', keys: '2' });
    });
    await told(node, orders.at(-1)?.key ?? '', 'completed');
    await still(node);
    intake.clock.advance(60 * MINUTE);
    await still(node);
    expect([orders.length - from, (await read(given)).notice?.state, (await read(given)).ticket?.state]).toEqual([1, 'waiting', '回访']);
    await node.stop();
  });

  it('is no way to somebody who said no', async () => {
    at('09:00');
    const from = orders.length;
    const given = await asked({ stopped: true });
    const node = await open();
    await queue(node, given);
    await still(node);
    expect([orders.length - from, (await read(given)).notice?.state, (await read(given)).attempts]).toEqual([0, 'waiting', []]);
    await node.stop();
  });

  it('has its hours checked by the file', () => {
    const rules = loadOutboundRules(root);
    const hours = (...given: string[]) => checkOutboundRules({ ...rules, call: { ...rules.call, notice: { ...rules.call.notice, hours: given } } }).map(({ pointer }) => pointer);
    expect([hours('09:00-12:00'), hours('09:00-12:00', '11:00-13:00'), hours('9-12'), hours('12:00-09:00')]).toEqual([[], ['/call/notice/hours'], ['/call/notice/hours'], ['/call/notice/hours']]);
  });
});
