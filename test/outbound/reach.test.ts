import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel, DeliveryReport, Notification, Receipt } from '../../src/channel/contract.ts';
import { asAddress, asExternalId } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import { writeUnit, type IntakeContext } from '../../src/intake/context.ts';
import { createDeliverHandler } from '../../src/intake/deliver.ts';
import { createNoticeHandler, createNoticeListener } from '../../src/intake/notices.ts';
import { receive } from '../../src/intake/receive.ts';
import { createTicketEventHandler, hearsAny, type TicketListener } from '../../src/intake/ticket-events.ts';
import { createTimerHandler, createTurnHandler } from '../../src/intake/turn.ts';
import { REACH_KIND, reachLane } from '../../src/outbound/notify.ts';
import { forgetOldChanges, OLD_CHANGE_MS, sweepAttempts } from '../../src/outbound/sweep.ts';
import type { ReachAttempt } from '../../src/store/contract.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { NOTICE_KIND } from '../../src/tickets/notices/listen.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { TICKET_EVENT_KIND } from '../../src/tickets/record.ts';
import { openOutbound, type Outbound } from '../../src/wiring/outbound.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { rootThatCallsForVisits } from '../support/outbound-rules.ts';

const HOUR = 3_600_000;
const { root, remove } = rootThatCallsForVisits();

/** A channel that can only notify, and remembers whom. */
function pretended(name: string) {
  const asked: { readonly notification: Notification; readonly to: string }[] = [];
  const answers: (Receipt | Error)[] = [];
  const channel: Channel = {
    name,
    capabilities: { modality: 'text', textLimit: 500, textLimitUnit: 'chars', choices: 'numbered', maxChoices: 0, attachmentsOut: false, links: 'none', typing: false, mergeTexts: true, delivery: 'push', replyWindowMs: 0, proactive: false },
    status: { state: 'on' },
    notify: async (notification, { address }) => {
      asked.push({ notification, to: address });
      const answer = answers.shift() ?? { status: 'delivered', externalId: asExternalId(`${name}-${asked.length}`) };
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { channel, asked, answers };
}

describe('reaching a citizen who is not talking with us', () => {
  let intake: IntakeUnderTest;
  let context: IntakeContext;
  let outbound: Outbound;
  let sms: ReturnType<typeof pretended>;
  let wechat: ReturnType<typeof pretended>;
  beforeEach(async () => {
    sms = pretended('sms-aliyun');
    wechat = pretended('wechat-miniprogram');
    intake = await openIntake({ channels: async () => [sms.channel, wechat.channel, { ...pretended('ivr-jambonz').channel, call: async () => ({ status: 'refused', code: 'not now' }) }] });
    const listeners: TicketListener[] = [];
    context = { ...intake.context, hears: hearsAny(listeners), reach: (unit, given) => outbound.reach(unit, given), heed: (channel, told) => outbound.heed(channel, told), consentWord: (unit, given) => outbound.consentWord(unit, given) };
    outbound = openOutbound({ root, context });
    listeners.push(createNoticeListener(context));
    await intake.bus.start({ turn: createTurnHandler(context), timer: createTimerHandler(context), deliver: createDeliverHandler(context), [TICKET_EVENT_KIND]: createTicketEventHandler(context, listeners), [NOTICE_KIND]: createNoticeHandler(context), ...outbound.handlers });
    at('10:00');
  });
  afterEach(() => intake.close());
  afterAll(remove);

  const at = (time: string): void => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    const now = intake.clock.now();
    const then = Math.floor((now + 8 * HOUR) / (24 * HOUR)) * 24 * HOUR - 8 * HOUR + hours * HOUR + minutes * 60_000;
    intake.clock.advance(then > now ? then - now : then + 24 * HOUR - now);
  };
  const come = async (channel: string, words: string, phone: string | null = '13800138000') => {
    const got = await receive(context, aMessage(words, { channel, address: asAddress(`${channel}-peer`), identity: { externalUserId: `${channel}-user`, ...(phone === null ? {} : { phone }) }, modality: channel === 'phone' ? 'voice' : 'text', ...(channel === 'phone' ? { content: { type: 'event' as const, name: 'enter', value: null } } : {}) }));
    await intake.settle();
    const found = await intake.store.read((repos) => repos.conversations.get(got.conversationId));
    if (found === null) throw new Error('gone');
    return found;
  };
  const open = (conversation: { readonly id: string; readonly citizenId: string; readonly channel: string }, over: { readonly title?: string; readonly confidential?: boolean; readonly urgency?: 'normal' | 'emergency' } = {}): Promise<Ticket> =>
    writeUnit(context, (unit) =>
      openTicket(context, unit, { ticketKind: '投诉', itemCode: null, title: over.title ?? '路灯不亮', content: '路灯不亮', townId: null, place: null, happened: null, phone: null, name: null, urgency: over.urgency ?? 'normal', confidential: over.confidential ?? false, callback: false, citizenId: conversation.citizenId, conversationId: conversation.id, channel: conversation.channel, actor: { kind: 'citizen' } }));
  const dispatch = async (...ids: readonly string[]): Promise<void> => {
    intake.clock.advance(60_000);
    for (const id of ids) {
      const ticket = await intake.store.read((repos) => repos.tickets.get(id));
      await writeUnit(context, (unit) => moveTicket(context, unit, id, 'dispatch', { version: ticket?.version ?? 0, departmentId: context.city.departments[0]?.id ?? '' }, { role: 'supervisor', actor: { kind: 'seat', seatId: 'seat-1' } }));
    }
    await intake.settle();
  };
  const attempts = (ticketId: string): Promise<readonly ReachAttempt[]> => intake.store.read((repos) => repos.reach.ofTicket(ticketId, 20));
  const notices = async (ticketId: string) => (await intake.store.read((repos) => repos.ticketNotices.of(ticketId))).map(({ state, channels }) => [state, ...channels]);
  const history = async (ticketId: string) => (await intake.store.read((repos) => repos.tickets.events(ticketId))).flatMap(({ type, data }) => (type === 'ticket.noted' ? [String(data['text'])] : []));
  const report = (over: Partial<DeliveryReport>): Promise<void> => outbound.heed('sms-aliyun', { reports: [{ of: 'notification', key: null, externalId: null, state: 'delivered', code: null, at: null, ...over }], consents: [] });
  /** A caller whose ticket moves. */
  const moved = async (over: Parameters<typeof open>[1] = {}): Promise<Ticket> => {
    const ticket = await open(await come('phone', ''), over);
    await dispatch(ticket.id);
    return ticket;
  };

  it('a caller gets a text message, its report ends the attempt, and the ticket tells of both', async () => {
    const ticket = await moved();
    expect(sms.asked).toMatchObject([{ to: '+8613800138000', notification: { template: 'progress', facts: { number: ticket.number, title: '路灯不亮' } } }]);
    const [attempt] = await attempts(ticket.id);
    expect(attempt).toMatchObject({ channel: 'sms-aliyun', state: 'sent', externalId: 'sms-aliyun-1', number: 1, script: 'progress', costFen: 10, endedAt: null });
    expect(sms.asked[0]?.notification.key).toBe(attempt?.id);
    expect(await notices(ticket.id)).toEqual([['sent', 'sms-aliyun']]);
    await report({ key: attempt?.id ?? '', at: intake.clock.now() });
    expect(await attempts(ticket.id)).toMatchObject([{ state: 'delivered', endedAt: intake.clock.now() }]);
    expect(await history(ticket.id)).toEqual(['短信（阿里云）：办理进展，已发出', '短信（阿里云）：办理进展，已送达']);
    const trail = await intake.store.read((repos) => repos.trail.latest(10));
    expect(trail).toMatchObject([{ actor: 'system', action: 'identity.used', subject: `citizen:${ticket.citizenId}`, purpose: `工单${ticket.number}的通知` }]);
    expect(JSON.stringify([await attempts(ticket.id), await history(ticket.id), trail])).not.toContain('13800138000');
  });

  it('reports that come late, twice and out of order change nothing', async () => {
    const ticket = await moved();
    await report({ externalId: asExternalId('sms-aliyun-1') });
    const [first, lines] = [await attempts(ticket.id), await history(ticket.id)];
    intake.clock.advance(HOUR);
    await report({ externalId: asExternalId('sms-aliyun-1') });
    await report({ externalId: asExternalId('sms-aliyun-1'), state: 'failed', code: 'MK:0001' });
    await report({ key: 'somebody-elses', state: 'failed' });
    await intake.settle();
    expect([await attempts(ticket.id), await history(ticket.id)]).toEqual([first, lines]);
    expect(sms.asked).toHaveLength(1);
  });

  it('joins what waits for several tickets in one message', async () => {
    const conversation = await come('phone', '');
    const [one, two] = [await open(conversation), await open(conversation, { title: '井盖破损' })];
    at('22:00');
    await dispatch(one.id, two.id);
    expect(sms.asked).toEqual([]);
    at('08:00');
    await intake.settle();
    expect(sms.asked).toMatchObject([{ notification: { facts: { title: '井盖破损等2件' } } }]);
    expect([await notices(one.id), await notices(two.id)]).toEqual([[['sent', 'sms-aliyun']], [['sent', 'sms-aliyun']]]);
  });

  it('the account that gave its consent comes first; what failed there goes by text message, and by nothing twice', async () => {
    const account = await come('wechat-miniprogram', '你好');
    await outbound.heed('wechat-miniprogram', { reports: [], consents: [{ address: account.address, template: 'progress', grant: 1, externalId: asExternalId('sub-1') }] });
    await outbound.heed('wechat-miniprogram', { reports: [], consents: [{ address: account.address, template: 'progress', grant: 1, externalId: asExternalId('sub-1') }] });
    wechat.answers.push({ status: 'failed', code: 'wechat.43101', fallback: true });
    const ticket = await moved();
    expect([wechat.asked.length, sms.asked.length]).toEqual([1, 1]);
    expect((await attempts(ticket.id)).map(({ channel, state, number, code }) => [channel, state, number, code])).toEqual([['wechat-miniprogram', 'failed', 1, 'wechat.43101'], ['sms-aliyun', 'sent', 2, null]]);
    expect(await notices(ticket.id)).toEqual([['sent', 'wechat-miniprogram', 'sms-aliyun']]);
    expect((await intake.store.read((repos) => repos.consents.of(ticket.citizenId)))[0]).toMatchObject({ state: 'left', left: 0 });
    // The report of a failure on the last way: nothing is left but the citizen's next word.
    await report({ externalId: asExternalId('sms-aliyun-1'), state: 'failed', code: 'UNDELIV' });
    await intake.settle();
    expect([wechat.asked.length, sms.asked.length]).toEqual([1, 1]);
    expect(await notices(ticket.id)).toEqual([['waiting', 'wechat-miniprogram', 'sms-aliyun']]);
  });

  it('never sends twice under one key: a peer that does not answer is asked nothing more', async () => {
    sms.answers.push(new AppError('sms.no_answer', 'the connection broke', { retry: 'later' }));
    const ticket = await moved();
    expect(await attempts(ticket.id)).toMatchObject([{ state: 'sending', code: null }]);
    intake.clock.advance(14 * 60_000);
    expect(await sweepAttempts(outbound.context)).toBe(0);
    intake.clock.advance(60_001);
    expect([await sweepAttempts(outbound.context), await sweepAttempts(outbound.context)]).toEqual([1, 0]);
    await intake.settle();
    expect(await attempts(ticket.id)).toMatchObject([{ state: 'unknown', code: 'reach.no_answer' }]);
    expect(sms.asked).toHaveLength(1);
  });

  it('a process that dies between the asking and the answer leaves a row that sends nothing', async () => {
    const ticket = await moved();
    const [attempt] = await attempts(ticket.id);
    if (attempt === undefined) throw new Error('no attempt');
    // As the crash leaves it: the attempt is there, the row of the bus too, the answer was never written.
    await intake.store.write(async (repos) => {
      await repos.reach.update(attempt.id, { state: 'sending', code: null, externalId: null, sentAt: null });
      await repos.outbox.add([{ id: 'again', lane: reachLane(ticket.citizenId), kind: REACH_KIND, payload: { key: attempt.id, citizenId: ticket.citizenId, ids: [...attempt.noticeIds], template: 'progress' }, availableAt: intake.clock.now(), blocking: true, now: intake.clock.now() }]);
    });
    await intake.settle();
    expect(sms.asked).toHaveLength(1);
    expect(await attempts(ticket.id)).toMatchObject([{ state: 'sending' }]);
    await report({ key: attempt.id, externalId: asExternalId('biz-9') });
    expect(await attempts(ticket.id)).toMatchObject([{ state: 'delivered', externalId: 'biz-9' }]);
  });

  it('tries again where the peer clearly did not take it, then gives up to the next word', async () => {
    sms.answers.push({ status: 'retry', code: 'sms.flow_control' }, { status: 'delivered', externalId: asExternalId('late') });
    const ticket = await moved();
    expect(await attempts(ticket.id)).toMatchObject([{ state: 'sending', code: 'sms.flow_control' }]);
    intake.clock.advance(1_000);
    await intake.settle();
    expect(await attempts(ticket.id)).toMatchObject([{ state: 'sent', externalId: 'late' }]);
    expect(sms.asked.map(({ notification }) => notification.key)).toEqual([sms.asked[0]?.notification.key, sms.asked[0]?.notification.key]);
    sms.answers.push(...Array.from({ length: 3 }, (): Receipt => ({ status: 'retry', code: 'sms.flow_control' })));
    const other = await moved({ title: '井盖破损' });
    for (let tries = 0; tries < 3; tries += 1) {
      intake.clock.advance(1_000);
      await intake.settle();
    }
    expect(await attempts(other.id)).toMatchObject([{ state: 'failed', code: 'sms.flow_control' }]);
    expect(await intake.store.read((repos) => repos.outbox.dead(10))).toEqual([]);
  });

  it('a refusal holds, also one said under the number by somebody else', async () => {
    const caller = await come('phone', '');
    await intake.store.write((repos) => repos.consents.put({ citizenId: caller.citizenId, channel: 'sms', template: 'all', state: 'refused', left: 0, at: intake.clock.now() }));
    const ticket = await open(caller);
    await dispatch(ticket.id);
    expect(sms.asked).toEqual([]);
    expect(await notices(ticket.id)).toEqual([['waiting']]);
    const other = await come('wechat-miniprogram', '你好', null);
    expect(other.citizenId).not.toBe(caller.citizenId);
    await intake.store.write((repos) => repos.citizens.learn(other.citizenId, { phone: '13800138000' }));
    const theirs = await open({ ...other, channel: 'phone', id: caller.id });
    await dispatch(theirs.id);
    expect(sms.asked).toEqual([]);
  });

  it('退订 in a chat stops everything that goes out by itself, and 恢复通知 brings what has waited', async () => {
    const chat = await come('wechat-miniprogram', '退订。');
    const said = async (): Promise<readonly string[]> => (await intake.store.read((repos) => repos.activities.latest(chat.id, 9))).flatMap(({ role, content }) => (role === 'bot' && content.type === 'message' ? [content.text] : []));
    expect(await said()).toEqual([expect.stringMatching(/^好的，以后不再主动/)]);
    const ticket = await moved();
    expect([sms.asked.length, await notices(ticket.id)]).toEqual([0, [['waiting']]]);
    await come('wechat-miniprogram', '恢复通知');
    expect((await said()).at(-1)).toMatch(/^好的，已恢复通知/);
    expect([sms.asked.length, await notices(ticket.id)]).toEqual([1, [['sent', 'sms-aliyun']]]);
  });

  it('a consent given before the first word counts from the first word on; of somebody with no name of the peer it is nobody’s', async () => {
    const early = { address: asAddress('wechat-miniprogram-peer'), externalUserId: 'wechat-miniprogram-user', template: 'progress', grant: 1, externalId: asExternalId('early') } as const;
    const nameless = { address: asAddress('never-seen'), template: 'progress', grant: 1, externalId: asExternalId('nameless') } as const;
    await outbound.heed('wechat-miniprogram', { reports: [], consents: [early, nameless] });
    await outbound.heed('wechat-miniprogram', { reports: [], consents: [early] });
    expect((await intake.rows())['citizens']).toBe(1);
    const ticket = await open(await come('wechat-miniprogram', '你好', null));
    await dispatch(ticket.id);
    expect([wechat.asked.map(({ to }) => to), sms.asked]).toEqual([['wechat-miniprogram-peer'], []]);
    expect(await intake.store.read((repos) => repos.consents.of(ticket.citizenId))).toMatchObject([{ channel: 'wechat-miniprogram', template: 'progress', state: 'left', left: 0 }]);
    expect((await intake.rows())['citizens']).toBe(1);
  });

  it('hears a change of consent once, as long as a peer may say it again; what it changed stays', async () => {
    const account = await come('wechat-miniprogram', '你好', null);
    const grant = (name: string): Promise<void> => outbound.heed('wechat-miniprogram', { reports: [], consents: [{ address: account.address, template: 'visit', grant: 1, externalId: asExternalId(name) }] });
    const left = async () => (await intake.store.read((repos) => repos.consents.of(account.citizenId))).map((one) => one.left);
    await grant('one');
    intake.clock.advance(OLD_CHANGE_MS);
    await grant('two');
    expect([await forgetOldChanges(outbound.context), await left()]).toEqual([0, [2]]);
    intake.clock.advance(1);
    expect([await forgetOldChanges(outbound.context), await forgetOldChanges(outbound.context), await left()]).toEqual([1, 0, [2]]);
    await grant('two');
    expect(await left()).toEqual([2]);
  });

  it('calls last of all, for this one notice, and nobody twice at a time', async () => {
    const visited = async (title: string): Promise<Ticket> => {
      const ticket = await moved({ title });
      for (const [name, given] of [['sign', {}], ['finish', { result: '已修' }], ['passReview', {}]] as const) {
        const now = await intake.store.read((repos) => repos.tickets.get(ticket.id));
        await writeUnit(context, (unit) => moveTicket(context, unit, ticket.id, name, { version: now?.version ?? 0, ...given }, { role: 'supervisor', actor: { kind: 'seat', seatId: `seat-${name}` } }));
      }
      return ticket;
    };
    const fails = (): void => void sms.answers.push(...Array.from({ length: 6 }, (): Receipt => ({ status: 'failed', code: 'sms.number', fallback: true })));
    fails();
    const one = await visited('路灯不亮');
    await intake.settle();
    expect((await notices(one.id)).at(-1)).toEqual(['sent', 'sms-aliyun', 'ivr-jambonz']);
    // Nothing calls on this bus (notice-call.test.ts does): what is to be called is written down, and is no campaign.
    expect(await intake.store.read(async ({ campaigns }) => [await campaigns.list(9), (await campaigns.engaged([one.citizenId])).size])).toEqual([[], 1]);
    sms.answers.length = 0;
    fails();
    const two = await visited('井盖破损');
    await intake.settle();
    // Who is about to be called is called for this afterwards.
    expect((await notices(two.id)).at(-1)).toEqual(['waiting', 'sms-aliyun']);
  });

  it('of a confidential matter nothing is told but its number; caps put off to the next day', async () => {
    const ticket = await moved({ confidential: true, title: '举报某单位' });
    expect(JSON.stringify(sms.asked)).not.toContain('举报');
    expect(sms.asked[0]?.notification.facts).toMatchObject({ number: ticket.number, title: '您的诉求' });
    for (const title of ['一号', '二号', '三号']) await moved({ title });
    expect(sms.asked).toHaveLength(3);
    at('07:59');
    await intake.settle();
    expect(sms.asked).toHaveLength(3);
    at('08:00');
    await intake.settle();
    expect(sms.asked).toHaveLength(4);
  });
});
