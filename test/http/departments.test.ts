import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeUnit } from '../../src/intake/context.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('a department at the desk', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let ecology: SignedIn;
  let theirs: Ticket;
  let assisted: Ticket;
  let others: Ticket;
  beforeEach(async () => {
    intake = await openIntake();
    app = await openApp(intake);
    ecology = await signIn(app, intake, 'department', 'ecology');
    const citizenId = intake.context.newId();
    await intake.store.write((repos) => repos.citizens.resolve({ id: citizenId, channel: 'webchat', externalUserId: 'u', phone: '13800138000', displayName: '王小明', now: intake.clock.now() }));
    const open = (title: string, departmentId: string, assistIds: readonly string[] = [], confidential = false): Promise<Ticket> =>
      writeUnit(intake.context, async (unit) => {
        const ticket = await openTicket(intake.context, unit, {
          ticketKind: '投诉', itemCode: null, title, content: title, townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential, callback: false, citizenId, conversationId: null,
          channel: 'webchat', actor: { kind: 'citizen' },
        });
        return unit.repos.tickets.update(ticket.id, ticket.version, { state: '待签收', departmentId, assistIds });
      });
    theirs = await open('夜间施工噪声', 'ecology');
    assisted = await open('餐饮油烟扰民', 'city-management', ['ecology']);
    others = await open('路灯不亮', 'city-management');
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  it('sees what it leads or assists, and of others not even that they are there', async () => {
    const listed = (await ecology.call('GET', '/api/tickets')).json<{ tickets: { id: string }[] }>().tickets.map(({ id }) => id);
    expect(listed.toSorted()).toEqual([theirs.id, assisted.id].toSorted());
    expect((await ecology.call('GET', `/api/tickets?department=city-management`)).json<{ tickets: { id: string }[] }>().tickets.map(({ id }) => id)).toEqual([assisted.id]);
    const missing = await ecology.call('GET', '/api/tickets/nothing');
    for (const [method, path] of [['GET', ''], ['POST', '/moves/sign'], ['POST', '/notes'], ['POST', '/unmask']] as const) {
      const answer = await ecology.call(method, `/api/tickets/${others.id}${path}`, method === 'GET' ? undefined : path === '/notes' ? { text: '看看' } : path === '/unmask' ? { purpose: '回拨市民' } : { version: others.version });
      expect([path, answer.statusCode, answer.json()]).toEqual([path, 404, missing.json()]);
    }
  });

  it('is let into no other room', async () => {
    for (const [method, url] of [['GET', '/api/conversations'], ['GET', '/api/knowledge?q=x'], ['GET', '/api/seats'], ['GET', '/api/trail'], ['GET', '/api/dead-letters'], ['GET', '/api/channels'], ['GET', '/api/tokens'], ['PUT', '/api/presence'], ['POST', `/api/citizens/${theirs.citizenId}/unmask`]] as const) {
      const answer = await ecology.call(method, url, method === 'PUT' ? { presence: 'online' } : method === 'POST' ? { purpose: '回拨市民' } : undefined);
      expect([url, answer.statusCode, answer.json()]).toMatchObject([url, 403, { error: { code: 'desk.forbidden' } }]);
    }
    expect((await ecology.call('GET', '/api/catalog')).statusCode).toBe(200);
  });

  it('signs and answers what it leads; where it assists it may only read and note', async () => {
    const signed = await ecology.call('POST', `/api/tickets/${theirs.id}/moves/sign`, { version: theirs.version });
    expect([signed.statusCode, signed.json()]).toMatchObject([200, { ticket: { state: '办理中' } }]);
    const detail = (await ecology.call('GET', `/api/tickets/${theirs.id}`)).json<{ moves: { name: string }[]; events: { type: string; actorName: string }[] }>();
    expect(detail.moves.map(({ name }) => name).toSorted()).toEqual(['contact', 'finish', 'requestExtension', 'requestHold', 'requestReturn']);
    expect((await ecology.call('POST', `/api/tickets/${assisted.id}/moves/sign`, { version: assisted.version })).json()).toMatchObject({ error: { code: 'ticket.not_yours' } });
    expect((await ecology.call('GET', `/api/tickets/${assisted.id}`)).json<{ moves: unknown[] }>().moves).toEqual([]);
    expect((await ecology.call('POST', `/api/tickets/${assisted.id}/notes`, { text: '已到现场核实' })).statusCode).toBe(200);
    const events = await intake.store.read((repos) => repos.tickets.events(theirs.id));
    expect(events.at(-1)).toMatchObject({ type: 'ticket.signed', actor: { kind: 'department', departmentId: 'ecology', seatId: ecology.seatId } });
  });

  it('sees no number unless it leads and says why; one that is to be kept secret never', async () => {
    for (const url of ['/api/tickets', `/api/tickets/${theirs.id}`]) expect((await ecology.call('GET', url)).body).not.toMatch(/13800138000|王小明/);
    expect((await ecology.call('POST', `/api/tickets/${theirs.id}/unmask`, { purpose: '回拨市民' })).json()).toMatchObject({ phone: '13800138000', name: '王小明' });
    expect((await intake.store.read((repos) => repos.trail.latest(1)))[0]).toMatchObject({ action: 'identity.unmasked', actor: `seat:${ecology.seatId}`, purpose: '回拨市民' });
    expect((await ecology.call('POST', `/api/tickets/${assisted.id}/unmask`, { purpose: '回拨市民' })).json()).toMatchObject({ error: { code: 'ticket.identity_closed' } });
    await intake.store.write((repos) => repos.tickets.update(theirs.id, theirs.version, { confidential: true }));
    expect((await ecology.call('POST', `/api/tickets/${theirs.id}/unmask`, { purpose: '回拨市民' })).statusCode).toBe(403);
  });

  it('lets the department’s own system in by a key, with the same rights, until the key is taken back', async () => {
    const administrator = await signIn(app, intake, 'administrator');
    expect((await ecology.call('POST', '/api/tokens', { departmentId: 'ecology', name: '环保业务系统' })).statusCode).toBe(403);
    expect((await administrator.call('POST', '/api/tokens', { departmentId: 'nowhere', name: '系统' })).statusCode).toBe(400);
    const made = (await administrator.call('POST', '/api/tokens', { departmentId: 'ecology', name: '环保业务系统' })).json<{ key: string; token: { id: string } }>();
    const system = (method: 'GET' | 'POST', url: string, payload?: object) => app.inject({ method, url, ...(payload === undefined ? {} : { payload }), headers: { authorization: `Bearer ${made.key}` } });
    expect((await system('GET', '/api/tickets')).json<{ tickets: unknown[] }>().tickets).toHaveLength(2);
    expect((await system('GET', '/api/conversations')).statusCode).toBe(403);
    expect((await system('POST', `/api/tickets/${theirs.id}/moves/sign`, { version: theirs.version })).statusCode).toBe(200);
    expect((await intake.store.read((repos) => repos.tickets.events(theirs.id))).at(-1)).toMatchObject({ actor: { kind: 'department', departmentId: 'ecology', seatId: null } });
    const list = await administrator.call('GET', '/api/tokens');
    expect(list.json()).toMatchObject({ tokens: [{ departmentId: 'ecology', departmentName: expect.stringContaining('生态环境'), revokedAt: null }] });
    expect(list.body).not.toContain(made.key);
    expect((await administrator.call('DELETE', `/api/tokens/${made.token.id}`)).statusCode).toBe(204);
    expect((await system('GET', '/api/tickets')).statusCode).toBe(401);
    expect((await administrator.call('DELETE', '/api/tokens/nothing')).statusCode).toBe(404);
  });

  it('accounts of departments are made with their department and stay theirs', async () => {
    const administrator = await signIn(app, intake, 'administrator');
    const body = { username: 'huanbao01', displayName: '环保联络员', role: 'department', password: 'correct-horse-battery' };
    expect((await administrator.call('POST', '/api/seats', body)).json()).toMatchObject({ error: { code: 'seat.department_needed' } });
    const made = (await administrator.call('POST', '/api/seats', { ...body, departmentId: 'ecology' })).json<{ seat: { id: string; role: string } }>();
    expect(made.seat.role).toBe('department');
    expect((await administrator.call('PATCH', `/api/seats/${made.seat.id}`, { role: 'administrator' })).json()).toMatchObject({ error: { code: 'seat.department_stays' } });
  });
});
