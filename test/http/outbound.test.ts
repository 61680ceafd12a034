import { fileURLToPath } from 'node:url';
import excel from 'exceljs';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../src/channel/contract.ts';
import { openCampaigns } from '../../src/wiring/campaigns.ts';
import { openOutbound, type Outbound } from '../../src/wiring/outbound.ts';
import { channel as ivrTwilio } from '../../channels/ivr-twilio/index.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { finished } from '../support/tickets.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('campaigns of calls at the desk', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let boss: SignedIn;
  let seat: SignedIn;
  beforeEach(async () => {
    const phone: Channel = { name: 'ivr-twilio', capabilities: ivrTwilio.capabilities, status: { state: 'on' }, call: async () => ({ status: 'refused', code: 'test' }) };
    intake = await openIntake({ channels: async () => [phone] });
    const campaigns = openCampaigns(() => outbound.context);
    const outbound: Outbound = openOutbound({ root, context: intake.context, callWent: campaigns.callWent });
    app = await openApp(intake, { desk: { campaigns: campaigns.context(), channels: [{ module: ivrTwilio, channel: phone }] } });
    boss = await signIn(app, intake, 'supervisor');
    seat = await signIn(app, intake, 'seat');
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const given = { name: '回访', purpose: 'visit', channel: 'ivr-twilio', query: { kind: 'visit' }, concurrency: 2, attempts: 3, retryAfterMinutes: 60, hours: ['09:00-12:00'], workdaysOnly: true };
  const called = async (phone: string | null) => finished(intake, { citizenId: await intake.store.write((repos) => repos.citizens.resolve({ id: intake.context.newId(), channel: 'push', externalUserId: intake.context.newId(), phone, displayName: null, now: intake.clock.now() })) });

  it('shows who would be called, makes, starts, pauses and stops; tells no number', async () => {
    const ticket = await called('13800138000');
    await called(null);
    expect((await boss.call('POST', '/api/outbound/campaigns/preview', given)).json()).toEqual({ found: 2, called: 1, leftOut: { no_number: 1 }, unknown: [] });
    const made = await boss.call('POST', '/api/outbound/campaigns', given);
    expect(made.statusCode).toBe(201);
    const { id } = made.json<{ id: string }>();
    expect(made.json()).toMatchObject({ state: 'draft', flow: 'outboundVisit', tally: { waiting: 1 } });
    expect((await boss.call('GET', '/api/outbound/campaigns')).json()).toMatchObject({ campaigns: [{ id }], channels: ['ivr-twilio'] });
    // Whoever is in one campaign is in no other.
    expect((await boss.call('POST', '/api/outbound/campaigns/preview', given)).json()).toMatchObject({ called: 0, leftOut: { engaged: 1 } });
    expect((await boss.call('POST', '/api/outbound/campaigns', given)).json()).toMatchObject({ error: { code: 'campaign.nobody' } });
    expect((await boss.call('POST', `/api/outbound/campaigns/${id}/pause`)).statusCode).toBe(409);
    expect((await boss.call('POST', `/api/outbound/campaigns/${id}/start`)).json()).toMatchObject({ state: 'running' });
    expect((await boss.call('POST', `/api/outbound/campaigns/${id}/pause`)).json()).toMatchObject({ state: 'paused' });
    expect((await boss.call('POST', `/api/outbound/campaigns/${id}/stop`)).json()).toMatchObject({ state: 'stopped', tally: { skipped: 1 } });
    const targets = await boss.call('GET', `/api/outbound/campaigns/${id}/targets`);
    expect(targets.json()).toMatchObject({ targets: [{ ticketNumber: ticket.number, state: 'skipped', code: 'stopped', attempts: 0, calls: [] }] });
    expect(targets.body).not.toContain('13800138000');
    const trail = (await intake.store.read((repos) => repos.trail.latest(10))).map(({ action }) => action);
    expect(trail).toEqual(expect.arrayContaining(['campaign.created', 'campaign.running', 'campaign.paused', 'campaign.stopped']));
  });

  it('is for leaders, and refuses what makes no sense', async () => {
    for (const [method, url] of [['GET', '/api/outbound/campaigns'], ['POST', '/api/outbound/campaigns'], ['POST', '/api/outbound/campaigns/preview'], ['GET', '/api/outbound/campaigns/x'], ['POST', '/api/outbound/campaigns/x/start'], ['GET', '/api/outbound/campaigns/x/targets']] as const) {
      expect([url, (await seat.call(method, url, method === 'POST' ? given : undefined)).statusCode]).toEqual([url, 403]);
    }
    expect((await boss.call('GET', '/api/outbound/campaigns/x')).statusCode).toBe(404);
    const code = async (over: object): Promise<unknown> => (await boss.call('POST', '/api/outbound/campaigns', { ...given, ...over })).json<{ error: { code: string } }>().error.code;
    expect(await code({ hours: ['12:00-09:00'] })).toBe('campaign.bad_hours');
    expect(await code({ purpose: 'notice', query: { kind: 'open' } })).toBe('campaign.no_words');
    expect(await code({ tickets: ['20261122000018'] })).toBe('campaign.no_targets');
    expect(await code({ query: { kind: 'abandoned' } })).toBe('campaign.no_targets');
    expect(await code({ channel: 'push' })).toBe('campaign.channel_off');
    expect((await boss.call('POST', '/api/outbound/campaigns', { ...given, attempts: 9 })).statusCode).toBe(400);
    // There is no field for telephone numbers: nobody is named by them.
    expect(await code({ query: undefined, tickets: ['13800138000'] })).toBe('campaign.nobody');
  });

  it('reads ticket numbers of a file and leaves telephone numbers in it', async () => {
    const { number } = await called('13800138000');
    const csv = `工单号,电话\n${number},13800138001\n${number.slice(0, 4)} ${number.slice(4)},13800138002\n`;
    const read = (kind: 'csv' | 'xlsx', bytes: Buffer) => boss.call('POST', '/api/outbound/ticket-list', { kind, base64: bytes.toString('base64') });
    expect((await read('csv', Buffer.from(`\uFEFF${csv}`))).json()).toEqual({ tickets: [number], refused: 2 });
    const book = new excel.Workbook();
    book.addWorksheet('清单').addRows([['工单号'], [number], ['13800138001']]);
    expect((await read('xlsx', Buffer.from(await book.xlsx.writeBuffer()))).json()).toEqual({ tickets: [number], refused: 1 });
    expect((await read('xlsx', Buffer.from('no workbook'))).json()).toMatchObject({ error: { code: 'campaign.bad_file' } });
  });
});
