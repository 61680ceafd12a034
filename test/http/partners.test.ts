import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OVERLAP_MS, validSecrets } from '../../src/partners/signature.ts';
import type { WebhookDelivery } from '../../src/store/contract.ts';
import { aTicket } from '../factories/index.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { openPartnerDoor } from '../support/open311.ts';

describe('partner platforms at the desk', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let admin: SignedIn;
  let changed: number;
  beforeEach(async () => {
    intake = await openIntake();
    changed = 0;
    app = await openApp(intake, { desk: { partnersChanged: async () => void (changed += 1) } });
    admin = await signIn(app, intake, 'administrator');
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const body = { id: 'province', name: '省平台', webhookUrl: 'https://province.example/hook', events: ['ticket.opened'], scope: 'own' };
  const create = (over: object = {}) => admin.call('POST', '/api/partners', { ...body, ...over });
  const secretOf = () => intake.store.read((repos) => repos.partners.webhookSecret('province'));

  it('are added with a secret that is shown once', async () => {
    const answer = await create();
    expect([answer.statusCode, answer.json()]).toMatchObject([201, { partner: { ...body, active: true }, webhookSecret: expect.stringMatching(/^whsec_/) }]);
    expect(validSecrets(await secretOf(), intake.clock.now())).toEqual([answer.json<{ webhookSecret: string }>().webhookSecret]);
    const list = await admin.call('GET', '/api/partners');
    expect(list.json()).toMatchObject({ partners: [body], events: expect.arrayContaining(['ticket.supervised']) });
    expect(list.body).not.toContain('whsec_');
    expect(list.body).not.toContain('ticket.noted');
    expect((await create()).json()).toMatchObject({ error: { code: 'partner.taken' } });
    expect(changed).toBe(1);
  });

  it('refuse what cannot be: events that stay inside, addresses that are none', async () => {
    const cases: [object, string][] = [[{ events: ['ticket.noted'] }, 'partner.unknown_event'], [{ webhookUrl: 'ftp://x' }, 'partner.bad_url'], [{ webhookUrl: 'https://u:p@x.example' }, 'partner.bad_url'], [{ id: 'Provinz!' }, 'http.bad_request'], [{ scope: 'everything' }, 'http.bad_request']];
    for (const [over, code] of cases) expect((await create(over)).json()).toMatchObject({ error: { code } });
    expect(await intake.store.read((repos) => repos.partners.list())).toEqual([]);
  });

  it('are changed, one thing at a time, and get a new secret beside the old one', async () => {
    const first = (await create()).json<{ webhookSecret: string }>().webhookSecret;
    expect((await admin.call('PATCH', '/api/partners/province', { scope: 'all', webhookUrl: '' })).json()).toMatchObject({ partner: { ...body, scope: 'all', webhookUrl: null } });
    const next = await admin.call('POST', '/api/partners/province/secret');
    const { webhookSecret, previousUntil } = next.json<{ webhookSecret: string; previousUntil: number }>();
    expect([next.statusCode, previousUntil]).toEqual([201, intake.clock.now() + OVERLAP_MS]);
    expect(validSecrets(await secretOf(), intake.clock.now())).toEqual([webhookSecret, first]);
    expect((await admin.call('PATCH', '/api/partners/nobody', { name: 'x' })).statusCode).toBe(404);
    expect((await admin.call('GET', '/api/trail')).json<{ entries: { action: string }[] }>().entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['partner.created', 'partner.changed', 'partner.secret_rotated']));
  });

  it('get keys that are shown once, work at the door and can be revoked', async () => {
    await create();
    const made = await admin.call('POST', '/api/partners/province/keys', { name: '生产' });
    const { key, apiKey } = made.json<{ key: { id: string }; apiKey: string }>();
    expect(made.statusCode).toBe(201);
    const door = await openPartnerDoor(intake);
    const status = async () => (await door.inject(`/open311/v2/services.json?api_key=${apiKey}`)).statusCode;
    expect(await status()).toBe(200);
    const listed = await admin.call('GET', '/api/partners/province/keys');
    expect(listed.json()).toMatchObject({ keys: [{ id: key.id, name: '生产', revokedAt: null }] });
    expect(listed.body).not.toContain(apiKey);
    expect((await admin.call('DELETE', `/api/partners/province/keys/${key.id}`)).statusCode).toBe(204);
    expect(await status()).toBe(403);
    expect((await admin.call('DELETE', '/api/partners/other/keys/nothing')).statusCode).toBe(404);
    const brief = await admin.call('POST', '/api/partners/province/keys', { name: '试用', expiresAt: intake.clock.now() + 1_000 });
    const expiring = brief.json<{ apiKey: string }>().apiKey;
    intake.clock.advance(1_000);
    expect((await door.inject(`/open311/v2/services.json?api_key=${expiring}`)).statusCode).toBe(403);
    expect((await admin.call('POST', '/api/partners/province/keys', { name: '过期', expiresAt: 1 })).json()).toMatchObject({ error: { code: 'partner.key_over' } });
    await door.close();
  });

  it('deliveries are listed by state and sent again, one or since a moment', async () => {
    await create();
    const delivery = (id: string, seq: number, state: WebhookDelivery['state'], createdAt = intake.clock.now()): WebhookDelivery => ({ id, partnerId: 'province', ticketId: 'ticket-1', seq, state, attempts: 3, lastResult: 'http.500', createdAt, deliveredAt: null });
    await intake.store.write(async ({ webhookDeliveries }) => {
      await webhookDeliveries.insert(delivery('d1', 1, 'dead', 1_000));
      await webhookDeliveries.insert(delivery('d2', 2, 'delivered'));
      await webhookDeliveries.insert(delivery('d3', 3, 'waiting'));
    });
    const supervisor = await signIn(app, intake, 'supervisor');
    const list = async (query: string) => (await supervisor.call('GET', `/api/webhook-deliveries?${query}`)).json<{ deliveries: { id: string }[] }>().deliveries.map(({ id }) => id);
    expect([await list(''), await list('state=dead'), await list('partner=nobody'), await list('before=d3&limit=1')]).toEqual([['d3', 'd2', 'd1'], ['d1'], [], ['d2']]);
    expect((await supervisor.call('POST', '/api/webhook-deliveries/d1/replay')).statusCode).toBe(204);
    expect((await supervisor.call('POST', '/api/webhook-deliveries/d1/replay')).json()).toMatchObject({ error: { code: 'partner.delivery_waits' } });
    expect((await supervisor.call('POST', '/api/partners/province/replay', { since: 2_000 })).json()).toEqual({ replayed: 1 });
    expect((await supervisor.call('POST', '/api/partners/nobody/replay', { since: 0 })).statusCode).toBe(404);
    expect(await list('state=waiting')).toEqual(['d3', 'd2', 'd1']);
    expect((await intake.rows())['outbox']).toBe(2);
  });

  it('numbers of other platforms stand on the ticket', async () => {
    await create();
    const citizenId = await intake.store.write((repos) => repos.citizens.resolve({ id: 'citizen-1', channel: 'push', externalUserId: null, phone: null, displayName: null, now: intake.clock.now() }));
    const ticket = aTicket({ citizenId });
    await intake.store.write(async (repos) => {
      await repos.tickets.insert(ticket, null);
      await repos.externalNumbers.insert({ partnerId: 'province', number: 'SZ-1', ticketId: ticket.id, at: 5 });
      await repos.externalNumbers.insert({ partnerId: 'gone', number: ticket.number, ticketId: ticket.id, at: 6 });
    });
    const seat = await signIn(app, intake);
    expect((await seat.call('GET', `/api/tickets/${ticket.id}/external-numbers`)).json()).toEqual({ numbers: [{ partnerId: 'province', partnerName: '省平台', number: 'SZ-1', at: 5 }, { partnerId: 'gone', partnerName: 'gone', number: null, at: 6 }] });
    expect((await seat.call('GET', '/api/tickets/nothing/external-numbers')).statusCode).toBe(404);
  });
});
