import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asAddress } from '../../src/domain/activity.ts';
import { receive } from '../../src/intake/receive.ts';
import { openApp, signIn } from '../support/desk.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

const CODE = '91350100M000100Y43';

describe('the direct lane of enterprises at the desk', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  beforeEach(async () => {
    intake = await openIntake();
    intake.script = () => [{ kind: 'say', text: '正在转人工', inputHint: 'acceptingInput' }, { kind: 'handoff', reason: '市民要求人工服务', understood: { flow: null, slots: [], items: [] } }];
    await intake.startBus();
    app = await openApp(intake);
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const call = async (user: string, phone: string): Promise<string> => {
    const got = await receive(intake.context, aMessage('人工', { address: asAddress(`peer ${user}`), identity: { externalUserId: user, phone } }));
    await intake.settle();
    return got.conversationId;
  };
  const body = { name: '示范精密制造有限公司', creditCode: CODE, phones: ['138 0013 8000'], seatUsername: '' };

  it('is entered by supervisors, with every fault told and no number given back', async () => {
    const [seat, supervisor] = [await signIn(app, intake), await signIn(app, intake, 'supervisor')];
    expect((await seat.call('PUT', '/api/enterprises', body)).statusCode).toBe(403);
    const refused = await supervisor.call('PUT', '/api/enterprises', { ...body, creditCode: '123', phones: ['9'] });
    expect([refused.statusCode, refused.json()]).toMatchObject([400, { error: { code: 'enterprise.invalid', message: '统一社会信用代码不对（18 位，末位是校验码）；第 1 个电话不是电话号码。' } }]);
    const entered = await supervisor.call('PUT', '/api/enterprises', body);
    expect(entered.json()).toMatchObject({ enterprise: { name: body.name, creditCode: CODE, active: true } });
    const list = await seat.call('GET', '/api/enterprises?q=精密');
    expect(list.json<{ enterprises: unknown[] }>().enterprises).toHaveLength(1);
    expect(entered.body + list.body).not.toContain('13800138000');
  });

  it('comes before others in the queue, with its named seat, and its tickets go by its own deadlines', async () => {
    const supervisor = await signIn(app, intake, 'supervisor');
    const username = (await supervisor.call('GET', '/api/session')).json<{ seat: { username: string } }>().seat.username;
    await supervisor.call('PUT', '/api/enterprises', { ...body, seatUsername: username });
    const [stranger, theirs] = [await call('u1', '13900139000'), await call('u2', '13800138000')];
    const queue = (await supervisor.call('GET', '/api/conversations?view=waiting')).json<{ conversations: { id: string; enterprise: { name: string; seatId: string } | null }[] }>().conversations;
    expect(queue.map(({ id }) => id)).toEqual([theirs, stranger]);
    expect(queue.map(({ enterprise }) => enterprise)).toMatchObject([{ name: body.name, seatId: supervisor.seatId }, null]);
    const ticket = { kind: '求助', itemCode: null, title: '用地手续办不下来', content: '用地手续办不下来，厂房无法开工', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false, clientId: 'form-0001' };
    await supervisor.call('POST', `/api/conversations/${theirs}/take`, {});
    const first = (await supervisor.call('POST', `/api/conversations/${theirs}/tickets`, ticket)).json<{ ticket: { id: string; deadlineRule: string } }>().ticket;
    expect(await intake.store.read((repos) => repos.tickets.get(first.id))).toMatchObject({ profileId: intake.context.city.enterpriseDeadlines.id, enterpriseId: expect.any(String) });
    // The same form sent again: the same ticket, and the citizen is not told twice.
    const again = (await supervisor.call('POST', `/api/conversations/${theirs}/tickets`, ticket)).json<{ ticket: { id: string } }>().ticket;
    await intake.settle();
    expect([again.id, intake.sent.filter((send) => send.message.content.text.includes('已为您登记工单')).length]).toEqual([first.id, 1]);
  });

  it('binds an account by hand, and takes it back', async () => {
    const [seat, supervisor] = [await signIn(app, intake), await signIn(app, intake, 'supervisor')];
    const { enterprise } = (await supervisor.call('PUT', '/api/enterprises', { ...body, phones: [] })).json<{ enterprise: { id: string } }>();
    const id = await call('u1', '13900139000');
    const citizenId = (await intake.store.read((repos) => repos.conversations.get(id)))?.citizenId ?? '';
    expect((await seat.call('POST', `/api/citizens/${citizenId}/enterprise`, { enterpriseId: 'nothing' })).statusCode).toBe(404);
    expect((await seat.call('POST', `/api/citizens/${citizenId}/enterprise`, { enterpriseId: enterprise.id })).statusCode).toBe(200);
    expect(await intake.store.read((repos) => repos.conversations.get(id))).toMatchObject({ enterpriseId: enterprise.id });
    expect((await seat.call('POST', `/api/citizens/${citizenId}/enterprise`, { enterpriseId: null })).statusCode).toBe(200);
    expect(await intake.store.read((repos) => repos.conversations.get(id))).toMatchObject({ enterpriseId: null });
    expect((await intake.store.read((repos) => repos.trail.latest(2))).map(({ action }) => action)).toEqual(['enterprise.unbound', 'enterprise.bound']);
  });
});
