import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi, type Api } from '../../src/web/desk/api/client.ts';
import { openApp, signIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { handled, move } from '../support/tickets.ts';

/** The pages' client against the server itself: a row that its guards do not know would be left out without a word. */
describe("the desk's client of what hangs on tickets", () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let api: Api;
  beforeEach(async () => {
    intake = await openIntake();
    intake.clock.set(Date.parse('2026-11-23T09:00:00+08:00'));
    app = await openApp(intake);
    const signed = await signIn(app, intake, 'administrator');
    api = createApi({
      signedOut: () => undefined,
      fetch: async (url, { method, body }) => {
        const answer = await signed.call(method === 'POST' || method === 'PATCH' || method === 'DELETE' ? method : 'GET', url, typeof body === 'string' ? JSON.parse(body) : undefined);
        return new Response(answer.statusCode === 204 ? null : answer.body, { status: answer.statusCode });
      },
    });
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  it('reads requests, clocks and supervisions, and ends one', async () => {
    const ticket = await handled(intake);
    await move(intake, ticket, 'requestReturn', { reasonCode: 'not_our_area', reason: '在邻镇' });
    expect(await api.ticketWork.waiting()).toMatchObject([{ request: { kind: 'return', reason: '在邻镇' }, ticket: { id: ticket.id }, precedents: { upheld: 0, refused: 0 } }]);
    expect((await api.ticketWork.clocks(ticket.id)).map(({ stage }) => stage)).toContain('handle');
    expect(await api.ticketWork.files(ticket.id)).toEqual([]);
    expect(await api.ticketWork.numbers(ticket.id)).toEqual([]);
    const raised = await api.ticketWork.supervise(ticket.id, { level: 2, words: '请核实', person: '分管副局长' });
    expect(await api.ticketWork.openSupervisions()).toMatchObject([{ id: raised.id, levelName: '重点督办' }]);
    const { work } = await api.ticket(ticket.id);
    expect(work).toMatchObject({ requests: [{ state: 'asked' }], supervisions: [{ id: raised.id }], precedents: { upheld: 0 } });
    await api.ticketWork.endSupervision(raised.id, '已整改');
    expect(await api.ticketWork.openSupervisions()).toEqual([]);
    expect(await api.ticketWork.supervisionsOf('2026-11')).toMatchObject([{ id: raised.id, outcome: '已整改' }]);
    expect(await api.tickets({ supervision: '1', order: 'due', overdue: true, enterprise: true, dueBefore: intake.clock.now() })).toEqual([]);
  });

  it('adds a partner and a key, revokes it and sends again', async () => {
    const { events } = await api.partners.all();
    expect(await api.partners.add('city-app', { name: '示例平台', webhookUrl: 'https://partner.example/hook', events, scope: 'all' })).not.toBe('');
    expect(await api.partners.addKey('city-app', '业务系统')).not.toBe('');
    const [key] = await api.partners.keys('city-app');
    await api.partners.revokeKey('city-app', key?.id ?? '');
    expect((await api.partners.keys('city-app'))[0]?.revokedAt).toBe(intake.clock.now());
    expect(await api.partners.renewSecret('city-app')).not.toBe('');
    await api.partners.change('city-app', { active: false });
    expect((await api.partners.all()).partners).toMatchObject([{ id: 'city-app', active: false, events }]);
    expect(await api.partners.deliveries({ partner: 'city-app', state: 'dead' })).toEqual([]);
    expect(await api.partners.replaySince('city-app', 0, true)).toBe(0);
  });
});
