import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword } from '../../src/http/zones/desk/auth.ts';
import { receive } from '../../src/intake/receive.ts';
import { openApp, PASSWORD, signIn } from '../support/desk.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('the desk by REST', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  const lines: string[] = [];
  beforeEach(async () => {
    lines.length = 0;
    intake = await openIntake();
    intake.script = () => [{ kind: 'say', text: '正在转人工', inputHint: 'acceptingInput' }, { kind: 'handoff', reason: '市民要求人工服务', understood: { flow: null, slots: [], items: [] } }];
    await intake.startBus();
    app = await openApp(intake, { lines });
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const waiting = async (): Promise<string> => {
    const got = await receive(intake.context, aMessage('人工，我电话13800138000', { identity: { externalUserId: 'u', phone: '13800138000', displayName: '王小明' } }));
    await intake.settle();
    return got.conversationId;
  };

  it('lets nobody in without a session', async () => {
    for (const url of ['/api/conversations', '/api/tickets', '/api/catalog', '/api/seats', '/api/trail', '/api/dead-letters', '/api/channels', '/api/knowledge?q=x', '/api/session']) {
      const response = await app.inject({ method: 'GET', url });
      expect([url, response.statusCode]).toEqual([url, 401]);
    }
  });

  it('takes a password as the house hashes it, at a cost that is worth the name', async () => {
    const passwordHash = await hashPassword(PASSWORD);
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const { id, username } = await intake.seat();
    await intake.store.write((repos) => repos.seats.update(id, { passwordHash }));
    const answers = await Promise.all([PASSWORD, `${PASSWORD} `].map((password) => app.inject({ method: 'POST', url: '/api/session', payload: { username, password } })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 401]);
  });

  it('answers a wrong name and a wrong password alike, and sets a safe cookie on the right one', async () => {
    const signed = await signIn(app, intake);
    const username = (await signed.call('GET', '/api/session')).json<{ seat: { username: string } }>().seat.username;
    const wrongName = await app.inject({ method: 'POST', url: '/api/session', payload: { username: 'nobody', password: PASSWORD } });
    const wrongPassword = await app.inject({ method: 'POST', url: '/api/session', payload: { username, password: 'wrong' } });
    expect([wrongName.statusCode, wrongPassword.statusCode]).toEqual([401, 401]);
    expect(wrongName.body).toBe(wrongPassword.body);
    expect(signed.cookie).toMatch(/^yihu_session=/);
    const who = await signed.call('GET', '/api/session');
    expect(who.json()).toMatchObject({ seat: { id: signed.seatId, role: 'seat' } });
  });

  it('slows down guessing one account', async () => {
    const codes = [];
    for (let n = 0; n < 12; n += 1) codes.push((await app.inject({ method: 'POST', url: '/api/session', payload: { username: 'victim', password: `guess-${n}` } })).statusCode);
    expect(codes.slice(0, 10).every((code) => code === 401)).toBe(true);
    expect(codes.slice(10)).toEqual([429, 429]);
    expect((await app.inject({ method: 'POST', url: '/api/session', payload: { username: 'somebody-else', password: 'x' } })).statusCode).toBe(401);
  });

  it('refuses a change without the CSRF token, and none at all after signing out', async () => {
    const signed = await signIn(app, intake);
    const id = await waiting();
    expect((await signed.call('POST', `/api/conversations/${id}/take`, {}, { 'x-csrf-token': '' })).statusCode).toBe(403);
    expect((await signed.call('POST', `/api/conversations/${id}/take`, {}, { 'x-csrf-token': 'x'.repeat(signed.csrf.length) })).json()).toMatchObject({ error: { code: 'desk.csrf' } });
    expect((await signed.call('DELETE', '/api/session')).statusCode).toBe(204);
    expect((await signed.call('GET', '/api/conversations')).statusCode).toBe(401);
  });

  it('shows who is waiting and why, takes over, replies once, hands back', async () => {
    const signed = await signIn(app, intake);
    const id = await waiting();
    const list = (await signed.call('GET', '/api/conversations?view=waiting')).json();
    expect(list).toMatchObject({ counts: { waiting: 1 }, conversations: [{ id, owner: 'waiting', handoffReason: '市民要求人工服务', citizen: { phoneMasked: '138****8000' } }] });
    expect((await signed.call('POST', `/api/conversations/${id}/take`, {})).json()).toMatchObject({ conversation: { owner: 'human', seatId: signed.seatId } });
    const said = await signed.call('POST', `/api/conversations/${id}/reply`, { text: '您好', clientId: 'client-0001' });
    const again = await signed.call('POST', `/api/conversations/${id}/reply`, { text: '您好', clientId: 'client-0001' });
    expect(said.json<{ activity: { id: string } }>().activity.id).toBe(again.json<{ activity: { id: string } }>().activity.id);
    await intake.settle();
    expect(intake.sent.map((send) => send.message.content.text)).toEqual(['正在转人工', '您好']);
    const one = (await signed.call('GET', `/api/conversations/${id}`)).json<{ activities: { role: string }[]; receipts: { status: string }[] }>();
    expect(one.activities.map((activity) => activity.role)).toEqual(['citizen', 'bot', 'system', 'system', 'seat']);
    expect(one.receipts.at(-1)).toMatchObject({ status: 'delivered' });
    expect((await signed.call('POST', `/api/conversations/${id}/hand-back`, {})).json()).toMatchObject({ conversation: { owner: 'bot', seatId: null } });
  });

  it('tells the second seat plainly that it was too late', async () => {
    const [first, second] = [await signIn(app, intake), await signIn(app, intake)];
    const id = await waiting();
    await first.call('POST', `/api/conversations/${id}/take`, {});
    const late = await second.call('POST', `/api/conversations/${id}/take`, {});
    expect([late.statusCode, late.json()]).toMatchObject([409, { error: { code: 'conversation.taken' } }]);
    const reply = await second.call('POST', `/api/conversations/${id}/reply`, { text: '抢答', clientId: 'client-0002' });
    expect([reply.statusCode, reply.json()]).toMatchObject([409, { error: { code: 'conversation.not_owner' } }]);
  });

  it('never shows a number or a name but by unmasking with a purpose, which stays in the trail', async () => {
    const [signed, supervisor] = [await signIn(app, intake), await signIn(app, intake, 'supervisor')];
    const id = await waiting();
    const all = [await signed.call('GET', '/api/conversations?view=all'), await signed.call('GET', `/api/conversations/${id}`)];
    for (const response of all) expect(response.body).not.toMatch(/13800138000|王小明/);
    const citizenId = all[1]?.json<{ conversation: { citizen: { id: string } } }>().conversation.citizen.id ?? '';
    expect((await signed.call('POST', `/api/citizens/${citizenId}/unmask`, { purpose: '' })).statusCode).toBe(400);
    expect((await signed.call('POST', `/api/citizens/${citizenId}/unmask`, { purpose: '回拨市民' })).json()).toMatchObject({ phone: '13800138000', name: '王小明' });
    expect((await signed.call('GET', '/api/trail')).statusCode).toBe(403);
    const trail = (await supervisor.call('GET', '/api/trail')).json<{ entries: { action: string; subject: string; purpose: string }[]; brokenAt: number | null }>();
    expect(trail.brokenAt).toBeNull();
    expect(trail.entries.find((entry) => entry.action === 'identity.unmasked')).toMatchObject({ subject: `citizen:${citizenId}`, purpose: '回拨市民' });
    expect(lines.join('\n')).not.toMatch(/13800138000|王小明/);
  });

  it('opens a ticket from the conversation and makes only legal moves', async () => {
    const signed = await signIn(app, intake);
    const id = await waiting();
    await signed.call('POST', `/api/conversations/${id}/take`, {});
    // An item that is finished without a file.
    const item = intake.context.city.items.find(({ code }) => code.startsWith('labor.'));
    const body = { kind: item?.kinds[0], itemCode: item?.code, title: '夜间施工噪声', content: '半夜施工', townId: null, place: '鸿福路', happened: null, phone: '138 0013 8000', name: null, urgency: 'normal', confidential: false, callback: true };
    const opened = await signed.call('POST', `/api/conversations/${id}/tickets`, body);
    expect(opened.statusCode).toBe(200);
    const ticket = opened.json<{ ticket: { id: string; number: string; state: string; version: number; deadlineText: string } }>().ticket;
    expect(ticket.state).toBe('待签收');
    expect(ticket.deadlineText).toMatch(/年/);
    const detail = (await signed.call('GET', `/api/tickets/${ticket.id}`)).json<{ moves: { name: string }[]; events: { type: string }[] }>();
    expect(detail.events.map((event) => event.type)).toEqual(['ticket.opened', 'ticket.accepted', 'ticket.dispatched']);
    expect(detail.moves.map((move) => move.name)).toEqual(['sign', 'requestReturn', 'withdraw']);
    expect((await signed.call('POST', `/api/tickets/${ticket.id}/moves/finish`, { version: ticket.version, result: '完' })).statusCode).toBe(409);
    const signedOff = await signed.call('POST', `/api/tickets/${ticket.id}/moves/sign`, { version: ticket.version });
    expect(signedOff.json()).toMatchObject({ ticket: { state: '办理中' } });
    expect((await signed.call('POST', `/api/tickets/${ticket.id}/moves/finish`, { version: ticket.version, result: '已处理' })).statusCode).toBe(409);
    const version = signedOff.json<{ ticket: { version: number } }>().ticket.version;
    expect((await signed.call('POST', `/api/tickets/${ticket.id}/moves/finish`, { version })).json()).toMatchObject({ error: { code: 'ticket.move_incomplete' } });
    expect((await signed.call('POST', `/api/tickets/${ticket.id}/moves/finish`, { version, result: '已处理' })).json()).toMatchObject({ ticket: { state: '办结待审', result: '已处理' } });
    expect((await signed.call('GET', `/api/tickets?q=${ticket.number}`)).json<{ tickets: object[] }>().tickets).toHaveLength(1);
  });

  it('keeps administration to administrators, and a changed role ends old sessions', async () => {
    const [seat, admin] = [await signIn(app, intake), await signIn(app, intake, 'administrator')];
    expect((await seat.call('GET', '/api/seats')).statusCode).toBe(403);
    expect((await seat.call('POST', '/api/seats', { username: 'newbie', displayName: '新人', role: 'administrator', password: 'long-enough' })).statusCode).toBe(403);
    expect((await admin.call('POST', '/api/seats', { username: 'newbie', displayName: '新人', role: 'seat', password: 'long-enough' })).statusCode).toBe(201);
    expect((await admin.call('POST', '/api/seats', { username: 'newbie', displayName: '新人', role: 'seat', password: 'long-enough' })).statusCode).toBe(409);
    expect((await admin.call('PATCH', `/api/seats/${seat.seatId}`, { active: false })).statusCode).toBe(200);
    expect((await seat.call('GET', '/api/conversations')).statusCode).toBe(401);
    expect((await admin.call('PATCH', `/api/seats/${admin.seatId}`, { role: 'seat' })).statusCode).toBe(409);
  });

  it('shows dead letters to supervisors and tries them again', async () => {
    const supervisor = await signIn(app, intake, 'supervisor');
    intake.receipts.push({ status: 'failed', code: 'wechat.45015', fallback: true });
    await waiting();
    const [letter] = (await supervisor.call('GET', '/api/dead-letters')).json<{ deadLetters: { id: string; lastError: string }[] }>().deadLetters;
    expect(letter).toMatchObject({ lastError: 'wechat.45015' });
    expect((await supervisor.call('POST', `/api/dead-letters/${encodeURIComponent(letter?.id ?? '')}/retry`)).statusCode).toBe(204);
    await intake.settle();
    expect((await supervisor.call('GET', '/api/dead-letters')).json()).toEqual({ deadLetters: [] });
    expect(intake.sent).toHaveLength(2);
  });

  it('describes itself from the same schemas', async () => {
    const document = (await app.inject({ method: 'GET', url: '/api/openapi.json' })).json<{ paths: Record<string, object> }>();
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/api/session', '/api/conversations/{id}/take', '/api/tickets/{id}/moves/{move}']));
  });

  it('answers bad input with 4xx and a code', async () => {
    const signed = await signIn(app, intake);
    const id = await waiting();
    const bad = [
      await signed.call('POST', `/api/conversations/${id}/reply`, { text: '', clientId: 'client-0003' }),
      await signed.call('POST', `/api/conversations/${id}/reply`, { text: '好', clientId: '../../x' }),
      await signed.call('GET', '/api/conversations?limit=100000'),
      await signed.call('GET', '/api/conversations/no-such'),
      await app.inject({ method: 'POST', url: '/api/session', payload: '{"username":', headers: { 'content-type': 'application/json' } }),
      await app.inject({ method: 'POST', url: '/api/session', payload: '<x/>', headers: { 'content-type': 'application/xml' } }),
      await app.inject({ method: 'POST', url: '/api/session', payload: JSON.stringify({ username: 'x'.repeat(2_000_000), password: 'y' }), headers: { 'content-type': 'application/json' } }),
    ];
    expect(bad.map((response) => response.statusCode)).toEqual([400, 400, 400, 404, 400, 415, 413]);
    for (const response of bad) expect(response.json()).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
  });
});
