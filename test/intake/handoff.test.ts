import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DialogEffect } from '../../src/dialog/types.ts';
import { asAddress, asExternalId } from '../../src/domain/activity.ts';
import { close, handBack, openTicketFromDesk, reply, takeOver } from '../../src/intake/handoff.ts';
import { collectReplies } from '../../src/intake/collect.ts';
import { receive } from '../../src/intake/receive.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

const HANDOFF: DialogEffect = { kind: 'handoff', reason: '市民要求人工服务', understood: { flow: 'person', slots: [{ name: 'phone', label: '电话', value: '13800138000' }, { name: 'name', label: '姓名', value: '张三丰' }], items: [] } };
const ticketArgs = { ticketKind: '投诉' as const, itemCode: null, title: '夜间施工', content: '电话 13800138000，半夜施工', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal' as const, confidential: false, callback: false };

describe('one writer', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
    intake.script = (event) => (event.type === 'message' && event.text.includes('人工') ? [{ kind: 'say', text: '正在转人工', inputHint: 'acceptingInput' }, HANDOFF] : [{ kind: 'say', text: '机器人回答', inputHint: 'acceptingInput' }]);
    await intake.startBus();
  });
  afterEach(() => intake.close());

  const conversation = async (id: string) => {
    const found = await intake.store.read((repos) => repos.conversations.get(id));
    if (found === null) throw new Error('gone');
    return found;
  };
  const said = async (id: string) => (await intake.store.read((repos) => repos.activities.after(id, 0, 100))).filter((activity) => activity.direction === 'out' && activity.content.type === 'message').map((activity) => `${activity.role}:${activity.content.type === 'message' ? activity.content.text : ''}`);
  const waiting = async (over: Parameters<typeof aMessage>[1] = {}) => {
    const got = await receive(intake.context, aMessage('人工', over));
    await intake.settle();
    return got.conversationId;
  };

  it('waits for a person with a reason, and what is understood is masked', async () => {
    const found = await conversation(await waiting());
    expect(found).toMatchObject({ owner: 'waiting', handoffReason: '市民要求人工服务', seatId: null });
    expect(JSON.stringify(found.understood)).not.toMatch(/13800138000|张三丰/);
    expect(JSON.stringify(found.understood)).toContain('138****8000');
  });

  it('a seat takes over, the bot is silent, the seat\'s reply goes out on the citizen\'s channel once', async () => {
    const id = await waiting();
    const seat = await intake.seat();
    expect(await takeOver(intake.context, id, seat)).toMatchObject({ owner: 'human', seatId: seat.id });
    await receive(intake.context, aMessage('在吗'));
    await intake.settle();
    const first = await reply(intake.context, id, seat, { text: '您好，我是坐席', clientId: 'reply-0001' });
    const twice = await reply(intake.context, id, seat, { text: '您好，我是坐席', clientId: 'reply-0001' });
    expect(twice.activity.id).toBe(first.activity.id);
    await intake.settle();
    expect(await said(id)).toEqual(['bot:正在转人工', 'seat:您好，我是坐席']);
    expect(intake.sent.map((send) => [send.message.content.text, send.context.role])).toEqual([['正在转人工', 'bot'], ['您好，我是坐席', 'seat']]);
  });

  it('the second of two seats gets a clear conflict and cannot write', async () => {
    const id = await waiting();
    const [a, b] = [await intake.seat(), await intake.seat()];
    const results = await Promise.allSettled([takeOver(intake.context, id, a), takeOver(intake.context, id, b)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    const owner = (await conversation(id)).seatId;
    const loser = owner === a.id ? b : a;
    await expect(reply(intake.context, id, loser, { text: '抢答', clientId: 'loser-0001' })).rejects.toMatchObject({ code: 'conversation.not_owner', status: 409 });
    await expect(takeOver(intake.context, id, loser)).rejects.toMatchObject({ code: 'conversation.taken' });
  });

  it('nobody writes into the bot\'s conversation, and a supervisor may insist', async () => {
    const got = await receive(intake.context, aMessage('你好'));
    await intake.settle();
    const [seat, supervisor] = [await intake.seat(), await intake.seat({ role: 'supervisor' })];
    await expect(reply(intake.context, got.conversationId, seat, { text: '插话', clientId: 'clientid-1' })).rejects.toMatchObject({ code: 'conversation.not_owner' });
    await takeOver(intake.context, got.conversationId, seat);
    await expect(takeOver(intake.context, got.conversationId, { ...seat, id: 'other' }, { force: true })).rejects.toMatchObject({ code: 'conversation.taken' });
    expect(await takeOver(intake.context, got.conversationId, supervisor, { force: true })).toMatchObject({ seatId: supervisor.id });
  });

  it('hands back: the bot greets and answers again', async () => {
    const id = await waiting();
    const seat = await intake.seat();
    await takeOver(intake.context, id, seat);
    await handBack(intake.context, id, seat);
    await receive(intake.context, aMessage('居住证'));
    await intake.settle();
    expect(await conversation(id)).toMatchObject({ owner: 'bot', seatId: null });
    expect((await said(id)).filter((line) => line === 'bot:机器人回答')).toHaveLength(2);
  });

  it('a message into a closed conversation opens it again', async () => {
    const id = await waiting();
    const seat = await intake.seat();
    await takeOver(intake.context, id, seat);
    await close(intake.context, id, seat);
    expect((await conversation(id)).owner).toBe('closed');
    await receive(intake.context, aMessage('还有一件事'));
    await intake.settle();
    expect((await conversation(id)).owner).toBe('bot');
    expect((await said(id)).at(-1)).toBe('bot:机器人回答');
  });

  it('a cry for help while a seat has it turns the desk red without the bot speaking', async () => {
    const id = await waiting();
    await takeOver(intake.context, id, await intake.seat());
    const before = await said(id);
    await receive(intake.context, aMessage('家里着火了'));
    await intake.settle();
    expect((await conversation(id)).emergency).toMatchObject({ category: 'fire' });
    expect(await said(id)).toEqual(before);
  });

  it('hanging up while waiting becomes a ticket with a callback', async () => {
    const call = { channel: 'phone', address: asAddress('CA1'), modality: 'voice' as const, identity: { externalUserId: null, phone: '13800138000' } };
    const id = await waiting(call);
    await receive(intake.context, aMessage('', { ...call, content: { type: 'endOfConversation', code: 'completed' } }));
    expect((await conversation(id)).owner).toBe('closed');
    const [ticket, ...more] = await intake.store.read((repos) => repos.tickets.byConversation(id));
    expect(more).toEqual([]);
    expect(ticket).toMatchObject({ callback: true, kind: '求助' });
  });

  it('hanging up after the bot\'s answer makes no ticket', async () => {
    const call = { channel: 'phone', address: asAddress('CA2'), modality: 'voice' as const, identity: { externalUserId: null, phone: '13800138000' } };
    const got = await receive(intake.context, aMessage('你好', call));
    await intake.settle();
    await receive(intake.context, aMessage('', { ...call, content: { type: 'endOfConversation', code: 'completed' } }));
    expect(await intake.store.read((repos) => repos.tickets.byConversation(got.conversationId))).toEqual([]);
  });

  it('a call collects what was said since, and a repeated request hears the same', async () => {
    const call = { channel: 'phone', address: asAddress('CA3'), modality: 'voice' as const };
    const id = await waiting(call);
    const phone = intake.context.channel('phone');
    if (phone === null) throw new Error('no phone');
    const collect = (key: string) => collectReplies(intake.context, phone, { conversationId: id, externalId: asExternalId(key), turn: 'done' });
    const first = await collect('step-1');
    expect(first.messages.map((message) => message.content.text)).toEqual(['正在转人工']);
    expect(first.conversation).toBe('waiting');
    const seat = await intake.seat();
    await takeOver(intake.context, id, seat);
    await reply(intake.context, id, seat, { text: '请讲', clientId: 'phone-reply' });
    const second = await collect('step-2');
    expect(second.messages.map((message) => message.content.text)).toEqual(['人工坐席已接入，请讲。', '请讲']);
    expect(await collect('step-2')).toEqual(second);
    expect(await collect('step-1')).toMatchObject({ messages: first.messages });
    expect((await collect('step-3')).messages).toEqual([]);
  });

  it('a seat opens a ticket; the citizen hears its number; the text is masked', async () => {
    const id = await waiting();
    const seat = await intake.seat();
    await takeOver(intake.context, id, seat);
    const ticket = await openTicketFromDesk(intake.context, id, seat, ticketArgs);
    expect(ticket.content).not.toContain('13800138000');
    expect((await said(id)).at(-1)).toContain(ticket.number);
    const events = await intake.store.read((repos) => repos.tickets.events(ticket.id));
    expect(events[0]).toMatchObject({ type: 'ticket.opened', actor: { kind: 'seat', seatId: seat.id } });
    expect((await intake.store.read((repos) => repos.trail.verify()))).toBeNull();
  });
});
