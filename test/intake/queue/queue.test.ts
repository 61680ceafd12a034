import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DialogEffect } from '../../../src/dialog/types.ts';
import { asAddress } from '../../../src/domain/activity.ts';
import type { QueueRules } from '../../../src/domain/queue-rules.ts';
import { close, handBack, reply, takeOver } from '../../../src/intake/handoff.ts';
import type { DeskEvent } from '../../../src/intake/live.ts';
import { invite, leave, listenIn } from '../../../src/intake/queue/joining.ts';
import { beatSeats, sayPresence } from '../../../src/intake/queue/presence.ts';
import { acceptOffer, declineOffer, transferConversation } from '../../../src/intake/queue/transfer.ts';
import { writeUnit } from '../../../src/intake/context.ts';
import { receive } from '../../../src/intake/receive.ts';
import type { Seat } from '../../../src/store/contract.ts';
import { aMessage, city, openIntake, type IntakeUnderTest } from '../../support/intake.ts';
import { putTables } from '../../support/sqlite-template.ts';

const HANDOFF: DialogEffect = { kind: 'handoff', reason: '市民要求人工服务', understood: { flow: 'person', slots: [{ name: 'content', label: '内容', value: '楼下工地夜里施工' }], items: [] } };
const queueRules: QueueRules = {
  assign: 'offer', strategy: 'least-loaded', offerSeconds: 25, retrySeconds: 60, wrapUpSeconds: 15, leaseSeconds: 60, capacity: 2, priority: { emergency: 3600, enterprise: 300 }, tellSeconds: 120, breaks: [{ id: 'meal', name: '用餐' }],
  groups: [
    { id: 'english', name: '英语', match: { locales: ['en'] }, overflowSeconds: 90, next: 'general' },
    { id: 'general', name: '综合', general: true, overflowSeconds: 600, next: 'callback' },
  ],
};

describe('the queue', () => {
  let intake: IntakeUnderTest;
  let events: DeskEvent[] = [];
  beforeEach(async () => {
    events = [];
    intake = await openIntake({ city: { ...city, queueRules } });
    intake.script = (event) => {
      if (event.type === 'message' && event.text.includes('着火')) return [{ kind: 'emergency', category: 'fire', words: ['着火'] }, HANDOFF];
      if (event.type === 'message' && event.text.includes('不等了')) return [{ kind: 'handoffCancelled' }];
      if (event.type === 'message' && event.text.includes('人工')) return [HANDOFF];
      return [{ kind: 'say', text: '机器人回答', inputHint: 'acceptingInput' }];
    };
    intake.context.live.subscribeDesk((event) => events.push(event));
    await intake.startBus();
  });
  afterEach(() => intake.close());

  const phone = (address: string) => ({ channel: 'phone', address: asAddress(address), modality: 'voice' as const, identity: { externalUserId: null, phone: '13800138000' } });
  const asks = async (address: string, over: Parameters<typeof aMessage>[1] = {}, text = '我要人工'): Promise<string> => {
    const got = await receive(intake.context, aMessage(text, { channel: 'stream', address: asAddress(address), identity: { externalUserId: address }, ...over }));
    await intake.settle();
    return got.conversationId;
  };
  const arrives = async (over: Partial<Seat> = {}): Promise<Seat> => {
    const seat = await intake.seat(over);
    await beat(seat);
    await sayPresence(intake.context, seat.id, 'online', null);
    await intake.settle();
    return seat;
  };
  const beat = (...seats: Seat[]) => writeUnit(intake.context, (unit) => beatSeats(unit, seats.map(({ id }) => id), intake.clock.now()));
  /** Time goes on in steps of a beat; those who are there go on being there. */
  const pass = async (seconds: number, ...there: Seat[]): Promise<void> => {
    for (let left = seconds; left > 0; left -= 5) {
      intake.clock.advance(Math.min(5, left) * 1_000);
      if (there.length > 0) await beat(...there);
      await intake.settle();
    }
  };
  const conversation = async (id: string) => (await intake.store.read((repos) => repos.conversations.get(id))) ?? expect.fail('gone');
  const entry = (id: string) => intake.store.read((repos) => repos.queue.get(id));
  const period = async (id: string) => (await intake.store.read((repos) => repos.services.list({ conversationId: id, limit: 1 })))[0];
  const told = async (id: string) => (await intake.store.read((repos) => repos.activities.after(id, 0, 100))).flatMap(({ direction, content, role }) => (direction === 'out' && role !== 'bot' && content.type === 'message' ? [content.text] : []));
  const trail = async () => (await intake.store.read((repos) => repos.trail.latest(50))).map(({ action }) => action);

  it('offers to one seat, then to the next when it declines or says nothing, and not to the same at once', async () => {
    const [a, b] = [await arrives(), await arrives()];
    const id = await asks('p1');
    expect(await entry(id)).toMatchObject({ offeredTo: a.id, offeredUntil: intake.clock.now() + 25_000, groupId: 'general' });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'offer', conversationId: id, seatId: a.id, until: intake.clock.now() + 25_000 }));
    await expect(acceptOffer(intake.context, id, b)).rejects.toMatchObject({ code: 'offer.over', status: 409 });
    await declineOffer(intake.context, id, a);
    await intake.settle();
    expect(await entry(id)).toMatchObject({ offeredTo: b.id });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'offer', conversationId: id, seatId: a.id, until: null }));
    await pass(26, a, b);
    expect(await entry(id)).toMatchObject({ offeredTo: null, refusals: [{ seatId: a.id }, { seatId: b.id }] });
    await pass(35, a, b);
    expect(await entry(id)).toMatchObject({ offeredTo: a.id });
    expect(await acceptOffer(intake.context, id, a)).toMatchObject({ owner: 'human', seatId: a.id });
    expect(await entry(id)).toBeNull();
    expect(await period(id)).toMatchObject({ seatId: a.id, groupId: 'general', outcome: 'open' });
    expect((await period(id))?.offeredAt).not.toBeNull();
  });

  it('keeps to what a seat can carry, and offers when room is made', async () => {
    const a = await arrives();
    const ids = [await asks('p1'), await asks('p2'), await asks('p3')];
    await Promise.all(ids.slice(0, 2).map((id) => acceptOffer(intake.context, id, a)));
    await intake.settle();
    expect(await entry(ids[2] ?? '')).toMatchObject({ offeredTo: null });
    await reply(intake.context, ids[0] ?? '', a, { text: '您好', clientId: 'reply-0001' });
    await close(intake.context, ids[0] ?? '', a);
    await intake.settle();
    // Wraps up first; that ends by itself.
    expect(await intake.store.read((repos) => repos.seatWork.state(a.id))).toMatchObject({ state: 'wrap-up' });
    expect(await entry(ids[2] ?? '')).toMatchObject({ offeredTo: null });
    await pass(16, a);
    expect(await entry(ids[2] ?? '')).toMatchObject({ offeredTo: a.id });
    const first = await period(ids[0] ?? '');
    expect(first).toMatchObject({ outcome: 'served', seatId: a.id });
    expect([first?.acceptedAt, first?.firstReplyAt, first?.endedAt].every((at) => typeof at === 'number')).toBe(true);
  });

  it('emergencies first; a break is offered nothing; any seat may still take by hand', async () => {
    const [first, fire] = [await asks('p1'), await asks('p2', {}, '着火了，快')];
    expect(await intake.store.read((repos) => repos.queue.list({ limit: 5 }))).toMatchObject([{ conversationId: fire }, { conversationId: first }]);
    const a = await arrives();
    expect(await entry(fire)).toMatchObject({ offeredTo: a.id });
    // Who goes on a break gives back what it was offered.
    await sayPresence(intake.context, a.id, 'break', 'meal');
    await intake.settle();
    expect(await entry(fire)).toMatchObject({ offeredTo: null });
    await expect(sayPresence(intake.context, a.id, 'break', 'sleep')).rejects.toMatchObject({ code: 'presence.reason' });
    const b = await arrives({ role: 'supervisor' });
    await takeOver(intake.context, first, a);
    expect(await conversation(first)).toMatchObject({ owner: 'human', seatId: a.id });
    expect(await entry(fire)).toMatchObject({ offeredTo: b.id });
    // An offer to one does not keep another from taking it.
    await takeOver(intake.context, fire, a);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'offer', conversationId: fire, seatId: b.id, until: null }));
    await expect(acceptOffer(intake.context, fire, b)).rejects.toMatchObject({ code: 'offer.over' });
    expect(await period(fire)).toMatchObject({ emergency: true, seatId: a.id });
  });

  it('nobody of a group: the next one has it, and in the end a ticket promises a call and the truth is told', async () => {
    const id = await asks('p1', { locale: 'en' });
    expect(await entry(id)).toMatchObject({ groupId: 'english' });
    await pass(95);
    expect(await entry(id)).toMatchObject({ groupId: 'general' });
    await pass(600);
    expect(await entry(id)).toBeNull();
    expect(await conversation(id)).toMatchObject({ owner: 'bot', waitingSince: null });
    const [ticket, ...more] = await intake.store.read((repos) => repos.tickets.byConversation(id));
    expect(more).toEqual([]);
    expect(ticket).toMatchObject({ callback: true, kind: '求助', title: '楼下工地夜里施工' });
    expect(await told(id)).toEqual([`I am sorry, nobody could take your conversation in time. I have filed it as ticket ${ticket?.number}. Someone will answer you here in this conversation.`]);
    expect(await period(id)).toMatchObject({ outcome: 'callback', groupId: 'general', acceptedAt: null });
    expect((await intake.store.read((repos) => repos.outbox.counts(intake.clock.now())))).toMatchObject({ ready: 0, dead: 0 });
  });

  it('a caller is told the number and that somebody will call', async () => {
    const id = await asks('CA1', phone('CA1'));
    await pass(600);
    const [ticket] = await intake.store.read((repos) => repos.tickets.byConversation(id));
    const spoken = (await intake.store.read((repos) => repos.activities.after(id, 0, 100))).flatMap(({ role, content }) => (role === 'system' && content.type === 'message' ? [content.speak ?? ''] : []));
    expect(spoken).toEqual([`很抱歉，坐席都在忙，没能及时接入。已为您登记工单，编号${[...(ticket?.number ?? '')].join(' ')}，工作人员会尽快给您回电。`]);
    expect(await conversation(id)).toMatchObject({ owner: 'bot' });
  });

  it('tells where one stands, with a time only when there is one, and again only when it changed and a while has passed', async () => {
    const ids = [await asks('p1'), await asks('p2'), await asks('p3')];
    expect(await Promise.all(ids.map(told))).toEqual([[], ['前面还有1位，等待时间暂时无法估计。'], ['前面还有2位，等待时间暂时无法估计。']]);
    await takeOver(intake.context, ids[0] ?? '', await intake.seat());
    await pass(60);
    expect(await told(ids[2] ?? '')).toHaveLength(1);
    await pass(70);
    expect(await told(ids[2] ?? '')).toEqual(['前面还有2位，等待时间暂时无法估计。', '前面还有1位，等待时间暂时无法估计。']);
    // Three that were served tell how long it takes.
    const seat = await intake.seat();
    for (const id of ids.slice(1)) await takeOver(intake.context, id, seat);
    await asks('p4');
    expect(await told(await asks('p5'))).toEqual(['前面还有1位，大约需要等待3分钟。']);
  });

  it('calling it off and hanging up end the waiting with their own names', async () => {
    const id = await asks('p1');
    await asks('p1', {}, '不等了');
    expect(await entry(id)).toBeNull();
    expect(await period(id)).toMatchObject({ outcome: 'cancelled' });
    const call = await asks('CA2', phone('CA2'));
    await receive(intake.context, aMessage('', { ...phone('CA2'), content: { type: 'endOfConversation', code: 'completed' } }));
    await intake.settle();
    expect(await entry(call)).toBeNull();
    expect(await period(call)).toMatchObject({ outcome: 'abandoned' });
  });

  it('a seat whose page is gone loses its conversations to the head of the queue; a short absence loses nothing', async () => {
    const a = await arrives();
    const id = await asks('p1');
    const asked = intake.clock.now();
    await acceptOffer(intake.context, id, a);
    await pass(55);
    await beat(a);
    await pass(70, a);
    expect(await conversation(id)).toMatchObject({ owner: 'human', seatId: a.id });
    const later = await asks('p2');
    expect(await entry(later)).toMatchObject({ offeredTo: a.id });
    await pass(65);
    expect(await conversation(id)).toMatchObject({ owner: 'waiting', seatId: null, waitingSince: asked });
    expect((await intake.store.read((repos) => repos.queue.list({ limit: 5 }))).map(({ conversationId }) => conversationId)).toEqual([id, later]);
    expect(await told(id)).toContain('为您服务的坐席掉线了，正在优先为您安排其他坐席，请稍候。');
    expect(await trail()).toContain('conversation.freed');
    const b = await arrives();
    expect(await entry(id)).toMatchObject({ offeredTo: b.id });
    await acceptOffer(intake.context, id, b);
    expect(await period(id)).toMatchObject({ seatId: b.id, askedAt: asked, outcome: 'open' });
    await expect(reply(intake.context, id, a, { text: '我回来了', clientId: 'late-00001' })).rejects.toMatchObject({ code: 'conversation.not_owner' });
  });

  it('a long stop of the house frees nobody whose seat comes back', async () => {
    const a = await arrives();
    const id = await asks('p1');
    await acceptOffer(intake.context, id, a);
    // Down for ten minutes; then everything is due at once, and the seats come back within seconds.
    intake.clock.advance(600_000);
    await intake.settle();
    await pass(10);
    await beat(a);
    await pass(60, a);
    expect(await conversation(id)).toMatchObject({ owner: 'human', seatId: a.id });
  });

  it('a restart loses neither what was accepted nor what is offered', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-queue-'));
    await putTables(folder);
    const script = intake.script;
    const reopen = async (): Promise<void> => {
      const at = intake.clock.now();
      await intake.close();
      intake = await openIntake({ folder, city: { ...city, queueRules } });
      intake.clock.set(at);
      intake.script = script;
      await intake.startBus();
    };
    try {
      await reopen();
      const [a, b] = [await arrives({ id: 'seat-a', username: 'seat-a' }), await arrives({ id: 'seat-b', username: 'seat-b' })];
      const [mine, offered] = [await asks('p1'), await asks('p2')];
      await acceptOffer(intake.context, mine, a);
      expect(await entry(offered)).toMatchObject({ offeredTo: b.id });
      await reopen();
      expect(await conversation(mine)).toMatchObject({ owner: 'human', seatId: a.id });
      expect(await entry(offered)).toMatchObject({ offeredTo: b.id });
      // The clock of the offer goes on where it was.
      await pass(26, a, b);
      expect(await entry(offered)).toMatchObject({ offeredTo: a.id });
      await reopen();
      expect(await acceptOffer(intake.context, offered, a)).toMatchObject({ seatId: a.id });
    } finally {
      await intake.close();
      rmSync(folder, { recursive: true, force: true });
      intake = await openIntake();
    }
  });

  it('a program that never had a page keeps what it took', async () => {
    const seat = await intake.seat();
    const id = await asks('p1');
    await takeOver(intake.context, id, seat);
    await pass(300);
    expect(await conversation(id)).toMatchObject({ owner: 'human', seatId: seat.id });
  });

  it('passes on to a seat: offered, given back by who declines or says nothing, taken by who accepts', async () => {
    const [a, b] = [await arrives(), await arrives()];
    const id = await asks('p1');
    await acceptOffer(intake.context, id, a);
    const wanted = { to: { seat: b.id }, note: '老顾客，电话13800138000', clientId: 'transfer-01' };
    await transferConversation(intake.context, id, a, wanted);
    await transferConversation(intake.context, id, a, wanted);
    expect(await intake.store.read((repos) => repos.transfers.of(id))).toMatchObject([{ note: '老顾客，电话138****8000', toKind: 'seat', toId: b.id }]);
    await declineOffer(intake.context, id, b);
    expect(await conversation(id)).toMatchObject({ owner: 'human', seatId: a.id });
    await transferConversation(intake.context, id, a, { to: { seat: b.id }, note: '' });
    await pass(26, a, b);
    expect(await entry(id)).toBeNull();
    expect(await conversation(id)).toMatchObject({ owner: 'human', seatId: a.id });
    await transferConversation(intake.context, id, a, { to: { seat: b.id }, note: '' });
    await reply(intake.context, id, a, { text: '马上为您转接', clientId: 'reply-0001' });
    await acceptOffer(intake.context, id, b);
    expect(await period(id)).toMatchObject({ seatId: b.id, outcome: 'open' });
    expect(await told(id)).toContain('您的会话已转由另一位坐席为您服务。');
    await expect(transferConversation(intake.context, id, a, { to: { seat: b.id }, note: '' })).rejects.toMatchObject({ code: 'conversation.not_owner' });
    await expect(transferConversation(intake.context, id, b, { to: { seat: (await intake.seat()).id }, note: '' })).rejects.toMatchObject({ code: 'transfer.seat_away' });
    await expect(transferConversation(intake.context, id, b, { to: { seat: b.id }, note: '' })).rejects.toMatchObject({ code: 'transfer.self' });
  });

  it('passes on to a group, with the time that was waited already', async () => {
    const a = await arrives();
    const id = await asks('p1');
    const asked = intake.clock.now();
    await acceptOffer(intake.context, id, a);
    await pass(30, a);
    await transferConversation(intake.context, id, a, { to: { group: 'english' }, note: '只会说英语' });
    await intake.settle();
    expect(await conversation(id)).toMatchObject({ owner: 'waiting', seatId: null, waitingSince: intake.clock.now() });
    expect(await entry(id)).toMatchObject({ groupId: 'english', waitedFrom: asked, offeredTo: null });
    expect(await period(id)).toMatchObject({ groupId: 'english', seatId: null, outcome: 'open' });
    await expect(transferConversation(intake.context, id, a, { to: { group: 'nowhere' }, note: '' })).rejects.toMatchObject({ code: 'conversation.not_owner' });
  });

  it('passes on to a department: a ticket goes there, the number is said, the bot has the citizen again', async () => {
    const a = await arrives();
    const id = await asks('p1');
    await acceptOffer(intake.context, id, a);
    const { ticket, conversation: after } = await transferConversation(intake.context, id, a, { to: { department: 'ecology' }, note: '请尽快到现场' });
    expect(after).toMatchObject({ owner: 'bot' });
    expect(ticket).toMatchObject({ departmentId: 'ecology', content: '楼下工地夜里施工\n（请尽快到现场）' });
    expect((await told(id)).at(-1)).toContain(ticket?.number);
    expect(await period(id)).toMatchObject({ outcome: 'served' });
  });

  it('a second seat writes too while it is in; a supervisor listens and leaves a trace of it', async () => {
    const [a, b, leader] = [await arrives(), await arrives(), await arrives({ role: 'supervisor' })];
    const id = await asks('p1');
    await acceptOffer(intake.context, id, a);
    await expect(reply(intake.context, id, b, { text: '插话', clientId: 'guest-0001' })).rejects.toMatchObject({ code: 'conversation.not_owner' });
    await invite(intake.context, id, a, b.id);
    await reply(intake.context, id, b, { text: '我是同事', clientId: 'guest-0002' });
    await listenIn(intake.context, id, leader);
    await expect(listenIn(intake.context, id, b)).rejects.toMatchObject({ code: 'desk.forbidden' });
    await expect(reply(intake.context, id, leader, { text: '听得见', clientId: 'guest-0003' })).rejects.toMatchObject({ code: 'conversation.not_owner' });
    expect((await intake.store.read((repos) => repos.participants.of(id))).map(({ seatId, kind }) => [seatId, kind])).toEqual([[b.id, 'guest'], [leader.id, 'listener']]);
    // Taking it over makes the listener the owner and nothing else.
    await takeOver(intake.context, id, leader, { force: true });
    expect((await intake.store.read((repos) => repos.participants.of(id))).map(({ seatId }) => seatId)).toEqual([b.id]);
    await leave(intake.context, id, b);
    await expect(reply(intake.context, id, b, { text: '再说一句', clientId: 'guest-0004' })).rejects.toMatchObject({ code: 'conversation.not_owner' });
    expect(await trail()).toEqual(expect.arrayContaining(['conversation.listened', 'conversation.invited', 'conversation.left']));
    await handBack(intake.context, id, leader);
    expect(await period(id)).toMatchObject({ outcome: 'handed-back', seatId: leader.id });
    expect((await told(id)).filter((text) => text.includes('加入'))).toHaveLength(1);
  });

  it('by hand only, when the house says so: nobody is offered anything, and time still ends it', async () => {
    await intake.close();
    intake = await openIntake({ city: { ...city, queueRules: { ...queueRules, assign: 'manual' } } });
    intake.script = (event) => (event.type === 'message' ? [HANDOFF] : []);
    await intake.startBus();
    const a = await arrives();
    const id = await asks('p1');
    expect(await entry(id)).toMatchObject({ offeredTo: null });
    await pass(600, a);
    expect(await conversation(id)).toMatchObject({ owner: 'bot' });
    expect(await intake.store.read((repos) => repos.tickets.byConversation(id))).toHaveLength(1);
  });
});
