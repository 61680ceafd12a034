import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asAddress } from '../../src/domain/activity.ts';
import { receive } from '../../src/intake/receive.ts';
import { openApp, signIn } from '../support/desk.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('queues by REST', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  beforeEach(async () => {
    intake = await openIntake();
    intake.script = (event) => (event.type === 'message' ? [{ kind: 'handoff', reason: '市民要求人工服务', understood: { flow: null, slots: [], items: [] } }] : [{ kind: 'say', text: '您好', inputHint: 'acceptingInput' }]);
    await intake.startBus();
    app = await openApp(intake);
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const asks = async (address = 'peer-1'): Promise<string> => {
    const got = await receive(intake.context, aMessage('我要人工服务', { address: asAddress(address), identity: { externalUserId: address } }));
    await intake.settle();
    return got.conversationId;
  };

  it('says who waits, who is there and what they may say of themselves', async () => {
    const signed = await signIn(app, intake);
    await asks();
    expect((await signed.call('PUT', '/api/presence', { state: 'busy' })).json()).toMatchObject({ state: 'busy', presence: 'online', reason: null, until: null });
    const groups = (await signed.call('GET', '/api/groups')).json<{ assign: string; groups: { id: string }[]; breakReasons: { id: string }[] }>();
    expect(groups).toMatchObject({ assign: 'offer', breakReasons: expect.arrayContaining([{ id: 'meal', name: '用餐' }]) });
    expect(groups.groups.find(({ id }) => id === 'general')).toEqual({ id: 'general', name: '综合', waiting: 1, oldestWaitingSince: intake.clock.now(), seatsOnline: 1, seatsFree: 0 });
    expect((await signed.call('PUT', '/api/presence', { state: 'break', reason: 'meal' })).json()).toMatchObject({ state: 'break', presence: 'away', reason: 'meal' });
    expect((await signed.call('PUT', '/api/presence', { state: 'break' })).json()).toMatchObject({ error: { code: 'presence.reason' } });
    expect((await signed.call('PUT', '/api/presence', { state: 'asleep' })).statusCode).toBe(400);
    const seats = (await signed.call('GET', '/api/seats/presence')).json<{ seats: { id: string }[] }>().seats;
    expect(seats.find(({ id }) => id === signed.seatId)).toMatchObject({ presence: 'break', reason: 'meal', load: 0, capacity: 4, groups: expect.arrayContaining(['general', 'english']) });
    expect((await signed.call('PUT', '/api/presence', { presence: 'away' })).json()).toMatchObject({ state: 'away', presence: 'away' });
  });

  it('offers to who is there; accepting makes it theirs, with its place and company shown', async () => {
    const signed = await signIn(app, intake);
    await signed.call('PUT', '/api/presence', { state: 'online' });
    const id = await asks();
    const shown = (await signed.call('GET', `/api/conversations/${id}`)).json<{ conversation: object }>().conversation;
    expect(shown).toMatchObject({ owner: 'waiting', groupId: 'general', groupName: '综合', position: 1, participants: [], transferNote: null, offeredTo: { seatId: signed.seatId, kind: 'queue', until: intake.clock.now() + 25_000 } });
    expect((await signed.call('POST', `/api/conversations/${id}/accept`)).json()).toMatchObject({ conversation: { owner: 'human', seatId: signed.seatId, groupName: '综合', position: null, offeredTo: null } });
    expect((await signed.call('POST', `/api/conversations/${id}/accept`)).statusCode).toBe(200);
    const other = await signIn(app, intake);
    expect((await other.call('POST', `/api/conversations/${id}/accept`)).json()).toMatchObject({ error: { code: 'offer.over' } });
  });

  it('lists who waits page by page, to the end', async () => {
    const signed = await signIn(app, intake);
    const ids: string[] = [];
    for (const address of ['a', 'b', 'c', 'd', 'e']) ids.push(await asks(address));
    const seen: string[] = [];
    let next: string | null = '';
    for (let pages = 0; next !== null && pages < 9; pages += 1) {
      const page: { conversations: { id: string }[]; next: string | null } = (await signed.call('GET', `/api/conversations?view=waiting&limit=2${next === '' ? '' : `&cursor=${next}`}`)).json();
      seen.push(...page.conversations.map(({ id }) => id));
      next = page.next;
    }
    expect(seen).toEqual(ids.toSorted());
    expect((await signed.call('GET', '/api/conversations?view=waiting&cursor=nonsense')).statusCode).toBe(400);
  });

  it('lets leaders say who serves what', async () => {
    const [leader, seat] = [await signIn(app, intake, 'supervisor'), await signIn(app, intake)];
    const path = `/api/seats/${seat.seatId}/skills`;
    expect((await seat.call('GET', path)).json()).toMatchObject({ default: true, capacity: 4 });
    expect((await seat.call('PUT', path, { groups: ['english'], capacity: 2 })).statusCode).toBe(403);
    expect((await leader.call('PUT', path, { groups: ['esperanto'], capacity: 2 })).json()).toMatchObject({ error: { code: 'skills.unknown_group' } });
    expect((await leader.call('PUT', path, { groups: ['english'], capacity: 2 })).json()).toEqual({ seatId: seat.seatId, groups: ['english'], capacity: 2, default: false });
    expect((await leader.call('GET', '/api/seats/nobody/skills')).statusCode).toBe(404);
    expect((await intake.store.read((repos) => repos.trail.latest(5))).some(({ action }) => action === 'seat.skills_changed')).toBe(true);
  });

  it('passes on to a seat, a group and a department, and lets a second one in', async () => {
    const [a, b, leader] = [await signIn(app, intake), await signIn(app, intake), await signIn(app, intake, 'supervisor')];
    const id = await asks();
    await a.call('POST', `/api/conversations/${id}/take`, {});
    await b.call('PUT', '/api/presence', { state: 'busy' });
    expect((await a.call('POST', `/api/conversations/${id}/invite`, { seatId: b.seatId })).json()).toMatchObject({ conversation: { participants: [{ seatId: b.seatId, kind: 'guest' }] } });
    expect((await b.call('GET', '/api/conversations?view=joined')).json()).toMatchObject({ conversations: [{ id }] });
    expect((await b.call('POST', `/api/conversations/${id}/reply`, { text: '我来补充', clientId: 'guest-0001' })).statusCode).toBe(200);
    expect((await leader.call('POST', `/api/conversations/${id}/listen`)).json<{ conversation: { participants: object[] } }>().conversation.participants).toHaveLength(2);
    expect((await a.call('POST', `/api/conversations/${id}/listen`)).statusCode).toBe(403);
    expect((await leader.call('POST', `/api/conversations/${id}/unlisten`)).json<{ conversation: { participants: object[] } }>().conversation.participants).toHaveLength(1);
    await b.call('POST', `/api/conversations/${id}/leave`);
    const offered = await a.call('POST', `/api/conversations/${id}/transfer`, { to: { seat: b.seatId }, note: '请帮忙，电话13800138000' });
    expect(offered.json()).toMatchObject({ conversation: { owner: 'human', seatId: a.seatId, offeredTo: { seatId: b.seatId, kind: 'transfer' }, transferNote: { fromSeatId: a.seatId, note: '请帮忙，电话138****8000' } } });
    expect((await b.call('POST', `/api/conversations/${id}/accept`)).json()).toMatchObject({ conversation: { seatId: b.seatId } });
    const department = await b.call('POST', `/api/conversations/${id}/transfer`, { to: { department: 'ecology' }, note: '夜间施工', clientId: 'transfer-0001' });
    const { ticket, conversation } = department.json<{ ticket: { id: string; number: string }; conversation: object }>();
    expect(conversation).toMatchObject({ owner: 'bot', seatId: null });
    expect(await intake.store.read((repos) => repos.tickets.get(ticket.id))).toMatchObject({ departmentId: 'ecology', number: ticket.number, conversationId: id });
    expect((await b.call('POST', `/api/conversations/${id}/transfer`, { to: { department: 'ecology' }, note: '夜间施工', clientId: 'transfer-0001' })).json()).toMatchObject({ ticket: { id: ticket.id } });
    expect((await b.call('POST', `/api/conversations/${id}/transfer`, { to: { group: 'english' }, note: '' })).json()).toMatchObject({ error: { code: 'conversation.not_owner' } });
  });
});
