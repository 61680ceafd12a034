import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActionEffect } from '../../src/dialog/types.ts';
import type { TicketOpenArgs } from '../../src/domain/ticket.ts';
import type { Conversation } from '../../src/domain/conversation.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { performAction } from '../../src/intake/actions.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { receive } from '../../src/intake/receive.ts';
import { keepCopied } from '../../src/intake/ticket-files.ts';
import { aMessage, city, openIntake, type IntakeUnderTest } from '../support/intake.ts';

const args: TicketOpenArgs = { ticketKind: '投诉', itemCode: city.items[0]?.code ?? null, title: '夜间施工', content: '半夜施工', townId: null, place: null, happened: null, phone: '13800138000', name: null, urgency: 'normal', confidential: false, callback: false };

describe('dialog actions', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());

  let people = 0;
  const person = async (user = `person-${(people += 1)}`): Promise<Conversation> => {
    const got = await receive(intake.context, aMessage('你好', { address: asAddress(`${user}-${(people += 1)}`), identity: { externalUserId: user } }));
    const found = await intake.store.read((repos) => repos.conversations.get(got.conversationId));
    if (found === null) throw new Error('gone');
    return found;
  };
  const perform = (conversation: Conversation, effect: ActionEffect) => writeUnit(intake.context, (unit) => performAction(intake.context, unit, conversation, effect));
  const opened = async (conversation: Conversation): Promise<string> => {
    const result = await perform(conversation, { kind: 'action', action: 'ticket.open', args });
    return String(result.data['number']);
  };
  const find = (conversation: Conversation, number: string, phoneLast4: string) => perform(conversation, { kind: 'action', action: 'ticket.find', args: { number, phoneLast4 } });

  it('opens a ticket and tells words, no personal data', async () => {
    const result = await perform(await person(), { kind: 'action', action: 'ticket.open', args });
    expect(result).toMatchObject({ ok: true, data: { state: '待签收', urges: 0 } });
    expect(JSON.stringify(result)).not.toContain('13800138000');
  });

  it('one\'s own ticket needs no digits, another\'s needs the right ones', async () => {
    const [owner, other] = [await person(), await person()];
    const number = await opened(owner);
    expect(await find(owner, number, '')).toMatchObject({ ok: true, data: { number } });
    expect(await find(other, number, '1234')).toEqual({ ok: false, data: { code: 'ticket.check_failed' } });
    expect(await find(other, number, '8000')).toMatchObject({ ok: true, data: { number } });
  });

  it('three wrong tries and this person is not asked again for half an hour, in any chat', async () => {
    const number = await opened(await person());
    const thief = await person('thief');
    for (const digits of ['0001', '0002', '0003']) expect(await find(thief, number, digits)).toMatchObject({ data: { code: 'ticket.check_failed' } });
    expect(await find(thief, number, '8000')).toEqual({ ok: false, data: { code: 'ticket.too_many_tries' } });
    expect(await find(await person('thief'), number, '8000')).toEqual({ ok: false, data: { code: 'ticket.too_many_tries' } });
    intake.clock.advance(30 * 60_000 + 1);
    expect(await find(thief, number, '8000')).toMatchObject({ ok: true });
  });

  it('a new chat for every guess does not open a ticket either, and its owner is not locked out', async () => {
    const owner = await person();
    const number = await opened(owner);
    const answers = [];
    for (let guess = 0; guess < 25; guess += 1) answers.push((await find(await person(), number, String(guess).padStart(4, '0'))).data['code']);
    expect(answers.slice(0, 20).every((code) => code === 'ticket.check_failed')).toBe(true);
    expect(answers.slice(20).every((code) => code === 'ticket.too_many_tries')).toBe(true);
    expect(await find(await person(), number, '8000')).toMatchObject({ data: { code: 'ticket.too_many_tries' } });
    expect(await find(owner, number, '')).toMatchObject({ ok: true });
  });

  it('a mistyped number is no guess', async () => {
    const conversation = await person();
    for (let n = 0; n < 6; n += 1) expect(await find(conversation, '20261123000019', '8000')).toMatchObject({ ok: false, data: { code: 'ticket.not_found' } });
    for (const text of ['', '１２３', '__proto__', "' or 1=1 --"]) expect(await find(conversation, text, '8000')).toMatchObject({ data: { code: 'ticket.not_found' } });
    const number = await opened(conversation);
    expect(await find(conversation, number, '8000')).toMatchObject({ ok: true });
  });

  it('supplements and urges the right ticket; a finished one answers instead of failing', async () => {
    const conversation = await person();
    const number = await opened(conversation);
    const given = { number, phoneLast4: '8000' };
    expect(await perform(conversation, { kind: 'action', action: 'ticket.supplement', args: { ...given, text: '补充13800138000' } })).toMatchObject({ ok: true });
    expect(await perform(conversation, { kind: 'action', action: 'ticket.urge', args: given })).toMatchObject({ ok: true, data: { urges: 1 } });
    const ticket = await intake.store.read((repos) => repos.tickets.findByNumber(number));
    if (ticket === null) throw new Error('gone');
    await intake.store.write(async (repos) => {
      await repos.tickets.update(ticket.id, ticket.version, { state: '归档', result: '已修好' });
      await repos.tickets.appendEvent({ ticketId: ticket.id, type: 'ticket.finished', actor: { kind: 'seat', seatId: 's' }, at: intake.clock.now(), data: { result: '已修好' } });
    });
    expect(await perform(conversation, { kind: 'action', action: 'ticket.urge', args: given })).toEqual({ ok: false, data: { code: 'ticket.finished' } });
    expect(await find(conversation, number, '8000')).toMatchObject({ ok: true, data: { state: '归档', resultText: '已修好' } });
    expect(JSON.stringify(await intake.store.read((repos) => repos.tickets.events(ticket.id)))).not.toContain('13800138000');
  });

  it('counts one urge within the time and says so when there is another', async () => {
    const conversation = await person();
    const number = await opened(conversation);
    const urge = () => perform(conversation, { kind: 'action', action: 'ticket.urge', args: { number, phoneLast4: '' } });
    expect(await urge()).toMatchObject({ ok: true, data: { urges: 1, counted: true } });
    expect(await urge()).toMatchObject({ ok: true, data: { urges: 1, counted: false } });
    intake.clock.advance(25 * 60 * 60_000);
    expect(await urge()).toMatchObject({ ok: true, data: { urges: 2, counted: true } });
  });

  it('without digits another\'s ticket is not told of, nor that there is one; nothing is counted as a guess', async () => {
    const number = await opened(await person());
    const stranger = await person();
    for (let n = 0; n < 5; n += 1) expect(await find(stranger, number, '')).toEqual({ ok: false, data: { code: 'ticket.check_failed' } });
    expect(await find(stranger, '20261123999999', '')).toMatchObject({ ok: false });
    expect(await find(stranger, number, '8000')).toMatchObject({ ok: true });
  });

  it('a number that the channel vouches for stands for the digits', async () => {
    const number = await opened(await person());
    const got = await receive(intake.context, aMessage('喂', { channel: 'phone', address: asAddress('call-1'), modality: 'voice', identity: { externalUserId: 'caller-1', phone: '13800138000' } }));
    const caller = await intake.store.read((repos) => repos.conversations.get(got.conversationId));
    if (caller === null) throw new Error('gone');
    expect(await find(caller, number, '')).toMatchObject({ ok: true, data: { number } });
  });

  it('withdraws one\'s own, with the words said; a stranger cannot', async () => {
    const [owner, other] = [await person(), await person()];
    const number = await opened(owner);
    const withdraw = (conversation: Conversation) => perform(conversation, { kind: 'action', action: 'ticket.withdraw', args: { number, phoneLast4: '', reason: '不想办了，电话13800138000' } });
    expect(await withdraw(other)).toEqual({ ok: false, data: { code: 'ticket.check_failed' } });
    expect(await withdraw(owner)).toMatchObject({ ok: true, data: { state: '归档', canUrge: false, canWithdraw: false, canReopen: false } });
    expect(await withdraw(owner)).toEqual({ ok: false, data: { code: 'ticket.withdraw_too_late' } });
    const ticket = await intake.store.read((repos) => repos.tickets.findByNumber(number));
    expect(JSON.stringify(await intake.store.read((repos) => repos.tickets.events(ticket?.id ?? '')))).not.toContain('13800138000');
  });

  it('what is being handled is neither reopened nor rated; no visit-back waits then', async () => {
    const conversation = await person();
    const number = await opened(conversation);
    expect(await perform(conversation, { kind: 'action', action: 'ticket.reopen', args: { number, phoneLast4: '', reason: '没解决' } })).toEqual({ ok: false, data: { code: 'ticket.still_open' } });
    expect(await perform(conversation, { kind: 'action', action: 'ticket.rate', args: { number, phoneLast4: '', process: 5, solved: true, reason: null } })).toEqual({ ok: false, data: { code: 'ticket.not_finished' } });
    expect(await perform(conversation, { kind: 'action', action: 'ticket.visit', args: {} })).toEqual({ ok: false, data: { code: 'visit.none' } });
  });

  it('pictures of this conversation become files of the ticket that they came with, once; one that the peer still keeps follows', async () => {
    const conversation = await person();
    const say = (text: string, url: string) => receive(intake.context, aMessage(text, { address: conversation.address, content: { type: 'message', text, attachments: [{ contentType: 'image/png', url, name: '现场.png' }] } }));
    await say('路灯坏了', 'media:token-one/a.png');
    const number = await opened(conversation);
    const id = (await intake.store.read((repos) => repos.tickets.findByNumber(number)))?.id ?? '';
    const files = () => intake.store.read((repos) => repos.ticketFiles.of(id));
    expect(await files()).toMatchObject([{ media: 'token-one', purpose: 'citizen', addedBy: 'citizen' }]);
    await say('再看一张', 'media:token-two/b.png');
    const got = await say('还有', 'https://peer.example/c.png');
    const supplement = () => perform(conversation, { kind: 'action', action: 'ticket.supplement', args: { number, phoneLast4: '', text: '见图' } });
    expect(await supplement()).toMatchObject({ ok: true, data: { files: 2 } });
    expect((await files()).map(({ media }) => media)).toEqual(['token-one', 'token-two']);
    await writeUnit(intake.context, (unit) => keepCopied(intake.context, unit, { activityId: got.activityId, index: 0, url: 'media:token-three/c.png', name: null, contentType: 'image/png' }));
    expect((await files()).map(({ media }) => media)).toEqual(['token-one', 'token-two', 'token-three']);
    expect(await supplement()).toMatchObject({ ok: true, data: { files: 0 } });
    // Another ticket's pictures are its own.
    const other = await opened(conversation);
    expect(await intake.store.read(async (repos) => repos.ticketFiles.of((await repos.tickets.findByNumber(other))?.id ?? ''))).toEqual([]);
  });

  it('lists only one\'s own tickets', async () => {
    const [one, two] = [await person(), await person()];
    const number = await opened(one);
    expect((await perform(one, { kind: 'action', action: 'ticket.mine', args: {} })).data).toMatchObject({ count: 1, tickets: [{ number }] });
    expect((await perform(two, { kind: 'action', action: 'ticket.mine', args: {} })).data).toMatchObject({ count: 0, tickets: [] });
  });
});
