import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeUnit } from '../../src/intake/context.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { city, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { until } from '../support/until.ts';

describe('catalogues at the desk', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let author: SignedIn;
  let boss: SignedIn;
  let announced = 0;
  beforeEach(async () => {
    intake = await openIntake();
    announced = 0;
    app = await openApp(intake, { desk: { catalogues: { files: city, announce: () => (announced += 1) } } });
    author = await signIn(app, intake, 'editor');
    boss = await signIn(app, intake, 'supervisor');
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const upload = (name: string, content: string | Buffer, query = '') => {
    const boundary = 'yihu-boundary';
    const payload = Buffer.concat([Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n`), Buffer.from(content), Buffer.from(`\r\n--${boundary}--\r\n`)]);
    return app.inject({ method: 'POST', url: `/api/catalogues/items/import${query}`, payload, headers: { cookie: author.cookie, 'x-csrf-token': author.csrf, 'content-type': `multipart/form-data; boundary=${boundary}` } });
  };

  it('go from draft to publication by two persons, and show what changed', async () => {
    expect((await author.call('GET', '/api/catalogues/dispatch')).json()).toMatchObject({ versions: [{ version: 0, state: 'published' }] });
    const drafted = await author.call('POST', '/api/catalogues/dispatch', { from: 0, note: '汛期' });
    expect(drafted.json()).toMatchObject({ catalogue: { version: 1, state: 'draft', author: author.seatId, note: '汛期' }, faults: [] });
    const { routes } = drafted.json<{ catalogue: { body: { routes: object[] } } }>().catalogue.body;
    const flood = { id: 'flood', when: { items: ['utility.drainage'], days: { from: '2026-04-15', to: '2026-10-15' } }, to: 'town', assist: ['water-affairs'], why: '汛期排水由属地先行' };
    const changed = await author.call('PUT', '/api/catalogues/dispatch/1', { body: { routes: [flood, ...routes] }, note: '汛期' });
    expect([changed.statusCode, changed.json<{ faults: object[] }>().faults.length <= 1]).toEqual([200, true]);
    expect((await author.call('GET', '/api/catalogues/dispatch/1/diff')).json()).toEqual({ against: 0, changes: [{ what: 'rule', id: 'flood', how: 'added', fields: [] }] });
    expect((await author.call('POST', '/api/catalogues/dispatch/1/publish')).statusCode).toBe(403);
    const own = await boss.call('POST', '/api/catalogues/dispatch', { from: 0 });
    expect((await boss.call('POST', `/api/catalogues/dispatch/${own.json<{ catalogue: { version: number } }>().catalogue.version}/publish`)).json()).toMatchObject({ error: { code: 'catalogue.own_draft' } });
    await author.call('PUT', '/api/catalogues/dispatch/1', { body: { routes: [{ ...flood, assist: [] }, ...routes] } });
    expect((await boss.call('POST', '/api/catalogues/dispatch/1/publish')).json()).toMatchObject({ catalogue: { state: 'published', publishedBy: boss.seatId } });
    expect(announced).toBe(1);
  });

  it('throw a draft away: who wrote it or may publish, and the trail says so', async () => {
    const other = await signIn(app, intake, 'editor');
    for (let count = 0; count < 2; count += 1) await author.call('POST', '/api/catalogues/towns', { from: 0 });
    expect((await other.call('DELETE', '/api/catalogues/towns/1')).json()).toMatchObject({ error: { code: 'catalogue.not_author' } });
    expect((await author.call('DELETE', '/api/catalogues/towns/1')).statusCode).toBe(204);
    expect((await boss.call('DELETE', '/api/catalogues/towns/2')).statusCode).toBe(204);
    expect((await author.call('GET', '/api/catalogues/towns/1')).statusCode).toBe(404);
    expect((await author.call('GET', '/api/catalogues/towns')).json()).toMatchObject({ versions: [{ version: 0 }] });
    expect((await boss.call('DELETE', '/api/catalogues/towns/0')).statusCode).toBe(404);
    expect((await boss.call('GET', '/api/trail?limit=5')).json<{ entries: { action: string; subject: string }[] }>().entries.filter(({ action }) => action === 'catalogue.dropped').map(({ subject }) => subject)).toEqual(['catalogue:towns/2', 'catalogue:towns/1']);
  });

  it('refuse a body without sense, naming the place', async () => {
    const answer = await author.call('POST', '/api/catalogues/items', { body: { scheme: 'x', version: 1, items: [{ code: 'a' }] } });
    expect(answer.json()).toMatchObject({ error: { code: 'catalogue.bad_body' } });
    expect((await author.call('POST', '/api/catalogues/items', {})).json()).toMatchObject({ error: { code: 'catalogue.bad_draft' } });
    expect((await author.call('GET', '/api/catalogues/items/9')).statusCode).toBe(404);
    expect((await author.call('GET', '/api/catalogues/things')).statusCode).toBe(400);
  });

  it('come from a file and go into one that reads back the same', async () => {
    const whole = await author.call('GET', '/api/catalogues/items/0/export?format=jsonl');
    expect(whole.body.trim().split('\n')).toHaveLength(city.items.length);
    for (const format of ['csv', 'xlsx', 'jsonl']) {
      const file = await author.call('GET', `/api/catalogues/items/0/export?format=${format}`);
      expect((await upload(`items.${format}`, file.rawPayload)).json()).toMatchObject({ counts: { new: 0, changed: 0, same: city.items.length, refused: 0 }, gone: [], ignored: [], version: null });
    }
    const lines = whole.body.trim().split('\n');
    const bad = await upload('items.jsonl', [lines[0], '{"code":"X","name":"坏"}', 'nonsense', lines[0], lines[1]?.replace('"department":"ecology"', '"department":"nobody"')].join('\n'), '?apply=true');
    expect(bad.json()).toMatchObject({ counts: { refused: 4 }, version: null });
    expect(bad.json<{ rows: { line: number; status: string }[] }>().rows.map(({ line, status }) => [line, status])).toEqual([[1, 'same'], [2, 'refused'], [3, 'refused'], [4, 'refused'], [5, 'refused']]);
    expect(await intake.store.read((repos) => repos.catalogues.list('items', 9))).toEqual([]);
    const table = '事项编码,事项名称,上级编码,诉求类型,主办单位,协办单位,时限类别,办结须附证明,关键词,例句,备注\n01,城市管理,,,,,,,,,\n0101,路灯,01,投诉、求助,市公安局,环保局,,是,路灯;灯,路灯不亮；灯坏了,x\n';
    const good = (await upload('树.csv', table, '?apply=true&scheme=gb&edition=2016')).json();
    expect(good).toMatchObject({ counts: { new: 2, refused: 0 }, ignored: ['备注'], version: 1 });
    expect((await author.call('GET', '/api/catalogues/items/1')).json()).toMatchObject({ catalogue: { state: 'draft', body: { scheme: 'gb', version: 2016, groups: [{ code: '01', name: '城市管理' }], items: [{ code: '0101', parent: '01', field: '城市管理', kinds: ['投诉', '求助'], department: 'ps', assist: ['ecology'], deadlineClass: 'general', evidence: true, keywords: ['路灯', '灯'], examples: ['路灯不亮', '灯坏了'] }] } } });
    expect((await app.inject({ method: 'POST', url: '/api/catalogues/items/import', payload: {}, headers: { cookie: author.cookie, 'x-csrf-token': author.csrf } })).statusCode).toBe(415);
  });

  it('are tried on tickets, explained for one, and an item is put right', async () => {
    const citizenId = await intake.store.write((repos) => repos.citizens.resolve({ id: intake.context.newId(), channel: 'push', externalUserId: null, phone: null, displayName: null, now: intake.clock.now() }));
    const ticket = await writeUnit(intake.context, (unit) => openTicket(intake.context, unit, { ticketKind: '投诉', itemCode: 'city.street-lamp', title: '路灯', content: '路灯不亮', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false, citizenId, conversationId: null, channel: 'push', actor: { kind: 'citizen' } }));
    intake.clock.advance(1_000);
    await author.call('POST', '/api/catalogues/dispatch', { body: { routes: [{ id: 'lamps', when: { items: ['city'] }, to: 'ps', why: '试' }, { id: 'default', when: {}, to: 'item', why: '按事项' }] } });
    expect((await author.call('GET', '/api/catalogues/dispatch/1/try')).statusCode).toBe(404);
    expect((await author.call('POST', '/api/catalogues/dispatch/1/try', { days: 7 })).statusCode).toBe(202);
    await until(async () => (await author.call('GET', '/api/catalogues/dispatch/1/try')).json<{ state: string }>().state === 'done', 'the trial');
    expect((await author.call('GET', '/api/catalogues/dispatch/1/try')).json()).toMatchObject({ report: { tickets: 1, elsewhere: 1, unreached: ['default'], examples: [{ ticketId: ticket.id, after: { departmentId: 'ps', routeId: 'lamps' } }] } });
    expect((await author.call('GET', `/api/catalogues/dispatch/1/explain/${ticket.id}`)).json()).toEqual({ verdicts: [{ routeId: 'lamps', fits: true, problem: null, conditions: [{ name: 'items', met: true, text: '事项属于city' }] }] });
    const corrected = await author.call('POST', `/api/tickets/${ticket.id}/item`, { version: ticket.version, itemCode: 'city.tree' });
    expect(corrected.json()).toMatchObject({ ticket: { itemCode: 'city.tree', version: ticket.version + 1 } });
    expect((await author.call('POST', `/api/tickets/${ticket.id}/item`, { version: ticket.version, itemCode: 'city.manhole' })).statusCode).toBe(409);
    expect(await intake.store.read((repos) => repos.itemCorrections.list({ limit: 9 }))).toMatchObject([{ suggested: 'city.street-lamp', chosen: 'city.tree', by: author.seatId }]);
  });
});
