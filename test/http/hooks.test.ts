import { request as httpRequest } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { channel as ivrTwilio } from '../../channels/ivr-twilio/index.ts';
import { CALL_SID, callParams, signedRequest } from '../../channels/ivr-twilio/testing/signed-request.ts';
import { channel as wechatMiniprogram } from '../../channels/wechat-miniprogram/index.ts';
import type { Channel, ChannelModule, RawRequest } from '../../src/channel/contract.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { IntakeContext } from '../../src/intake/context.ts';
import { createLimiter } from '../../src/intake/limiter.ts';
import { createPorts } from '../../src/intake/ports.ts';
import { bodyOf, forged, garbageBodies, loadFixtures, loadSettings, type Fixture } from '../contracts/channel-fixtures.ts';
import { openApp } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

/** The hooks zone with the real channels: what peers send, what strangers send, and what is left behind by each. */

const folder = (name: string): string => fileURLToPath(new URL(`../../channels/${name}`, import.meta.url));
const WECHAT = { module: wechatMiniprogram, settings: loadSettings(folder('wechat-miniprogram')), fixtures: loadFixtures(folder('wechat-miniprogram')) };
const TWILIO = { module: ivrTwilio, settings: loadSettings(folder('ivr-twilio')), fixtures: loadFixtures(folder('ivr-twilio')) };
const PEERS = [WECHAT, TWILIO];
const REFUSAL = { error: { code: 'hook.refused', message: 'refused' } };
const VOICE = '/hooks/ivr/twilio/voice';

let intake: IntakeUnderTest;
let app: FastifyInstance;
const lines: string[] = [];

async function open(how: { env?: (peer: (typeof PEERS)[number]) => Record<string, string | undefined>; production?: boolean } = {}): Promise<void> {
  const made: Channel[] = [];
  const make = (context: IntakeContext, module: ChannelModule, peer: (typeof PEERS)[number]) =>
    module.create({
      env: how.env?.(peer) ?? peer.settings.env, publicUrl: peer.settings.publicUrl, production: how.production ?? false,
      ports: createPorts(context, module.name, createLimiter(1_000, context.now, () => {})),
    });
  intake = await openIntake({
    channels: async (context) => {
      for (const peer of PEERS) made.push(await make(context, peer.module, peer));
      return made;
    },
  });
  lines.length = 0;
  app = await openApp(intake, { channels: made, lines });
}

const inject = (raw: Pick<RawRequest, 'method' | 'url' | 'body'> & { readonly headers: RawRequest['headers'] }) => {
  const { method } = raw;
  if (method !== 'GET' && method !== 'POST') throw new Error(`a fixture with ${method}`);
  const headers = Object.fromEntries(Object.entries(raw.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
  return app.inject({ method, url: raw.url, headers, ...(raw.body.length === 0 ? {} : { payload: raw.body }) });
};
const send = (fixture: Fixture, change: { url?: string; headers?: Record<string, string>; body?: Buffer } = {}) =>
  inject({ method: fixture.request.method, url: change.url ?? fixture.request.url, headers: change.headers ?? fixture.request.headers, body: change.body ?? bodyOf(fixture) });
const refusals = () => intake.counted.filter(({ name }) => name === 'refused');

async function close(): Promise<void> {
  await app.close();
  await intake.close();
}

/** A house of its own for each test, or one for all of them: those leave nothing behind, which is what they show. */
function houses(how: 'each' | 'one', openHouse: () => Promise<void> = open): void {
  if (how === 'each') {
    beforeEach(() => openHouse());
    afterEach(close);
    return;
  }
  beforeAll(() => openHouse());
  beforeEach(() => {
    intake.counted.length = 0;
    lines.length = 0;
  });
  afterAll(close);
}

describe.each(PEERS)('webhooks of $module.name', (peer) => {
  const usable = peer.fixtures.filter((fixture) => fixture.production !== true && (fixture.env === undefined || Object.entries(fixture.env).every(([name, value]) => peer.settings.env[name] === value)));
  const inbound = usable.filter((fixture) => fixture.expect.kind === 'inbound');
  const refused = usable.filter((fixture) => fixture.expect.kind === 'refused');
  const first = inbound[0];
  if (first === undefined || refused.length === 0) throw new Error('a channel without fixtures');

  describe('that are taken', () => {
    houses('each');

    it.each(inbound)('stores before it answers, once however often it comes: $name', async (fixture) => {
      intake.clock.set(fixture.now);
      await intake.startBus();
      const before = await intake.rows();
      const answer = await send(fixture);
      expect(answer.statusCode).toBeLessThan(300);
      const after = await intake.rows();
      expect(after['activities']).toBeGreaterThan(before['activities'] ?? 0);
      await intake.settle();
      const settled = await intake.rows();
      const again = await Promise.all([send(fixture), send(fixture)]);
      await intake.settle();
      expect(again.map((one) => [one.statusCode, one.body])).toEqual([[answer.statusCode, answer.body], [answer.statusCode, answer.body]]);
      expect(await intake.rows()).toEqual(settled);
    });

    it('while the store is down answers 503 and has half done nothing; the peer\'s retry then works', async () => {
      intake.clock.set(first.now);
      await intake.startBus();
      const before = await intake.rows();
      const { write } = intake.store;
      for (const error of [new AppError('store.failed', 'the database failed (SQLITE_FULL)', { retry: 'later', status: 503 }), new AppError('conversation.conflict', 'raced', { retry: 'conflict', status: 409 })]) {
        Object.assign(intake.store, { write: async () => { throw error; } });
        const answer = await send(first);
        expect([answer.statusCode, answer.json()]).toMatchObject([503, { error: { code: expect.any(String) } }]);
        Object.assign(intake.store, { write });
        expect(await intake.rows()).toEqual(before);
      }
      expect((await send(first)).statusCode).toBeLessThan(300);
      expect(refusals()).toEqual([]);
    });
  });

  describe('that are refused', () => {
    houses('one');

    it.each(refused)('refuses and keeps nothing: $name', async (fixture) => {
      intake.clock.set(fixture.now);
      const before = await intake.rows();
      const answer = await send(fixture);
      const status = fixture.expect.kind === 'refused' ? fixture.expect.status : undefined;
      expect([answer.statusCode, answer.json()]).toEqual([status ?? answer.statusCode, REFUSAL]);
      expect(answer.statusCode).toBeLessThan(500);
      expect(await intake.rows()).toEqual(before);
      expect(refusals()).toMatchObject([{ labels: { channel: peer.module.name } }]);
      const label = refusals()[0]?.labels['reason'] ?? '';
      expect(label).toMatch(/^[a-z_-]{3,30}$/);
    });

    it('forged and stale ones get one and the same answer', async () => {
      const before = await intake.rows();
      const bodies = new Set<string>();
      for (const fixture of inbound) {
        intake.clock.set(fixture.now);
        for (const how of ['stripped', 'altered'] as const) {
          const change = forged(fixture, how);
          if (change === null) continue;
          const answer = await send(fixture, change);
          expect([fixture.name, how, [400, 401, 403].includes(answer.statusCode)]).toEqual([fixture.name, how, true]);
          bodies.add(answer.body);
        }
      }
      expect([...bodies]).toEqual([JSON.stringify(REFUSAL)]);
      expect(await intake.rows()).toEqual(before);
    });

    it('whatever a stranger posts: 4xx, nothing stored, counted, nothing of it in the log', async () => {
      intake.clock.set(first.now);
      const before = await intake.rows();
      let sent = 0;
      for (const [what, body] of garbageBodies(256 * 1024)) {
        for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/xml', 'text/html; charset=gbk; x="', 'none', '']) {
          const { 'content-type': _type, ...headers } = first.request.headers;
          const answer = await send(first, { body, headers: type === '' ? headers : { ...headers, 'content-type': type } });
          sent += 1;
          expect([what, type, answer.statusCode >= 400 && answer.statusCode < 500, answer.json()]).toEqual([what, type, true, REFUSAL]);
        }
      }
      expect(refusals()).toHaveLength(sent);
      expect(await intake.rows()).toEqual(before);
      expect(lines.join('')).not.toMatch(/etc\/hostname|xffxfe|aaaaaaaa/);
    });

    it('absurd headers and addresses are no failure of ours', async () => {
      intake.clock.set(first.now);
      const odd: Record<string, string>[] = [{ 'x-twilio-signature': 'x'.repeat(8_000) }, { 'content-type': '\u0007' }, { 'content-length': '5' }, { authorization: 'Basic '.repeat(500) }, { 'x-forwarded-for': '999.999.1.1, evil' }];
      for (const headers of odd) {
        const answer = await send(first, { headers, body: Buffer.from('a=b&c') });
        expect(answer.statusCode).toBeGreaterThanOrEqual(400);
        expect(answer.statusCode).toBeLessThan(500);
      }
      const path = first.request.url.split('?')[0] ?? '';
      for (const url of [`${path}?%zz=%`, `${path}?${'a=b&'.repeat(3_000)}`, `${path}?__proto__[x]=1&constructor=2`]) {
        const answer = await send(first, { url });
        expect([400, 401, 403]).toContain(answer.statusCode);
      }
    });
  });
});

describe('the zone itself', () => {
  houses('one');

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const)('%s on a hook that is posted to is no such address', async (method) => {
    const answer = await app.inject({ method, url: VOICE });
    expect(answer.statusCode).toBe(404);
    if (method !== 'HEAD') expect(answer.json()).toMatchObject({ error: { code: 'http.not_found' } });
  });

  it('channels that are not there are no such address', async () => {
    for (const url of ['/hooks', '/hooks/', '/hooks/telegram', '/hooks/ivr/twilio', '/hooks/../api/seats', '/hooks/%2e%2e/x', `/hooks/${'x'.repeat(3_000)}`]) {
      const answer = await app.inject({ method: 'POST', url, payload: 'x', headers: { 'content-type': 'text/plain' } });
      expect([url.slice(0, 20), [401, 404].includes(answer.statusCode)]).toEqual([url.slice(0, 20), true]);
    }
  });

  it('a reader that throws is a malformed webhook', async () => {
    const odd: Channel = {
      name: 'odd', capabilities: ivrTwilio.capabilities, status: { state: 'on' },
      hooks: [{ method: 'POST', path: '/hooks/odd', bodyLimitBytes: 10, patienceMs: 0, read: () => { throw new RangeError('13800138000'); }, encodeReply: () => ({ status: 200, contentType: 'text/plain', body: '' }) }],
    };
    const other = await openApp(intake, { channels: [odd], lines });
    const answer = await other.inject({ method: 'POST', url: '/hooks/odd', payload: 'x' });
    await other.close();
    expect([answer.statusCode, answer.json()]).toEqual([400, REFUSAL]);
    expect(refusals()).toEqual([{ name: 'refused', labels: { channel: 'odd', reason: 'reader_threw' } }]);
    expect(lines.join('')).not.toContain('13800138000');
  });

  it('does not slow a peer down that sends everything from one address', async () => {
    intake.clock.set(0);
    const codes = new Set<number>();
    for (let n = 0; n < 1_500; n += 1) codes.add((await app.inject({ method: 'POST', url: VOICE, payload: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).statusCode);
    expect([...codes]).toEqual([403]);
  });
});

describe('a channel that is off', () => {
  houses('one', () => open({ env: () => ({}) }));

  it('answers 503 and names the missing setting, whatever is sent', async () => {
    for (const peer of PEERS) {
      const required = peer.module.settings.filter((setting) => setting.required).map((setting) => setting.name);
      for (const fixture of peer.fixtures.slice(0, 3)) {
        const answer = await send(fixture);
        expect(answer.statusCode).toBe(503);
        for (const name of required) expect(answer.body).toContain(name);
        for (const setting of peer.module.settings.filter(({ secret }) => secret)) {
          const value = peer.settings.env[setting.name];
          if (value !== undefined) expect(answer.body).not.toContain(value);
        }
      }
    }
    expect(await intake.rows()).toMatchObject({ activities: 0, conversations: 0, citizens: 0 });
  });
});

describe('a call', () => {
  const request = (step: string, more: Record<string, string>) => signedRequest(`${VOICE}${step}`, callParams(more));
  houses('each', async () => {
    await open();
    intake.script = (event) => [{ kind: 'say', text: event.type === 'enter' ? '您好，这里是市民热线' : '已记录', inputHint: 'expectingInput' }];
  });

  it('hears the answer in the request, and the same answer to the same request', async () => {
    await intake.startBus();
    const hello = await inject(request('', {}));
    expect([hello.statusCode, hello.headers['content-type']]).toEqual([200, expect.stringContaining('text/xml')]);
    expect(hello.body).toContain('这里是市民热线');
    const spoken = request('?step=1&for=gather', { SpeechResult: '路灯不亮', Confidence: '0.9' });
    const [one, two] = await Promise.all([inject(spoken), inject(spoken)]);
    expect(one.body).toContain('已记录');
    expect(two.body).toBe(one.body);
    const found = await intake.store.read((repos) => repos.conversations.list({ limit: 10 }));
    expect(found).toMatchObject([{ channel: 'ivr-twilio', address: CALL_SID }]);
  });

  it('in the middle of an answer survives a stop: what waits for its turn gets it', async () => {
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const raw = request('', {});
    const answer = new Promise<{ status: number; body: string }>((resolve, reject) => {
      const outgoing = httpRequest(`${url}${raw.url}`, { method: 'POST', headers: Object.fromEntries(Object.entries(raw.headers).map(([name, value]) => [name, String(value)])) }, (incoming) => {
        let body = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => (body += chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body }));
      });
      outgoing.on('error', reject);
      outgoing.end(raw.body);
    });
    // Stored, and its turn waits for a bus that has not started: the request is open now.
    while ((await intake.rows())['outbox'] === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    const closed = app.close();
    await intake.startBus();
    expect(await answer).toMatchObject({ status: 200, body: expect.stringContaining('这里是市民热线') });
    await closed;
  });
});
