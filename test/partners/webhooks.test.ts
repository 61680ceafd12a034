import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ticket } from '../../src/domain/ticket.ts';
import { enqueue, type IntakeContext, writeUnit } from '../../src/intake/context.ts';
import { createTicketEventHandler, hearsAny, type TicketListener } from '../../src/intake/ticket-events.ts';
import { createAddressRules } from '../../src/partners/addresses.ts';
import { createCarrier } from '../../src/partners/carrier.ts';
import { WEBHOOK_KIND } from '../../src/partners/events.ts';
import { collectFields } from '../../src/partners/fields.ts';
import { createPartnerBook, createPartnerListener } from '../../src/partners/listener.ts';
import { createMediaHandler } from '../../src/partners/media.ts';
import { replayOne, replaySince } from '../../src/partners/replay.ts';
import { readReport } from '../../src/partners/report.ts';
import { PARTNER_MEDIA_KIND, sendIn } from '../../src/partners/send-in.ts';
import { RequestViewSchema, WebhookBodySchema } from '../../src/partners/schema.ts';
import { createWebhookHandler, MAX_ATTEMPTS } from '../../src/partners/send-out.ts';
import { isSigned, rotated } from '../../src/partners/signature.ts';
import { createValve } from '../../src/partners/valve.ts';
import type { Partner } from '../../src/store/contract.ts';
import { urgeTicket } from '../../src/tickets/additions.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { TICKET_EVENT_KIND } from '../../src/tickets/record.ts';
import { city, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { addPartner, schemaFaults } from '../support/open311.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { PNG } from '../support/webchat-server.ts';

const item = city.items[0];
if (item === undefined) throw new Error('the demo city has no item');

describe('webhooks to partners', () => {
  let intake: IntakeUnderTest;
  let context: IntakeContext;
  let receiver: Receiver;
  let book: ReturnType<typeof createPartnerBook>;
  let counted: string[];
  const secret = rotated(null, 0);

  beforeEach(async () => {
    intake = await openIntake();
    receiver = await openReceiver();
    counted = [];
    book = createPartnerBook(intake.store);
    const listener: TicketListener = createPartnerListener({ book, now: intake.clock.now, newId: intake.context.newId });
    context = { ...intake.context, hears: hearsAny([listener]) };
    await start([listener], ['127.0.0.0/8']);
  });
  afterEach(async () => {
    await receiver.close();
    await intake.close();
  });

  const start = async (listeners: readonly TicketListener[], networks: readonly string[], timeoutMs = 2_000) => {
    const rules = createAddressRules(networks);
    const { store } = intake;
    const carry = createCarrier({ rules, timeoutMs, maxBytes: 20_000, now: intake.clock.now });
    await intake.bus.start({
      [TICKET_EVENT_KIND]: createTicketEventHandler(context, listeners),
      [WEBHOOK_KIND]: createWebhookHandler({ store, view: { city, mediaUrl: (token) => `https://yihu.test/media/${token}/file` }, carry, valve: createValve(intake.clock.now), now: intake.clock.now, random: () => 0.5, userAgent: 'Yihu/test', count: ({ status }) => void counted.push(status) }),
      [PARTNER_MEDIA_KIND]: createMediaHandler({ store, carry, save: (bytes, name) => context.media.save(bytes, name), now: intake.clock.now, newId: context.newId }),
    });
  };
  const subscribe = async (over: Partial<Partner> = {}) => {
    const { partner } = await addPartner(intake, { webhookUrl: receiver.url, events: ['ticket.opened', 'ticket.dispatched', 'ticket.urged', 'ticket.signed'], secret: secret.kept, ...over });
    await book.refresh();
    return partner;
  };
  const report = async (partner: Partner, fields: Record<string, string> = {}): Promise<Ticket> => {
    const given = collectFields(Object.entries({ service_code: item.code, description: '半夜施工，电话13800138000', address_string: '东城大道 1 号', ...fields }));
    const read = readReport(city, given);
    if ('faults' in read) throw new Error(JSON.stringify(read.faults));
    return (await writeUnit(context, (unit) => sendIn(context, unit, { partner, report: read.report, canonical: given.canonical, emergency: false }))).ticket;
  };
  const deliveries = async () => (await intake.store.read((repos) => repos.webhookDeliveries.list({ limit: 100 }))).toReversed();
  const later = async (ms: number) => {
    intake.clock.advance(ms);
    await intake.settle();
  };
  const types = () => receiver.got.map(({ body }) => (JSON.parse(body) as { type: string }).type);

  it('are signed, masked, in order, once for each event', async () => {
    const partner = await subscribe();
    const ticket = await report(partner, { yihu_external_number: 'SZ-1', phone: '13800138000', first_name: '王小明' });
    await writeUnit(context, (unit) => urgeTicket(context, unit, ticket.id));
    await intake.settle();
    expect(types()).toEqual(['ticket.opened', 'ticket.dispatched', 'ticket.urged']);
    for (const { headers, body, path } of receiver.got) {
      expect(isSigned(secret.secret, headers, body, Math.floor(intake.clock.now() / 1000))).toBe(true);
      expect([path, headers['content-type'], headers['user-agent']]).toEqual(['/hook', 'application/json; charset=utf-8', 'Yihu/test']);
      expect(body).not.toMatch(/13800138000|王小明/);
      const parsed = JSON.parse(body) as { timestamp: string; data: { sequence: number; request: object; actor: string } };
      expect(schemaFaults('request', parsed.data.request)).toEqual([]);
      expect(Value.Errors(WebhookBodySchema, parsed)).toEqual([]);
      // Whatever is sent is promised.
      expect(Object.keys(parsed.data.request).filter((name) => !(name in RequestViewSchema.properties))).toEqual([]);
      expect(parsed).toMatchObject({ timestamp: expect.stringMatching(/\+08:00$/), data: { request: { service_request_id: ticket.number, yihu_external_number: 'SZ-1' } } });
    }
    expect((await deliveries()).map(({ seq, state, attempts, lastResult }) => [seq, state, attempts, lastResult])).toEqual([[1, 'delivered', 1, 'http.204'], [3, 'delivered', 1, 'http.204'], [4, 'delivered', 1, 'http.204']]);
    expect(receiver.got.map(({ headers }) => headers['webhook-id'])).toEqual((await deliveries()).map(({ id }) => id));
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it('go to who sent the ticket, or to who was given all, and never about a confidential one of others', async () => {
    const own = await subscribe({ id: 'own', webhookUrl: `${receiver.url}/own`, events: ['ticket.opened'] });
    await subscribe({ id: 'all', webhookUrl: `${receiver.url}/all`, events: ['ticket.opened'], scope: 'all' });
    await subscribe({ id: 'narrow', webhookUrl: `${receiver.url}/narrow`, events: ['ticket.opened'] });
    await subscribe({ id: 'off', webhookUrl: `${receiver.url}/off`, events: ['ticket.opened'], scope: 'all', active: false });
    await subscribe({ id: 'other', webhookUrl: `${receiver.url}/other`, events: ['ticket.finished'], scope: 'all' });
    await report(own);
    await report(own, { description: '保密', 'attribute[confidential]': 'yes' });
    await intake.settle();
    expect(receiver.got.map(({ path }) => path).toSorted()).toEqual(['/hook/all', '/hook/own', '/hook/own']);
  });

  it('store nothing while nobody is subscribed', async () => {
    const partner = await subscribe({ events: [] });
    await report(partner);
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it('a server that fails is asked again after longer and longer; what comes behind waits its turn', async () => {
    const partner = await subscribe();
    receiver.answers.push(500, (response) => response.destroy(), { status: 302, headers: { location: 'http://169.254.169.254/' } }, 204);
    const ticket = await report(partner);
    await intake.settle();
    expect(types()).toEqual(['ticket.opened']);
    await later(4_999);
    expect(receiver.got).toHaveLength(1);
    await later(1);
    expect(receiver.got).toHaveLength(2);
    await later(30_000);
    expect(types()).toEqual(['ticket.opened', 'ticket.opened', 'ticket.opened']); // a redirect is not followed
    await later(120_000);
    expect(types().slice(3)).toEqual(['ticket.opened', 'ticket.dispatched']);
    expect(new Set(receiver.got.slice(0, 4).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect((await deliveries())[0]).toMatchObject({ ticketId: ticket.id, state: 'delivered', attempts: 4, lastResult: 'http.204' });
  });

  it('hears a Retry-After, in seconds or as a date, and gives up at 410', async () => {
    const partner = await subscribe({ events: ['ticket.opened'] });
    receiver.answers.push({ status: 429, headers: { 'retry-after': '600' } }, { status: 503, headers: { 'retry-after': new Date(Math.ceil(intake.clock.now() / 1000) * 1000 + 4_200_000).toUTCString() } }, 410);
    await report(partner);
    await intake.settle();
    await later(599_999);
    expect(receiver.got).toHaveLength(1);
    await later(1);
    expect(receiver.got).toHaveLength(2);
    await later(3_500_000);
    expect(receiver.got).toHaveLength(2);
    await later(200_000);
    expect((await deliveries()).map(({ state, lastResult }) => [state, lastResult])).toEqual([['dead', 'http.410']]);
  });

  it('ends as a dead letter that can be sent again, with the same id, and does not hold up the next event for ever', async () => {
    const partner = await subscribe();
    for (let n = 0; n < MAX_ATTEMPTS; n += 1) receiver.answers.push(500);
    await report(partner);
    await intake.settle();
    for (let n = 0; n < MAX_ATTEMPTS; n += 1) await later(24 * 3_600_000);
    expect((await deliveries()).map(({ seq, state, attempts, lastResult }) => [seq, state, attempts, lastResult])).toEqual([[1, 'dead', MAX_ATTEMPTS, 'http.500'], [3, 'delivered', 1, 'http.204']]);
    expect(await intake.store.read((repos) => repos.outbox.dead(5))).toEqual([]);
    expect(counted.at(-2)).toBe('dead');
    const [dead] = await deliveries();
    const again = () => writeUnit(context, async (unit) => enqueue(unit, [await replayOne(context, unit.repos, dead?.id ?? '')]));
    await again();
    await expect(again()).rejects.toMatchObject({ code: 'partner.delivery_waits', status: 409 });
    await intake.settle();
    expect((await deliveries())[0]).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(receiver.got.at(-1)?.headers['webhook-id']).toBe(dead?.id);
    await expect(writeUnit(context, (unit) => replayOne(context, unit.repos, 'nothing'))).rejects.toMatchObject({ code: 'partner.delivery_not_found', status: 404 });
  });

  it('sends everything again since a moment, oldest first', async () => {
    const partner = await subscribe({ events: ['ticket.opened', 'ticket.dispatched'] });
    await report(partner, { description: '一' });
    await intake.settle();
    intake.clock.advance(60_000);
    const since = intake.clock.now();
    await report(partner, { description: '二' });
    await intake.settle();
    receiver.got.length = 0;
    const replay = (at: number) => writeUnit(context, async (unit) => {
      const rows = await replaySince(context, unit.repos, partner.id, at, null);
      await enqueue(unit, rows);
      return rows.length;
    });
    expect(await replay(since)).toBe(2);
    expect(await replay(0)).toBe(2); // the two that wait are not asked for twice
    await intake.settle();
    expect(types()).toHaveLength(4);
    expect((await deliveries()).every(({ state }) => state === 'delivered')).toBe(true);
    expect(await writeUnit(context, (unit) => replaySince(context, unit.repos, partner.id, 0, 'dead'))).toEqual([]);
  });

  it('signs with both secrets for a day after a change', async () => {
    const next = rotated(secret.kept, intake.clock.now());
    const partner = await subscribe({ events: ['ticket.opened'] });
    await intake.store.write((repos) => repos.partners.put(partner, next.kept));
    await report(partner);
    await intake.settle();
    intake.clock.advance(24 * 3_600_000);
    await report(partner, { description: '第二天' });
    await intake.settle();
    const held = (secretOf: string) => receiver.got.map(({ headers, body }) => isSigned(secretOf, headers, body, Number(headers['webhook-timestamp'])));
    expect([held(secret.secret), held(next.secret)]).toEqual([[true, false], [true, true]]);
  });

  it('never goes to a private address unless its network is named', async () => {
    await intake.close();
    intake = await openIntake();
    book = createPartnerBook(intake.store);
    const listener: TicketListener = createPartnerListener({ book, now: intake.clock.now, newId: intake.context.newId });
    context = { ...intake.context, hears: hearsAny([listener]) };
    await start([listener], []);
    for (const [index, url] of [receiver.url, `http://localhost:${receiver.port}/`, `https://localhost:${receiver.port}/`, `https://[::ffff:127.0.0.1]:${receiver.port}/`, 'https://169.254.169.254/latest/meta-data'].entries()) await report(await subscribe({ webhookUrl: url, events: ['ticket.opened'] }), { description: `第${index}件` });
    await intake.settle();
    expect((await deliveries()).map(({ state, lastResult }) => [state, lastResult])).toEqual(Array.from({ length: 5 }, () => ['dead', 'webhook.private_address']));
    expect(receiver.got).toEqual([]);
  });

  it('a slow or dead server costs its own time only', async () => {
    await intake.bus.stop(1_000);
    await intake.close();
    intake = await openIntake();
    book = createPartnerBook(intake.store);
    const listener: TicketListener = createPartnerListener({ book, now: intake.clock.now, newId: intake.context.newId });
    context = { ...intake.context, hears: hearsAny([listener]) };
    await start([listener], ['127.0.0.0/8'], 150);
    const gone = await openReceiver();
    await gone.close();
    const slow = await subscribe({ events: ['ticket.opened'] });
    const dead = await subscribe({ webhookUrl: gone.url, events: ['ticket.opened'] });
    receiver.answers.push(() => undefined, (response) => void response.writeHead(200).write('half'));
    await report(slow);
    await report(dead);
    await intake.settle();
    await later(5_000);
    expect((await deliveries()).map(({ state, attempts, lastResult }) => [state, attempts, lastResult])).toEqual([['waiting', 2, 'webhook.timeout'], ['waiting', 2, 'ECONNREFUSED']]);
    const back = await openReceiver(gone.port);
    await later(30_000);
    expect((await deliveries()).map(({ state, attempts }) => [state, attempts])).toEqual([['delivered', 3], ['delivered', 3]]);
    expect(back.got).toHaveLength(1);
    await back.close();
  });

  it('a partner that was switched off, or may not see the ticket any more, gets nothing', async () => {
    const all = await subscribe({ scope: 'all', events: ['ticket.opened', 'ticket.signed'] });
    const sender = await subscribe({ events: [] });
    receiver.answers.push(500);
    const ticket = await report(sender);
    await intake.settle();
    await intake.store.write((repos) => repos.tickets.update(ticket.id, ticket.version, { confidential: true }));
    await later(60_000);
    expect((await deliveries()).map(({ state, lastResult }) => [state, lastResult])).toEqual([['dead', 'webhook.not_theirs']]);
    receiver.answers.push(500);
    const open = await report(sender, { description: '另一件' });
    await intake.settle();
    await intake.store.write((repos) => repos.partners.put({ ...all, active: false }, null));
    await later(60_000);
    expect((await deliveries()).at(-1)).toMatchObject({ ticketId: open.id, state: 'dead', lastResult: 'webhook.off' });
    expect(receiver.got).toHaveLength(2);
  });

  it('a process that dies after sending sends the same id once more, and the events after it are not lost', async () => {
    const partner = await subscribe();
    const ticket = await report(partner);
    await intake.settle();
    const signed = await intake.store.read((repos) => repos.tickets.get(ticket.id));
    await writeUnit(context, (unit) => moveTicket(context, unit, ticket.id, 'sign', { version: signed?.version ?? 0 }, { role: 'seat', actor: { kind: 'seat', seatId: 'seat-1' } }));
    // The receiver has it, and before that is written down somebody else takes the lane.
    receiver.answers.push((response) => {
      void intake.store.write((repos) => repos.lanes.acquire(`webhook:${partner.id}:${ticket.id}`, 'thief', intake.clock.now() + 3_600_000, 1)).then(() => response.writeHead(204).end());
    });
    await intake.settle();
    const ids = receiver.got.map(({ headers }) => headers['webhook-id']);
    intake.clock.advance(3_700_000);
    await intake.settle();
    expect(types().at(-1)).toBe('ticket.signed');
    expect(ids).toHaveLength(3);
    expect(receiver.got).toHaveLength(4);
    expect(receiver.got[3]?.headers['webhook-id']).toBe(ids[2]);
    expect((await deliveries()).map(({ seq, state }) => [seq, state])).toEqual([[1, 'delivered'], [3, 'delivered'], [4, 'delivered']]);
  });

  it('keeps files that a report names: fetched once, with the ticket, refused when they are none', async () => {
    const partner = await subscribe({ events: [] });
    receiver.answers.push({ status: 200, body: PNG }, { status: 200, body: Buffer.from([0, 1, 2, 3]) }, { status: 200, body: Buffer.alloc(30_000) }, 404);
    const given = collectFields([['service_code', item.code], ['address_string', 'x'], ['description', '有照片'], ...['a.png', 'b.bin', 'c.png', 'd.png'].map((name) => ['media_url', `http://127.0.0.1:${receiver.port}/${name}`] as const)]);
    const read = readReport(city, given);
    if ('faults' in read) throw new Error('faults');
    const { ticket } = await writeUnit(context, (unit) => sendIn(context, unit, { partner, report: read.report, canonical: given.canonical, emergency: false }));
    await intake.settle();
    const files = await intake.store.read((repos) => repos.ticketFiles.of(ticket.id));
    expect(files).toMatchObject([{ name: 'a.png', contentType: 'image/png', purpose: 'citizen', addedBy: `partner:${partner.id}` }]);
    expect((await intake.store.read((repos) => repos.media.open(files[0]?.media ?? '', intake.clock.now())))?.bytes.equals(PNG)).toBe(true);
    expect((await intake.store.read((repos) => repos.outbox.dead(9))).map(({ lastError }) => lastError).toSorted()).toEqual(['http.404', 'media.too_large', 'media.type_refused']);
  });
});
