import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asAddress, type Activity } from '../../src/domain/activity.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import { writeUnit, type IntakeContext } from '../../src/intake/context.ts';
import { createDeliverHandler } from '../../src/intake/deliver.ts';
import { takeOver } from '../../src/intake/handoff.ts';
import { createNoticeHandler, createNoticeListener } from '../../src/intake/notices.ts';
import { receive } from '../../src/intake/receive.ts';
import { createTicketEventHandler, hearsAny, type TicketListener } from '../../src/intake/ticket-events.ts';
import { createTimerHandler, createTurnHandler } from '../../src/intake/turn.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { NOTICE_KIND } from '../../src/tickets/notices/listen.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { TICKET_EVENT_KIND } from '../../src/tickets/record.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

const HOUR = 3_600_000;

describe('notices', () => {
  let intake: IntakeUnderTest;
  let context: IntakeContext;
  beforeEach(async () => {
    intake = await openIntake();
    const listeners: TicketListener[] = [];
    context = { ...intake.context, hears: hearsAny(listeners) };
    listeners.push(createNoticeListener(context));
    await intake.bus.start({ turn: createTurnHandler(context), timer: createTimerHandler(context), deliver: createDeliverHandler(context), [TICKET_EVENT_KIND]: createTicketEventHandler(context, listeners), [NOTICE_KIND]: createNoticeHandler(context) });
    at('10:00');
  });
  afterEach(() => intake.close());

  /** The next moment with this time of day in Beijing. */
  const at = (time: string): void => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    const now = intake.clock.now();
    const midnight = Math.floor((now + 8 * HOUR) / (24 * HOUR)) * 24 * HOUR - 8 * HOUR;
    const then = midnight + hours * HOUR + minutes * 60_000;
    intake.clock.advance(then > now ? then - now : then + 24 * HOUR - now);
  };
  const come = async (channel: string, words = '你好', over: Parameters<typeof aMessage>[1] = {}) => {
    const got = await receive(context, aMessage(words, { channel, address: asAddress(`${channel}-peer`), identity: { externalUserId: `${channel}-user`, phone: '13800138000' }, modality: channel === 'phone' ? 'voice' : 'text', ...over }));
    await intake.settle();
    const found = await intake.store.read((repos) => repos.conversations.get(got.conversationId));
    if (found === null) throw new Error('gone');
    return found;
  };
  const call = () => come('phone', '', { content: { type: 'event', name: 'enter', value: null } });
  const open = (conversation: { readonly id: string; readonly citizenId: string; readonly channel: string }, over: { readonly urgency?: 'normal' | 'emergency'; readonly title?: string } = {}): Promise<Ticket> =>
    writeUnit(context, (unit) =>
      openTicket(context, unit, { ticketKind: '投诉', itemCode: null, title: over.title ?? '路灯不亮', content: '路灯不亮', townId: null, place: null, happened: null, phone: null, name: null, urgency: over.urgency ?? 'normal', confidential: false, callback: false, citizenId: conversation.citizenId, conversationId: conversation.id, channel: conversation.channel, actor: { kind: 'citizen' } }));
  const step = async (id: string, name: string, given: object = {}): Promise<void> => {
    const ticket = await intake.store.read((repos) => repos.tickets.get(id));
    await writeUnit(context, (unit) => moveTicket(context, unit, id, name, { version: ticket?.version ?? 0, ...given }, { role: 'supervisor', actor: { kind: 'seat', seatId: `seat-${name}` } }));
    await intake.settle();
  };
  const dispatch = (id: string) => {
    // A seat looks at it first; what is dispatched as it is opened was told with the number.
    intake.clock.advance(60_000);
    return step(id, 'dispatch', { departmentId: context.city.departments[0]?.id ?? '' });
  };
  const told = async (conversationId: string): Promise<readonly Activity[]> => (await intake.store.read((repos) => repos.activities.latest(conversationId, 50))).filter(({ role, content }) => role === 'system' && content.type === 'message');
  const textOf = (activity: Activity | undefined): string => (activity?.content.type === 'message' ? activity.content.text : '');
  const notices = (ticketId: string) => intake.store.read((repos) => repos.ticketNotices.of(ticketId));

  it('goes by the ticket\'s own conversation, as the house and not as the bot', async () => {
    const conversation = await come('push');
    const { id } = await open(conversation);
    await dispatch(id);
    const said = await told(conversation.id);
    expect(said).toHaveLength(1);
    expect(textOf(said[0])).toMatch(/路灯不亮.*已派给/);
    expect(await notices(id)).toMatchObject([{ state: 'sent', channels: ['push'] }]);
    expect(intake.sent.some(({ message }) => message.content.text.includes('已派给'))).toBe(true);
  });

  it('by night it waits for the morning, several in one; an emergency does not wait', async () => {
    const conversation = await come('push');
    const [one, two, urgent] = [await open(conversation), await open(conversation, { title: '井盖破损' }), await open(conversation, { title: '燃气泄漏', urgency: 'emergency' })];
    at('22:30');
    await dispatch(one.id);
    await dispatch(urgent.id);
    await dispatch(two.id);
    expect((await told(conversation.id)).map(textOf)).toEqual([expect.stringContaining('燃气泄漏')]);
    at('07:50');
    await intake.settle();
    expect(await told(conversation.id)).toHaveLength(1);
    at('08:00');
    await intake.settle();
    const said = await told(conversation.id);
    expect(said).toHaveLength(2);
    expect(textOf(said[1])).toMatch(/^您有2件诉求[\s\S]*路灯不亮[\s\S]*井盖破损/);
  });

  it('who writes by night is awake', async () => {
    const conversation = await come('push');
    const { id } = await open(conversation);
    at('23:00');
    await dispatch(id);
    expect(await told(conversation.id)).toHaveLength(0);
    await come('push', '睡不着');
    expect(await told(conversation.id)).toHaveLength(1);
  });

  it('never by two channels, unless the first one failed', async () => {
    const [first, second] = [await come('push'), await come('stream')];
    expect(second.citizenId).toBe(first.citizenId);
    await open(second, { title: '井盖破损' });
    const { id } = await open(first);
    await dispatch(id);
    expect([(await told(first.id)).length, (await told(second.id)).length]).toEqual([1, 0]);
    intake.receipts.push({ status: 'failed', code: 'peer.window_closed', fallback: true });
    await step(id, 'sign');
    expect([(await told(first.id)).length, (await told(second.id)).length]).toEqual([2, 1]);
    expect((await notices(id)).map(({ state, channels }) => [state, channels])).toEqual([['sent', ['push']], ['sent', ['push', 'stream']]]);
    expect(await intake.store.read((repos) => repos.outbox.dead(10))).toEqual([]);
  });

  it('a channel that could not be reached to the last try has failed too', async () => {
    const [first, second] = [await come('push'), await come('stream')];
    await open(second, { title: '井盖破损' });
    const { id } = await open(first);
    // The harness gives up after three tries, a second apart.
    for (let tries = 0; tries < 3; tries += 1) intake.receipts.push({ status: 'retry', code: 'peer.unreachable' });
    await dispatch(id);
    for (let retries = 0; retries < 2; retries += 1) {
      expect((await told(second.id)).length).toBe(0);
      intake.clock.advance(1_000);
      await intake.settle();
    }
    expect((await told(second.id)).length).toBe(1);
    expect((await notices(id)).map(({ state, channels }) => [state, channels])).toEqual([['sent', ['push', 'stream']]]);
    expect(await intake.store.read((repos) => repos.outbox.dead(10))).toEqual([]);
  });

  it('a closed reply window is respected; the citizen\'s next word opens the way', async () => {
    const conversation = await come('push');
    intake.push.capabilities = { ...intake.push.capabilities, replyWindowMs: HOUR };
    const { id } = await open(conversation);
    intake.clock.advance(2 * HOUR);
    await dispatch(id);
    expect(await notices(id)).toMatchObject([{ state: 'waiting', channels: [] }]);
    expect(await told(conversation.id)).toHaveLength(0);
    await come('push', '有消息吗');
    expect(await notices(id)).toMatchObject([{ state: 'sent', channels: ['push'] }]);
    expect(await told(conversation.id)).toHaveLength(1);
  });

  it('a phone is not rung: it is said at the next call, once', async () => {
    const conversation = await come('phone');
    const { id } = await open(conversation);
    await dispatch(id);
    expect(await notices(id)).toMatchObject([{ state: 'waiting', channels: [] }]);
    await call();
    expect((await told(conversation.id)).map(textOf)).toEqual([expect.stringContaining('已派给')]);
    expect(await notices(id)).toMatchObject([{ state: 'sent', channels: ['phone'] }]);
    await call();
    expect(await told(conversation.id)).toHaveLength(1);
  });

  it('while a seat talks it is a word of the house, and the seat keeps the conversation', async () => {
    const conversation = await come('push');
    const { id } = await open(conversation);
    const seat = await intake.seat();
    await takeOver(context, conversation.id, seat);
    await dispatch(id);
    expect(await intake.store.read((repos) => repos.conversations.get(conversation.id))).toMatchObject({ owner: 'human', seatId: seat.id });
    expect((await told(conversation.id)).map(textOf)).toEqual([expect.stringContaining('已派给')]);
  });

  it('a visit-back that the dialog cannot ask is asked in words, and the dialog is not touched', async () => {
    const conversation = await come('push');
    const { id } = await open(conversation);
    await dispatch(id);
    await step(id, 'sign');
    await step(id, 'finish', { result: '已更换灯具' });
    // In the middle of a form the dialog has nothing to say to `begin`.
    intake.script = (event) => (event.type === 'begin' ? [] : [{ kind: 'say', text: '收到', inputHint: 'acceptingInput' }]);
    await step(id, 'passReview');
    expect(textOf((await told(conversation.id)).at(-1))).toMatch(/已更换灯具.*解决了吗/);
    expect(await intake.store.read((repos) => repos.ticketVisits.of(id))).toMatchObject([{ attempt: 1, channel: 'push', outcome: 'asked' }]);
  });

  it('where the dialog asks, the house does not ask too', async () => {
    const conversation = await come('push');
    const { id } = await open(conversation);
    await dispatch(id);
    await step(id, 'sign');
    await step(id, 'finish', { result: '已更换灯具' });
    intake.script = (event) => (event.type === 'begin' ? [{ kind: 'say', text: `流程${event.flow}`, inputHint: 'expectingInput' }] : []);
    const before = (await told(conversation.id)).length;
    await step(id, 'passReview');
    expect(await told(conversation.id)).toHaveLength(before);
    const last = (await intake.store.read((repos) => repos.activities.latest(conversation.id, 1)))[0];
    expect(textOf(last)).toBe('流程visit');
  });

  it('what the citizen did themselves is not told back', async () => {
    const conversation = await come('push');
    const { id } = await open(conversation);
    await dispatch(id);
    await step(id, 'sign');
    await step(id, 'finish', { result: '已更换灯具' });
    await step(id, 'passReview');
    const before = (await told(conversation.id)).length;
    const ticket = await intake.store.read((repos) => repos.tickets.get(id));
    await writeUnit(context, (unit) => moveTicket(context, unit, id, 'veto', { version: ticket?.version ?? 0, solved: false }, { role: 'citizen', actor: { kind: 'citizen' } }));
    await intake.settle();
    expect(await told(conversation.id)).toHaveLength(before);
    expect((await notices(id)).at(-1)).toMatchObject({ state: 'skipped' });
  });
});
