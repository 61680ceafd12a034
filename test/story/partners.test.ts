import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHouse, type House } from '../../src/main.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { isSigned } from '../../src/partners/signature.ts';
import { form, FORM } from '../support/open311.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

/** The whole house as main.ts wires it: an administrator adds a platform, the platform sends a report in and hears what becomes of it. */
describe('a partner platform', () => {
  let house: House;
  let receiver: Receiver;
  const log: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'yihu-partner-'));
  beforeAll(async () => {
    receiver = await openReceiver();
    house = await openHouse({
      env: { DATA_DIR: folder, ADMIN_PASSWORD: 'story-password', SQLITE_SYNCHRONOUS: 'NORMAL', WEBHOOK_NETWORKS: '127.0.0.0/8', PUBLIC_URL: 'https://yihu.test', OPEN311_JURISDICTION: 'dg.gov.cn' },
      logger: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
    });
  });
  afterAll(async () => {
    await house.close();
    await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is added, reports, is told, urges, and is cut off', async () => {
    const signed = await house.app.inject({ method: 'POST', url: '/api/session', payload: { username: 'admin', password: 'story-password' } });
    const { csrf } = signed.json<{ csrf: string }>();
    const cookie = `${signed.cookies[0]?.name ?? ''}=${signed.cookies[0]?.value ?? ''}`;
    const desk = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) => house.app.inject({ method, url, headers: { cookie, 'x-csrf-token': csrf }, ...(payload === undefined ? {} : { payload }) });
    const { webhookSecret } = (await desk('POST', '/api/partners', { id: 'province', name: '省平台', webhookUrl: receiver.url, events: ['ticket.opened', 'ticket.urged'], scope: 'own' })).json<{ webhookSecret: string }>();
    const { apiKey, key } = (await desk('POST', '/api/partners/province/keys', { name: '生产' })).json<{ apiKey: string; key: { id: string } }>();

    const services = (await house.app.inject('/open311/v2/services.json')).json<{ service_code: string }[]>();
    const report = (fields: Record<string, string> = {}) => house.app.inject({ method: 'POST', url: '/open311/v2/requests.json?jurisdiction_id=dg.gov.cn', headers: FORM, payload: form({ api_key: apiKey, service_code: services[0]?.service_code ?? '', description: '工地半夜打桩，电话13800138000', address_string: '东城大道', phone: '13800138000', last_name: '王', first_name: '小明', yihu_external_number: 'SZ-1', ...fields }) });
    const number = (await report()).json<{ service_request_id: string }[]>()[0]?.service_request_id ?? '';
    expect((await report()).json()).toMatchObject([{ service_request_id: number }]);
    expect((await house.app.inject({ method: 'POST', url: `/open311/v2/requests/${number}/yihu_urge.json`, headers: FORM, payload: form({ api_key: apiKey }) })).statusCode).toBe(200);
    await until(async () => receiver.got.length >= 2, 'two webhooks');
    expect(receiver.got.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['ticket.opened', 'ticket.urged']);
    for (const { headers, body } of receiver.got) expect(isSigned(webhookSecret, headers, body, Math.floor(Date.now() / 1000))).toBe(true);

    const ticket = await house.store.read((repos) => repos.tickets.findByNumber(number));
    expect((await desk('GET', `/api/tickets/${ticket?.id ?? ''}/external-numbers`)).json()).toMatchObject({ numbers: [{ partnerName: '省平台', number: 'SZ-1' }] });
    await until(async () => (await desk('GET', '/api/webhook-deliveries?state=delivered')).json<{ deliveries: object[] }>().deliveries.length === 2, 'deliveries written down');
    expect((await desk('DELETE', `/api/partners/province/keys/${key.id}`)).statusCode).toBe(204);
    expect((await report({ yihu_external_number: 'SZ-2' })).statusCode).toBe(403);
    expect((await house.app.inject('/metrics')).body).toContain('yihu_sent_total{channel="webhook",status="delivered"} 2');
    expect((await house.app.inject('/api/openapi.json')).body).toContain('/api/partners/{id}/keys');
    const written = [...log, ...receiver.got.map(({ body }) => body)].join('\n');
    for (const secret of ['13800138000', '王小明', apiKey, webhookSecret]) expect(written).not.toContain(secret);
  });
});
