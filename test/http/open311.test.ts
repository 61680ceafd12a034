import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openItems } from '../../src/domain/lanes.ts';
import { isTicketNumber } from '../../src/domain/ticket-number.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { city, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { addPartner, form, FORM, openPartnerDoor, readXml, schemaFaults } from '../support/open311.ts';

const item = city.items[0];
const town = city.towns[0];
if (item === undefined || town === undefined) throw new Error('the demo city is empty');

describe('Open311 GeoReport v2', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let key: string;
  beforeEach(async () => {
    intake = await openIntake();
    app = await openPartnerDoor(intake);
    ({ key } = await addPartner(intake, { id: 'province' }));
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url: `/open311/${url}`, headers });
  const post = (fields: Record<string, string>, url = 'v2/requests.json') => app.inject({ method: 'POST', url: `/open311/${url}`, headers: FORM, payload: form({ api_key: key, ...fields }) });
  const report = (over: Record<string, string> = {}) => ({ service_code: item.code, description: '工地半夜还在打桩，吵得睡不着', address_string: '东城大道 1 号', ...over });
  const sent = async (over: Record<string, string> = {}): Promise<string> => {
    const answer = await post(report(over));
    expect([answer.statusCode, answer.body]).toMatchObject([200, expect.any(String)]);
    return answer.json<{ service_request_id: string }[]>()[0]?.service_request_id ?? '';
  };
  const ticketOf = async (number: string): Promise<Ticket> => {
    const ticket = await intake.store.read((repos) => repos.tickets.findByNumber(number));
    if (ticket === null) throw new Error('no ticket');
    return ticket;
  };
  const move = (ticket: Ticket, name: string, given: object = {}) =>
    writeUnit(intake.context, (unit) => moveTicket(intake.context, unit, ticket.id, name, { version: ticket.version, ...given }, { role: 'supervisor', actor: { kind: 'seat', seatId: 'seat-1' } }));
  const faults = (answer: { statusCode: number; json: () => unknown }) => [answer.statusCode, answer.json()];

  it('is discovered in both formats', async () => {
    const json = await get('discovery.json');
    expect(json.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(json.json()).toMatchObject({ endpoints: [{ specification: 'http://wiki.open311.org/GeoReport_v2', url: 'https://yihu.test/open311/v2', type: 'test', formats: ['text/xml', 'application/json'] }] });
    const xml = await get('discovery.xml');
    expect(xml.headers['content-type']).toBe('text/xml; charset=utf-8');
    expect(xml.body.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<discovery>')).toBe(true);
    expect(readXml(xml.body)).toMatchObject({ discovery: { endpoints: { endpoint: { url: 'https://yihu.test/open311/v2', formats: { format: ['text/xml', 'application/json'] } } } } });
  });

  it('lists services and defines them, without a key, as the schema wants', async () => {
    const services = (await get('v2/services.json?jurisdiction_id=anything')).json<{ service_code: string }[]>();
    expect(services).toHaveLength(openItems(city.items).length + 1);
    expect(services.flatMap((service) => schemaFaults('service', service))).toEqual([]);
    for (const { service_code: code } of services) expect([code, schemaFaults('service_definition', (await get(`v2/services/${code}.json`)).json())]).toEqual([code, []]);
    expect(readXml((await get('v2/services.xml')).body)).toMatchObject({ services: { service: services.map((service) => ({ service_code: service.service_code, type: 'realtime', metadata: 'true' })) } });
    const definition = readXml((await get(`v2/services/${item.code}.xml`)).body);
    expect(definition).toMatchObject({ service_definition: { service_code: item.code, attributes: { attribute: expect.arrayContaining([expect.objectContaining({ code: 'town', datatype: 'singlevaluelist', values: { value: city.towns.map(({ id, name }) => ({ key: id, name })) } })]) } } });
    expect(faults(await get('v2/services/nope.json'))).toEqual([404, [{ code: 404, description: 'service_code：没有这个服务' }]]);
    expect(readXml((await get('v2/services/nope.xml')).body)).toMatchObject({ errors: { error: { code: '404' } } });
  });

  it('takes the ending, then what the client accepts, then XML', async () => {
    expect((await get('v2/services', { accept: 'application/json' })).headers['content-type']).toContain('application/json');
    expect((await get('v2/services')).headers['content-type']).toBe('text/xml; charset=utf-8');
    expect((await get('v2/services.xml', { accept: 'application/json' })).headers['content-type']).toContain('text/xml');
    for (const url of ['v2/nothing.json', 'v2.json', 'v2/services/a/b.json', 'v2/requests/1/yihu_delete.json', 'v3/services.json']) expect([url, (await get(url)).statusCode]).toEqual([url, 404]);
    expect((await app.inject({ method: 'POST', url: '/open311/v2/services.json' })).statusCode).toBe(404);
  });

  it('opens a ticket and tells its id, in both formats', async () => {
    const number = await sent({ 'attribute[town]': town.id, 'attribute[kind]': item.kinds[0] ?? '', 'attribute[confidential]': 'no', 'attribute[callback]': 'yes', 'attribute[happened]': '2026-11-20T23:30:00+08:00', 'attribute[floor]': '12', phone: '+86 138 0013 8000', first_name: '小明', last_name: '王', email: 'nobody@example.com' });
    expect(isTicketNumber(number)).toBe(true);
    const ticket = await ticketOf(number);
    expect(ticket).toMatchObject({ itemCode: item.code, townId: town.id, place: '东城大道 1 号', happened: '2026年11月20日 23:30', channel: 'open311', callback: true, content: '工地半夜还在打桩，吵得睡不着\nfloor：12' });
    expect(await intake.store.read((repos) => repos.citizens.reveal(ticket.citizenId))).toEqual({ phone: '13800138000', name: '王小明' });
    expect((await intake.store.read((repos) => repos.tickets.events(ticket.id)))[0]).toMatchObject({ type: 'ticket.opened', actor: { kind: 'partner', partnerId: 'province' } });
    const xml = await post(report({ description: '另一件事' }), 'v2/requests.xml');
    expect(readXml(xml.body)).toMatchObject({ service_requests: { request: { service_request_id: expect.stringMatching(/^\d+$/), service_notice: '', account_id: '' } } });
  });

  it('reads what real clients send: jurisdiction and key in the query, lists in three forms, JSON, no content type', async () => {
    const fields = { service_code: item.code, lat: '39.9', long: '116.4', address_string: '望京街', description: 'x', 'attribute[A1]': 'x' };
    const npm = await app.inject({ method: 'POST', url: '/open311/v2/requests.json?jurisdiction_id=bj.gov.cn', headers: FORM, payload: `${form({ ...fields, api_key: key })}&attribute%5BB%5D%5B0%5D=m1&attribute%5BB%5D%5B1%5D=m2&attribute%5BC%5D%5B%5D=m3` });
    expect(npm.statusCode).toBe(200);
    expect((await ticketOf(npm.json<{ service_request_id: string }[]>()[0]?.service_request_id ?? '')).content).toBe('x\nA1：x\nB：m1、m2\nC：m3');
    const json = await app.inject({ method: 'POST', url: `/open311/v2/requests.json?api_key=${key}`, headers: { 'content-type': 'application/json; charset=utf-8' }, payload: { ...report({ description: 'json' }), lat: null, attribute: { town: town.id, colours: ['红', '绿'] } } });
    expect(json.statusCode).toBe(200);
    const bare = await app.inject({ method: 'POST', url: '/open311/v2/requests.xml', headers: { 'x-api-key': key }, payload: Buffer.from(form(report({ description: 'bare', email: '', phone: 'null' }))) });
    expect(bare.statusCode).toBe(200);
  });

  it('names everything that is wrong', async () => {
    const wrong = await post({ service_code: 'nope', lat: '23.1', phone: 'call me', email: 'no at', media_url: 'ftp://x/y', 'attribute[happened]': 'yesterday', description: 'x'.repeat(4001) });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json<{ code: number; description: string }[]>().map(({ code, description }) => `${code} ${description.split('：')[0]}`)).toEqual(['404 service_code', '400 description', '400 attribute[happened]', '400 lat、long', '400 phone', '400 email', '400 media_url']);
    const cases: [Record<string, string>, number, string][] = [
      [{ description: 'x', address_string: 'x' }, 400, 'service_code'],
      [{ service_code: 'nope', address_string: 'x' }, 404, 'service_code'],
      [{ service_code: item.code, description: 'x' }, 400, '地点'],
      [{ ...report(), lat: '91', long: '0' }, 400, 'lat、long'],
      [{ ...report(), lat: '1e1', long: '0' }, 400, 'lat、long'],
      [{ ...report(), lat: '1', long: '1', yihu_datum: 'BD-09' }, 400, 'yihu_datum'],
      [{ ...report(), address_id: '999' }, 400, 'address_id'],
      [{ ...report(), 'attribute[town]': 'atlantis' }, 400, 'attribute[town]'],
      [{ ...report(), 'attribute[kind]': '咨询x' }, 400, 'attribute[kind]'],
      [{ ...report(), yihu_external_number: 'x'.repeat(65) }, 400, 'yihu_external_number'],
      [{ ...report(), media_url: 'https://user:pass@x.example/' }, 400, 'media_url'],
    ];
    for (const [fields, status, field] of cases) expect([field, faults(await post(fields))]).toMatchObject([field, [status, [{ code: status, description: expect.stringContaining(field) }]]]);
    const gbk = await app.inject({ method: 'POST', url: '/open311/v2/requests.xml', headers: FORM, payload: `api_key=${key}&service_code=${item.code}&description=%C4%E3%BA%C3&address_string=x` });
    expect([gbk.statusCode, readXml(gbk.body)]).toMatchObject([400, { errors: { error: { code: '400', description: expect.stringContaining('UTF-8') } } }]);
    for (const [type, payload] of [['application/json', '{'], ['application/json', '[]'], ['text/plain', 'x'], ['application/json', '{"a":{"b":1}}']] as const) {
      expect((await app.inject({ method: 'POST', url: '/open311/v2/requests.json', headers: { 'content-type': type }, payload })).statusCode).toBe(400);
    }
    expect((await app.inject({ method: 'POST', url: '/open311/v2/requests.json', headers: FORM, payload: `a=${'x'.repeat(300_000)}` })).statusCode).toBe(413);
    expect(await intake.rows()).toMatchObject({ tickets: 0 });
  });

  it('needs a key to report: 403 for none, a wrong one, one of a partner that is off, a revoked one', async () => {
    const tried = async (given: string | null) => (await app.inject({ method: 'POST', url: '/open311/v2/requests.json', headers: FORM, payload: form({ ...report(), ...(given === null ? {} : { api_key: given }) }) })).statusCode;
    expect(await tried(null)).toBe(403);
    expect(await tried('yihu_partner_made-up')).toBe(403);
    const off = await addPartner(intake, { active: false });
    expect(await tried(off.key)).toBe(403);
    await intake.store.write((repos) => repos.apiTokens.revoke('token-province', intake.clock.now()));
    expect(faults(await post(report()))).toEqual([403, [{ code: 403, description: 'api_key：缺少或无效' }]]);
    expect((await get(`v2/requests.json?api_key=${key}`)).statusCode).toBe(403);
    expect((await get('v2/requests.json')).statusCode).toBe(200);
    expect(await intake.rows()).toMatchObject({ tickets: 0 });
  });

  it('the same number, or the same fields soon after, is the same ticket and the same answer', async () => {
    const first = await post(report({ yihu_external_number: 'SZ-1' }));
    expect((await post(report({ yihu_external_number: 'SZ-1', description: '改了几个字' }))).body).toBe(first.body);
    expect((await post(report({ 'attribute[external_number]': 'SZ-1' }))).body).toBe(first.body);
    const other = await addPartner(intake);
    expect((await post({ ...report({ yihu_external_number: 'SZ-1' }), api_key: other.key })).body).not.toBe(first.body);
    const plain = await post(report());
    // In another order, with the other spelling of a list's name.
    const again = await app.inject({ method: 'POST', url: `/open311/v2/requests.json?api_key=${key}`, headers: FORM, payload: form(Object.fromEntries(Object.entries(report()).toReversed())) });
    expect(again.body).toBe(plain.body);
    intake.clock.advance(9 * 60_000);
    expect((await post(report())).body).toBe(plain.body);
    intake.clock.advance(2 * 60_000);
    expect((await post(report())).body).not.toBe(plain.body);
    const both = await Promise.all([post(report({ description: '同时' })), post(report({ description: '同时' }))]);
    expect(both[0]?.body).toBe(both[1]?.body);
    expect((await intake.rows())['tickets']).toBe(5);
  });

  it('shows requests as the schema wants and never who the citizen is', async () => {
    const number = await sent({ phone: '13800138000', first_name: '王小明', yihu_external_number: 'SZ-9', address_string: `${town.name}人民路 3 号`, lat: '22.960000', long: '113.780000', description: '找王师傅 13800138000 修的路灯又坏了' });
    const own = (await get(`v2/requests/${number}.json?api_key=${key}`)).json<Record<string, unknown>[]>()[0] ?? {};
    expect(schemaFaults('request', own)).toEqual([]);
    expect(own).toMatchObject({ service_request_id: number, status: 'open', service_code: item.code, service_name: item.name, lat: 22.96, long: 113.78, address_id: town.code, yihu_external_number: 'SZ-9', yihu_town: town.id, yihu_state: '待签收', yihu_supervision: 0, yihu_urges: 0 });
    expect(own['requested_datetime']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
    expect(own['description']).toContain('138****8000');
    const anybody = (await get(`v2/requests/${number}.json`)).json<Record<string, unknown>[]>()[0] ?? {};
    expect(schemaFaults('request', anybody)).toEqual([]);
    expect(anybody).toMatchObject({ description: null, address: town.name, lat: null, long: null, yihu_external_number: null });
    const everything = await addPartner(intake, { scope: 'all' });
    expect((await get(`v2/requests/${number}.json?api_key=${everything.key}`)).json()).toMatchObject([{ description: own['description'], yihu_external_number: null }]);
    const narrow = await addPartner(intake);
    for (const query of ['', `?api_key=${key}`, `?api_key=${everything.key}`, `?api_key=${narrow.key}`]) {
      for (const url of [`requests/${number}.json`, `requests/${number}.xml`, 'requests.json', 'requests.xml']) {
        const { body } = await get(`v2/${url}${query}`);
        expect(body).toContain(number);
        expect(body).not.toMatch(/13800138000|王小明/);
        expect(body.includes('SZ-9')).toBe(query.includes(key));
      }
    }
    expect((await get(`v2/requests/${number}.json?api_key=${narrow.key}`)).json()).toMatchObject([{ description: null }]);
    expect(readXml((await get(`v2/requests/${number}.xml`)).body)).toMatchObject({ service_requests: { request: { service_request_id: number, zipcode: '', yihu_state: '待签收' } } });
  });

  it('keeps confidential tickets to the partner that sent them', async () => {
    const number = await sent({ 'attribute[confidential]': 'yes' });
    const everything = await addPartner(intake, { scope: 'all' });
    for (const query of ['', `?api_key=${everything.key}`]) {
      expect((await get(`v2/requests/${number}.json${query}`)).statusCode).toBe(404);
      expect((await get(`v2/requests.json${query}`)).json()).toEqual([]);
      expect((await get(`v2/requests.json?service_request_id=${number}${query.replace('?', '&')}`)).json()).toEqual([]);
      expect((await get(`v2/tokens/${number}.json${query}`)).statusCode).toBe(404);
    }
    expect((await get(`v2/requests/${number}.json?api_key=${key}`)).json()).toMatchObject([{ service_request_id: number }]);
    expect((await get(`v2/requests.json?api_key=${key}`)).json()).toHaveLength(1);
  });

  it('opens to key holders only when told so', async () => {
    const number = await sent();
    const closed = await openPartnerDoor(intake, { requests: 'keys' });
    for (const url of ['requests.json', `requests/${number}.json`, `tokens/${number}.json`]) expect((await closed.inject(`/open311/v2/${url}`)).statusCode).toBe(403);
    expect((await closed.inject('/open311/v2/services.json')).statusCode).toBe(200);
    expect((await closed.inject(`/open311/v2/requests/${number}.json?api_key=${key}`)).statusCode).toBe(200);
    await closed.close();
  });

  it('serves one jurisdiction when it is told which', async () => {
    const one = await openPartnerDoor(intake, { jurisdiction: 'dg.gov.cn' });
    for (const [query, status] of [['', 200], ['?jurisdiction_id=', 200], ['?jurisdiction_id=dg.gov.cn', 200], ['?jurisdiction_id=bj.gov.cn', 404]] as const) expect([query, (await one.inject(`/open311/v2/services.json${query}`)).statusCode]).toEqual([query, status]);
    const body = await one.inject({ method: 'POST', url: '/open311/v2/requests.json', headers: FORM, payload: form({ ...report(), api_key: key, jurisdiction_id: 'bj.gov.cn' }) });
    expect(faults(body)).toMatchObject([404, [{ description: expect.stringContaining('jurisdiction_id') }]]);
    await one.close();
  });

  it('finds requests by id, service, time, state and page', async () => {
    const a = await sent({ description: '甲' });
    intake.clock.advance(60_000);
    const second = city.items[1];
    const b = await sent({ description: '乙', service_code: second?.code ?? '' });
    intake.clock.advance(60_000);
    const c = await sent({ description: '丙', service_code: 'yihu-general' });
    await move(await ticketOf(a), 'sign').then(async (ticket) => move(ticket, 'redirect', { departmentId: city.departments[0]?.id ?? '', reason: 'x' }));
    await move(await ticketOf(c), 'answer', { result: '已经答复' });
    const ids = async (query: string) => (await get(`v2/requests.json?${query}`)).json<{ service_request_id: string }[]>().map((request) => request.service_request_id);
    expect(await ids('')).toEqual([c, b, a]);
    expect(await ids(`service_request_id=${a},${b}&status=closed`)).toEqual([b, a]);
    expect(await ids(`service_code=${item.code}`)).toEqual([a]);
    expect(await ids(`service_code=${item.code},yihu-general`)).toEqual([c, a]);
    expect(await ids('status=closed')).toEqual([c]);
    expect(await ids('status=open')).toEqual([b, a]);
    expect(await ids('status=open,closed')).toEqual([c, b, a]);
    expect(await ids('page_size=2')).toEqual([c, b]);
    expect(await ids('page_size=2&page=2')).toEqual([a]);
    const at = (ms: number) => encodeURIComponent(new Date(intake.clock.now() + ms).toISOString());
    expect(await ids(`start_date=${at(-60_000)}`)).toEqual([c, b]);
    expect(await ids(`end_date=${at(-60_000)}`)).toEqual([b, a]);
    expect(await ids(`start_date=${at(-60_000)}&end_date=${at(-60_000)}`)).toEqual([b]);
    expect((await get(`v2/requests/${c}.json`)).json()).toMatchObject([{ status: 'closed', yihu_state: '归档', yihu_closure: 'answered_at_once', service_code: 'yihu-general' }]);
    // A plus sign that was not escaped is a blank by the time it comes here.
    expect(await ids('start_date=2020-01-01T00:00:00+08:00&end_date=2020-01-02T00:00:00+08:00')).toEqual([]);
    intake.clock.advance(91 * 86_400_000);
    expect(await ids('')).toEqual([]);
    for (const [query, status] of [['start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z', 400], ['start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z', 400], ['start_date=yesterday', 400], ['start_date=2026-01-01T00:00:00', 400], ['status=done', 400], ['page=0', 400], ['page_size=1001', 400], ['page=9999999', 400], ['service_code=nope', 404]] as const) expect([query, (await get(`v2/requests.json?${query}`)).statusCode]).toEqual([query, status]);
  });

  it('says where a ticket stands in words, and what was done to those who may read it', async () => {
    const number = await sent();
    const signed = await move(await ticketOf(number), 'sign');
    const file = { id: 'file-1', ticketId: signed.id, media: 'token-1', name: '现场.jpg', contentType: 'image/jpeg', purpose: 'evidence', addedBy: 'seat:seat-1', at: intake.clock.now() } as const;
    await intake.store.write((repos) => repos.ticketFiles.insert(file));
    await move(signed, 'finish', { result: '已责令停工，联系13800138000', evidence: ['file-1'] });
    const own = (await get(`v2/requests/${number}.json?api_key=${key}`)).json<{ status: string; status_notes: string; media_url: string | null }[]>()[0];
    expect(own).toMatchObject({ status: 'open', yihu_state: '办结待审', status_notes: expect.stringContaining('：已责令停工，联系138****8000'), media_url: null });
    expect((await get(`v2/requests/${number}.json`)).json()).toMatchObject([{ status_notes: expect.not.stringContaining('停工') }]);
  });

  it('finds the id behind a token: the partner\'s own number, or the id', async () => {
    const number = await sent({ yihu_external_number: 'SZ/7' });
    expect((await get(`v2/tokens/${encodeURIComponent('SZ/7')}.json?api_key=${key}`)).json()).toEqual([{ token: 'SZ/7', service_request_id: number }]);
    expect(readXml((await get(`v2/tokens/${number}.xml`)).body)).toEqual({ service_requests: { request: { token: number, service_request_id: number } } });
    expect((await get(`v2/tokens/${encodeURIComponent('SZ/7')}.json`)).statusCode).toBe(404);
  });

  it('an emergency is marked and answered with what to do', async () => {
    const answer = await post(report({ description: '楼上着火了，有人被困' }));
    expect(answer.json()).toMatchObject([{ service_notice: expect.stringContaining('119') }]);
    expect(await ticketOf(answer.json<{ service_request_id: string }[]>()[0]?.service_request_id ?? '')).toMatchObject({ urgency: 'emergency' });
    await post(report({ description: '楼上着火了，有人被困' }));
    expect(intake.counted.filter(({ name }) => name === 'emergency')).toEqual([{ name: 'emergency', labels: { category: 'fire' } }]);
  });

  it('whatever is sent, it is an answer or a refusal in the format that was asked for', async () => {
    const name = fc.oneof(fc.constantFrom('service_code', 'description', 'address_string', 'lat', 'long', 'attribute[town]', 'attribute[', 'attribute[x][]', 'phone', 'media_url', 'start_date', 'page', 'status', '__proto__', 'jurisdiction_id', 'yihu_external_number'), fc.string());
    const value = fc.oneof(fc.constantFrom(item.code, 'open', '22.9', '2026-01-01T00:00:00Z', '0', 'https://[', ']]>&<'), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
    const path = fc.constantFrom('v2/requests', 'v2/services', 'v2/requests/1', 'v2/requests/1/yihu_rate', 'v2/tokens/%E4%BD%A0', 'v2/services/%00');
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('json', 'xml'), fc.constantFrom('GET', 'POST'), fc.array(fc.tuple(name, value), { maxLength: 6 }), fc.boolean(), async (where, format, method, pairs, raw) => {
        const text = `api_key=${key}&${raw ? pairs.flat().join('&') : new URLSearchParams(pairs).toString()}`;
        const answer = await app.inject({ method: method === 'GET' ? 'GET' : 'POST', url: `/open311/${where}.${format}${method === 'GET' ? `?${encodeURI(text)}` : ''}`, ...(method === 'POST' ? { headers: FORM, payload: text } : {}) });
        expect([200, 400, 403, 404]).toContain(answer.statusCode);
        if (answer.statusCode !== 200) expect(format === 'json' ? answer.json() : readXml(answer.body)['errors']).toBeTruthy();
        expect(answer.headers['content-type']).toBe(format === 'json' ? 'application/json; charset=utf-8' : 'text/xml; charset=utf-8');
      }),
      { numRuns: 150 },
    );
  });

  it('slows down whoever asks too much, each partner by itself', async () => {
    const slow = await openPartnerDoor(intake, { perPartner: 2, perAddress: 1 });
    const other = await addPartner(intake);
    const ask = async (given: string) => (await slow.inject(`/open311/v2/services.json?api_key=${given}`)).statusCode;
    expect([await ask(key), await ask(key), await ask(key), await ask(other.key)]).toEqual([200, 200, 429, 200]);
    expect([await ask('made-up'), await ask('made-up')]).toEqual([403, 429]);
    const limited = await slow.inject('/open311/v2/services.xml');
    expect([limited.statusCode, limited.headers['retry-after'], readXml(limited.body)]).toMatchObject([429, expect.stringMatching(/^\d+$/), { errors: { error: { code: '429' } } }]);
    await slow.close();
  });
});
