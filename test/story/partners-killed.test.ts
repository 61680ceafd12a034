import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { form, FORM } from '../support/open311.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { SHORT_LIVED, startServer, type RunningServer } from '../support/server.ts';
import { until } from '../support/until.ts';

/** The gateway as a process of its own, killed while a partner's server is still thinking. */
describe('a gateway that is killed in the middle of a webhook', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-killed-'));
  const env = { ADMIN_PASSWORD: 'story-password', WEBHOOK_NETWORKS: '127.0.0.0/8' };
  let server: RunningServer | null = null;
  let receiver: Receiver | null = null;
  afterAll(async () => {
    await server?.kill();
    await receiver?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const desk = async (url: string): Promise<(method: string, path: string, body?: object) => Promise<Record<string, unknown>>> => {
    const signed = await fetch(`${url}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'admin', password: 'story-password' }) });
    const { csrf } = (await signed.json()) as { csrf: string };
    const cookie = (signed.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    return async (method, path, body) => (await fetch(url + path, { method, headers: { cookie, 'x-csrf-token': csrf, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })).json() as Promise<Record<string, unknown>>;
  };

  it('sends the same id again when it is back, then what came behind, each ticket once', async () => {
    receiver = await openReceiver();
    const { got, answers } = receiver;
    server = await startServer({ dataDir: folder, env, built: 'when-fresh', nodeArguments: SHORT_LIVED });
    const before = await desk(server.url);
    await before('POST', '/api/partners', { id: 'province', name: '省平台', webhookUrl: receiver.url, events: ['ticket.opened', 'ticket.dispatched'], scope: 'own' });
    const { apiKey } = await before('POST', '/api/partners/province/keys', { name: '生产' });
    const { service_code: code } = ((await (await fetch(`${server.url}/open311/v2/services.json`)).json()) as { service_code: string }[])[0] ?? { service_code: '' };
    const report = async (url: string) => (await fetch(`${url}/open311/v2/requests.json`, { method: 'POST', headers: FORM, body: form({ api_key: String(apiKey), service_code: code, description: '半夜施工', address_string: '东城大道', yihu_external_number: 'SZ-1' }) })).text();

    answers.push(() => undefined);
    const answer = await report(server.url);
    await until(async () => got.length === 1, 'the first webhook');
    await server.kill();

    server = await startServer({ dataDir: folder, env, port: server.port, clockAheadMs: 60_000, built: 'when-fresh', nodeArguments: SHORT_LIVED });
    expect(await report(server.url)).toBe(answer);
    await until(async () => got.length >= 3, 'the webhooks after the restart');
    expect(got.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['ticket.opened', 'ticket.opened', 'ticket.dispatched']);
    expect(got[1]?.headers['webhook-id']).toBe(got[0]?.headers['webhook-id']);
    const after = await desk(server.url);
    await until(async () => ((await after('GET', '/api/webhook-deliveries?state=delivered'))['deliveries'] as object[]).length === 2, 'deliveries written down');
    await server.stop();
  }, 180_000);
});
