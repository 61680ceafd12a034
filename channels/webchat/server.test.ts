import rateLimit from '@fastify/rate-limit';
import { decodeJwt } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { PREFIX, SECRET, startConversation, startWebchat, text, type Started, type WebchatServer, type WebchatServerOptions } from '../../test/support/webchat-server.ts';
import { WIDGET_TOKENS_PER_MINUTE } from './token-routes.ts';

let server: WebchatServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
async function start(options?: WebchatServerOptions): Promise<WebchatServer> {
  server = await startWebchat(options);
  return server;
}

const bearer = (credential: string): Record<string, string> => ({ authorization: `Bearer ${credential}` });

async function call(on: WebchatServer, method: 'GET' | 'POST', path: string, credential: string | null, payload?: object, headers: Record<string, string> = {}) {
  const answer = await on.app.inject({ method, url: path, headers: { ...(credential === null ? {} : bearer(credential)), ...headers }, ...(payload === undefined ? {} : { payload }) });
  const body: unknown = answer.body === '' ? null : answer.json();
  return { status: answer.statusCode, body, headers: answer.headers };
}

const post = (on: WebchatServer, conversation: Started, activity: object) => call(on, 'POST', `${PREFIX}/conversations/${conversation.id}/activities`, conversation.token, activity);
const read = (on: WebchatServer, conversation: Started, watermark = '') => call(on, 'GET', `${PREFIX}/conversations/${conversation.id}/activities?watermark=${watermark}`, conversation.token);
const hello = (id: string | null, over: object = {}): object => ({ type: 'message', text: '你好', from: { id: 'page-1' }, ...(id === null ? {} : { channelData: { clientActivityID: id } }), ...over });
const error = (code: string) => ({ error: { code, message: expect.any(String) } });

describe('tokens', () => {
  it('are made with the secret, name the bound user, and open nothing', async () => {
    const on = await start();
    const { status, body } = await call(on, 'POST', `${PREFIX}/tokens/generate`, SECRET, { user: { id: 'dl_anna', name: '安' } });
    expect(status).toBe(200);
    expect(body).toEqual({ conversationId: expect.stringMatching(/^[\w-]{24}$/), token: expect.any(String), expires_in: 1800 });
    const claims = decodeJwt(text(body, 'token'));
    expect(claims['user']).toBe('dl_anna');
    expect(claims['conv']).toBe(text(body, 'conversationId'));
    expect(on.ports.opened).toEqual([]);
  });

  it('need the secret, a dl_ id and well-formed origins', async () => {
    const on = await start();
    expect(await call(on, 'POST', `${PREFIX}/tokens/generate`, null)).toMatchObject({ status: 401, body: error('BadArgument') });
    expect(await call(on, 'POST', `${PREFIX}/tokens/generate`, 'wrong')).toMatchObject({ status: 403, body: error('BadArgument') });
    expect(await call(on, 'POST', `${PREFIX}/tokens/generate`, SECRET, { user: { id: 'anna' } })).toMatchObject({ status: 400, body: error('BadArgument') });
    expect(await call(on, 'POST', `${PREFIX}/tokens/generate`, SECRET, { trustedOrigins: 'x' })).toMatchObject({ status: 400 });
    const conversation = await startConversation(on);
    expect(await call(on, 'POST', `${PREFIX}/tokens/generate`, conversation.token)).toMatchObject({ status: 403 });
    expect(await call(on, 'POST', `${PREFIX}/tokens/generate`, null, undefined, { authorization: `Basic ${SECRET}` })).toMatchObject({ status: 401 });
  });

  it('are refreshed for the same conversation and user, but not after they expired', async () => {
    const on = await start();
    const conversation = await startConversation(on, 'dl_anna');
    on.advance(1_700_000);
    const { status, body } = await call(on, 'POST', `${PREFIX}/tokens/refresh`, conversation.token);
    expect(status).toBe(200);
    expect(decodeJwt(text(body, 'token'))).toMatchObject({ conv: conversation.id, user: 'dl_anna' });
    on.advance(200_000);
    expect(await call(on, 'POST', `${PREFIX}/tokens/refresh`, conversation.token)).toMatchObject({ status: 403, body: error('TokenExpired') });
    expect(await post(on, { ...conversation, token: text(body, 'token') }, hello('a'))).toMatchObject({ status: 200 });
  });

  it('work for their own conversation only', async () => {
    const on = await start();
    const [one, two] = [await startConversation(on), await startConversation(on)];
    expect(await post(on, { ...two, token: one.token }, hello('a'))).toMatchObject({ status: 403, body: error('BadArgument') });
    expect(await read(on, { ...two, token: one.token })).toMatchObject({ status: 403 });
  });

  it('keep to their trusted origins', async () => {
    const on = await start();
    const made = await call(on, 'POST', `${PREFIX}/tokens/generate`, SECRET, { trustedOrigins: ['https://City.example/'] });
    const token = text(made.body, 'token');
    expect(await call(on, 'POST', `${PREFIX}/conversations`, token, undefined, { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    expect(await call(on, 'POST', `${PREFIX}/conversations`, token, undefined, { origin: 'https://city.example' })).toMatchObject({ status: 201 });
  });

  it('of a stream open nothing else, and the other way round', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    const t = new URL(conversation.streamUrl).searchParams.get('t') ?? '';
    expect(await read(on, { ...conversation, token: t })).toMatchObject({ status: 403 });
    expect(await call(on, 'GET', `${PREFIX}/conversations/${conversation.id}/stream?t=${t}`, null)).toMatchObject({ status: 426 });
  });

  it('of another secret are refused', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    await on.close();
    const other = await start({ env: { DIRECTLINE_SECRET: 'another-secret-not-a-real-one-0002' } });
    expect(await read(other, conversation)).toMatchObject({ status: 403, body: error('BadArgument') });
  });
});

describe('the widget’s token', () => {
  const ask = (on: WebchatServer, token?: string) => call(on, 'POST', '/widget/token', null, token === undefined ? undefined : { token });

  it('binds a fresh user, and finds the conversation again for a day', async () => {
    const on = await start();
    const first = (await ask(on)).body;
    const claims = decodeJwt(text(first, 'token'));
    expect(claims['user']).toMatch(/^dl_[\w-]{24}$/);
    on.advance(20 * 3600_000);
    const again = (await ask(on, text(first, 'token'))).body;
    expect(decodeJwt(text(again, 'token'))).toMatchObject({ conv: claims['conv'], user: claims['user'] });
    on.advance(26 * 3600_000);
    expect(text((await ask(on, text(again, 'token'))).body, 'conversationId')).not.toBe(claims['conv']);
  });

  it('cannot be had for a token that it did not make', async () => {
    const on = await start();
    const conversation = await startConversation(on, 'dl_anna');
    for (const token of [conversation.token, 'nonsense', `${conversation.token}x`]) {
      const { status, body } = await ask(on, token);
      expect(status).toBe(200);
      expect(text(body, 'conversationId')).not.toBe(conversation.id);
    }
    expect(await call(on, 'POST', '/widget/token', null, { token: 5 })).toMatchObject({ status: 400, body: error('BadArgument') });
  });
});

describe('the house’s rate limit', () => {
  it('answers as Direct Line does, readable from another origin', async () => {
    const on = await start({ around: async (app) => void (await app.register(rateLimit, { max: 3, timeWindow: '1 minute', hook: 'onRequest' })) });
    for (let index = 0; index < WIDGET_TOKENS_PER_MINUTE; index += 1) expect((await call(on, 'POST', '/widget/token', null)).status).toBe(200);
    const origin = 'https://city.example';
    expect(await call(on, 'POST', '/widget/token', null, undefined, { origin })).toMatchObject({
      status: 429, body: error('TooManyRequests'), headers: { 'retry-after': expect.any(String), 'access-control-allow-origin': '*' },
    });
  });
});

describe('conversations', () => {
  it('are opened once: 201, then 200, with what is needed to go on', async () => {
    const on = await start();
    const made = await call(on, 'POST', `${PREFIX}/tokens/generate`, SECRET, { user: { id: 'dl_anna' } });
    const token = text(made.body, 'token');
    const first = await call(on, 'POST', `${PREFIX}/conversations`, token, { user: { id: 'page' }, locale: 'zh-CN' });
    expect(first.status).toBe(201);
    expect(text(first.body, 'streamUrl')).toMatch(new RegExp(`^ws://127\\.0\\.0\\.1:3000${PREFIX}/conversations/[\\w-]+/stream\\?watermark=0&t=`));
    expect(await call(on, 'POST', `${PREFIX}/conversations`, token)).toMatchObject({ status: 200, body: { conversationId: text(made.body, 'conversationId') } });
    expect(on.ports.opened).toEqual([{ channel: 'webchat', address: text(made.body, 'conversationId'), modality: 'text', locale: 'zh-CN', identity: { externalUserId: 'dl_anna' } }]);
  });

  it('are resumed from a watermark; without one only later things count', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    on.ports.say(on.core(conversation.id), { type: 'message', text: '一' });
    on.ports.say(on.core(conversation.id), { type: 'message', text: '二' });
    const resume = async (query: string): Promise<string> => text((await call(on, 'GET', `${PREFIX}/conversations/${conversation.id}${query}`, conversation.token)).body, 'streamUrl');
    expect(await resume('?watermark=1')).toContain('watermark=1&');
    expect(await resume('?watermark=')).toContain('watermark=0&');
    expect(await resume('')).toContain('watermark=2&');
    expect(await call(on, 'GET', `${PREFIX}/conversations/${conversation.id}?watermark=x`, conversation.token)).toMatchObject({ status: 400 });
  });

  it('that nobody opened are not found', async () => {
    const on = await start();
    const made = await call(on, 'POST', `${PREFIX}/tokens/generate`, SECRET);
    const unopened = { id: text(made.body, 'conversationId'), token: text(made.body, 'token'), streamUrl: '' };
    expect(await post(on, unopened, hello('a'))).toMatchObject({ status: 404, body: error('BadArgument') });
    expect(await read(on, unopened)).toMatchObject({ status: 404 });
    expect(await call(on, 'GET', `${PREFIX}/nothing/here`, SECRET)).toMatchObject({ status: 404, body: error('BadArgument') });
    expect(await call(on, 'GET', `${PREFIX}/session/getsessionid`, SECRET)).toMatchObject({ status: 200, body: { sessionId: expect.any(String) } });
  });
});

describe('posting', () => {
  it('echoes the citizen’s own activity with its channelData untouched, and answers its id', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    const channelData = { clientActivityID: 'c1', nested: { 列表: [1, null, 'x'] }, attachmentSizes: [] };
    expect(await post(on, conversation, hello(null, { channelData }))).toMatchObject({ status: 200, body: { id: `${conversation.id}|0000001` } });
    expect((await read(on, conversation)).body).toMatchObject({
      activities: [{ type: 'message', id: `${conversation.id}|0000001`, text: '你好', from: { id: 'page-1', role: 'user' }, channelData, timestamp: '2026-11-22T13:00:00.000Z' }],
      watermark: '1',
    });
  });

  it('takes a repeated clientActivityID for the same message, of the same sender only', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    const first = await post(on, conversation, hello('c1'));
    expect(await post(on, conversation, hello('c1'))).toEqual(expect.objectContaining({ body: first.body }));
    expect(on.ports.received).toHaveLength(1);
    await post(on, conversation, hello('c1', { from: { id: 'page-2' } }));
    await post(on, conversation, hello(null));
    await post(on, conversation, hello(null));
    expect(on.ports.received).toHaveLength(4);
  });

  it('overwrites the sender with the bound user, and trusts no other', async () => {
    const on = await start();
    const bound = await startConversation(on, 'dl_anna');
    await post(on, bound, hello('c1', { from: { id: 'somebody-else', name: '安' } }));
    const unbound = await startConversation(on);
    await post(on, unbound, hello('c2', { from: { id: 'anna', name: '安' } }));
    expect(on.ports.received.map((activity) => activity.identity)).toEqual([{ externalUserId: 'dl_anna', displayName: '安' }, { externalUserId: null }]);
    expect(await post(on, unbound, hello('c3', { from: { id: 'dl_anna' } }))).toMatchObject({ status: 400 });
    expect((await read(on, bound)).body).toMatchObject({ activities: [{ from: { id: 'dl_anna', role: 'user' } }] });
  });

  it('keeps nothing of what an unbound page calls itself', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    await post(on, conversation, hello('c1', { from: { id: 'page-13800138000', name: '某某' } }));
    expect(JSON.stringify(on.ports.received)).not.toMatch(/13800138000|某某/);
  });

  it('cleans the text, and refuses what cannot be kept elsewhere', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    await post(on, conversation, hello('c1', { text: 'a\u0000b\u0007c\ud800d\r\ne' }));
    expect(on.ports.received[0]?.content).toEqual({ type: 'message', text: 'abc\ufffdd\ne' });
    expect(await post(on, conversation, hello('c2', { channelData: { clientActivityID: 'x\u0000' } }))).toMatchObject({ status: 400 });
    expect(await post(on, conversation, hello('c3', { value: JSON.parse('{"__proto__":1}') }))).toMatchObject({ status: 400 });
  });

  it.each([
    ['no type', { text: 'x', from: { id: 'p' } }, 400, 'MissingProperty'],
    ['no sender', { type: 'message', text: 'x' }, 400, 'MissingProperty'],
    ['nothing said', { type: 'message', text: ' ', from: { id: 'p' } }, 400, 'MissingProperty'],
    ['an event without a name', { type: 'event', from: { id: 'p' } }, 400, 'MissingProperty'],
    ['a text that is none', { type: 'message', text: 5, from: { id: 'p' } }, 400, 'BadArgument'],
    ['an attachment of our own store', { type: 'message', text: 'x', from: { id: 'p' }, attachments: [{ contentUrl: 'media:t1' }] }, 400, 'BadArgument'],
    ['a script for an attachment', { type: 'message', text: 'x', from: { id: 'p' }, attachments: [{ contentUrl: 'javascript:alert(1)' }] }, 400, 'BadArgument'],
    ['more than 256 K characters', { type: 'message', text: 'x'.repeat(262_144), from: { id: 'p' } }, 413, 'MessageSizeTooBig'],
  ])('refuses %s', async (_what, activity, status, code) => {
    const on = await start();
    const conversation = await startConversation(on);
    expect(await post(on, conversation, activity)).toMatchObject({ status, body: error(code) });
    expect(on.ports.received).toEqual([]);
  });

  it('takes a long text of many bytes', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    expect((await post(on, conversation, hello('c1', { text: '水'.repeat(250_000) }))).status).toBe(200);
  });

  it('passes typing on without keeping it', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    expect(await post(on, conversation, { type: 'typing', from: { id: 'p' } })).toMatchObject({ status: 200, body: { id: expect.stringContaining('|typing-') } });
    expect(on.ports.typed).toEqual([{ conversationId: on.core(conversation.id), role: 'citizen' }]);
    expect(on.ports.received).toEqual([]);
  });

  it('tells too many how long to wait, by conversation', async () => {
    const on = await start({ env: { WEBCHAT_POSTS_PER_MINUTE: '2' } });
    const [one, two] = [await startConversation(on), await startConversation(on)];
    await post(on, one, hello('a'));
    await post(on, one, hello('b'));
    const refused = await post(on, one, hello('c'));
    expect(refused).toMatchObject({ status: 429, body: error('TooManyRequests'), headers: { 'retry-after': '30', 'retry-after-ms': '30000' } });
    expect((await post(on, two, hello('c'))).status).toBe(200);
    on.advance(30_000);
    expect((await post(on, one, hello('c'))).status).toBe(200);
  });

  it('never answers 403 for what the house refuses, and says when to try again', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    const failing = async (thrown: Error) => {
      on.ports.failNextReceive(thrown);
      return post(on, conversation, hello('a'));
    };
    expect(await failing(new AppError('intake.refused', 'x', { status: 403 }))).toMatchObject({ status: 400, body: error('BadArgument') });
    expect(await failing(new AppError('store.busy', 'x', { retry: 'later', status: 503 }))).toMatchObject({ status: 503, body: error('ServiceError'), headers: { 'retry-after': '3', 'retry-after-ms': '3000' } });
    expect(await failing(new AppError('conversation.moved', 'x', { retry: 'conflict', status: 409 }))).toMatchObject({ status: 502, body: error('BotRejectedActivity') });
    expect(await failing(new AppError('quota', 'x', { retry: 'after', retryAfterMs: 1500 }))).toMatchObject({ status: 429, headers: { 'retry-after': '2' } });
    const broken = await failing(new Error('disk of 13800138000 is full'));
    expect(broken).toMatchObject({ status: 500, body: error('ServiceError') });
    expect(JSON.stringify(broken.body)).not.toContain('13800138000');
    expect(await post(on, conversation, hello('a'))).toMatchObject({ status: 200 });
  });
});

describe('reading', () => {
  it('says everything a client can show', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    const core = on.core(conversation.id);
    const source = { title: '养犬管理条例', department: '市公安局', effectiveFrom: '2026-01-01' };
    on.ports.say(core, { type: 'message', text: '要登记。', speak: '要登记。', inputHint: 'expectingInput', source, choices: [{ title: '是', value: '是的' }] });
    on.ports.say(core, { type: 'message', text: '我来处理', attachments: [{ contentType: 'image/png', name: 'a.png', url: 'media:t1' }] }, { role: 'seat', seatId: 's1' });
    on.ports.say(core, { type: 'event', name: 'handoff.status', value: { state: 'accepted' } }, { role: 'system' });
    on.ports.say(core, { type: 'unsupported', kind: 'conversationUpdate' }, { role: 'system' });
    on.ports.say(core, { type: 'endOfConversation', code: 'completedSuccessfully' });
    on.ports.say(core, { type: 'message', text: '可以网上办。', links: [{ title: '网上申领', url: 'https://city.example/apply' }] });
    const { body } = await read(on, conversation);
    expect(body).toMatchObject({
      watermark: '6',
      activities: [
        {
          type: 'message', text: '要登记。\n\n来源：《养犬管理条例》，市公安局，2026-01-01 起施行', textFormat: 'plain', speak: '要登记。', inputHint: 'expectingInput',
          suggestedActions: { to: [], actions: [{ type: 'imBack', title: '是', value: '是的' }] },
          channelData: { source }, from: { id: 'yihu', name: '12345 智能客服', role: 'bot' }, conversation: { id: conversation.id },
        },
        { from: { id: 'seat', name: '坐席', role: 'bot' }, attachments: [{ contentType: 'image/png', name: 'a.png', contentUrl: 'http://127.0.0.1:3000/media/t1/file' }] },
        { type: 'event', name: 'handoff.status', value: { state: 'accepted' } },
        { type: 'endOfConversation', code: 'completedSuccessfully', id: `${conversation.id}|0000005` },
        { text: '可以网上办。', attachments: [{ contentType: 'application/vnd.microsoft.card.hero', content: { buttons: [{ type: 'openUrl', title: '网上申领', value: 'https://city.example/apply' }] } }] },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('conversationUpdate');
    expect(JSON.stringify(body)).not.toContain('"s1"');
    expect((await read(on, conversation, '6')).body).toEqual({ activities: [], watermark: '6' });
  });

  it('goes on page by page', async () => {
    const on = await start();
    const conversation = await startConversation(on);
    for (let index = 1; index <= 620; index += 1) on.ports.say(on.core(conversation.id), { type: 'message', text: `第${index}条` });
    const seen: unknown[] = [];
    let watermark = '';
    for (let round = 0; round < 3; round += 1) {
      const { body } = await read(on, conversation, watermark);
      watermark = text(body, 'watermark');
      const activities: unknown = Reflect.get(Object(body), 'activities');
      if (Array.isArray(activities)) seen.push(...activities.map((activity: unknown) => text(activity, 'text')));
    }
    expect(seen).toEqual(Array.from({ length: 620 }, (_, index) => `第${index + 1}条`));
    expect(watermark).toBe('620');
  });
});

describe('browsers of other origins', () => {
  it('may call from anywhere unless origins are configured, errors included', async () => {
    const on = await start();
    const origin = 'https://city.example';
    expect((await call(on, 'POST', `${PREFIX}/tokens/generate`, null, undefined, { origin })).headers['access-control-allow-origin']).toBe('*');
    const preflight = await on.app.inject({ method: 'OPTIONS', url: `${PREFIX}/conversations/x/upload`, headers: { origin, 'access-control-request-method': 'POST' } });
    expect(preflight.statusCode).toBe(204);
    const allowed = String(preflight.headers['access-control-allow-headers']);
    for (const name of ['authorization', 'content-type', 'x-ms-bot-agent', 'x-requested-with']) expect(allowed).toContain(name);
    const session = await call(on, 'GET', `${PREFIX}/session/getsessionid`, SECRET, undefined, { origin });
    expect(session.headers).toMatchObject({ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'Origin' });
  });

  it('are kept to the configured ones and our own', async () => {
    const on = await start({ env: { WEBCHAT_ORIGINS: 'https://city.example, https://m.city.example/' } });
    const from = async (origin: string) => call(on, 'POST', '/widget/token', null, undefined, { origin });
    expect(await from('https://m.city.example')).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': 'https://m.city.example', vary: 'Origin' } });
    expect(await from('http://127.0.0.1:3000')).toMatchObject({ status: 200 });
    const refused = await from('https://evil.example');
    expect(refused.status).toBe(403);
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('without its secret', () => {
  it('says what is missing and takes nothing', async () => {
    const on = await start({ env: { DIRECTLINE_SECRET: '' } });
    for (const path of ['/widget/token', `${PREFIX}/conversations`, `${PREFIX}/tokens/generate`]) {
      const { status, body } = await call(on, 'POST', path, 'x', {});
      expect(status).toBe(503);
      expect(JSON.stringify(body)).toContain('DIRECTLINE_SECRET');
    }
    expect(await on.ports.findConversation('webchat', asAddress('x'))).toBeNull();
  });
});
