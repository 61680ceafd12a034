import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { describeError, setErrorHandling } from '../../src/http/errors.ts';
import { receive } from '../../src/intake/receive.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('what a failure looks like outside', () => {
  it.each<[unknown, number, string]>([
    [new AppError('ticket.not_found', 'inner words', { status: 404, citizenText: '没有找到。' }), 404, '没有找到。'],
    [new AppError('store.failed', 'inner words', { status: 503, citizenText: '不该出现' }), 503, '服务暂时不可用，请稍后再试。'],
    [new AppError('ticket.conflict', 'inner words', { status: 409 }), 409, '内容已被他人更改，请刷新后再试。'],
    [new Error('inner words 13800138000'), 500, '服务暂时不可用，请稍后再试。'],
    [Object.assign(new Error('inner words'), { statusCode: 413 }), 413, '内容太大了。'],
    [Object.assign(new Error('inner words'), { statusCode: 200 }), 500, '服务暂时不可用，请稍后再试。'],
    [Object.assign(new Error('inner words'), { statusCode: 'x' }), 500, '服务暂时不可用，请稍后再试。'],
    ['inner words', 500, '服务暂时不可用，请稍后再试。'],
    [undefined, 500, '服务暂时不可用，请稍后再试。'],
    [null, 500, '服务暂时不可用，请稍后再试。'],
  ])('%s', (error, status, message) => {
    const described = describeError(error);
    expect(described).toMatchObject({ status, body: { error: { code: expect.any(String), message } } });
    expect(JSON.stringify(described)).not.toMatch(/inner words|13800138000/);
  });

  it('says when to come back, and never quotes what failed in the log', async () => {
    const lines: string[] = [];
    const app = Fastify({ logger: { level: 'trace', stream: { write: (line: string) => void lines.push(line) } } });
    setErrorHandling(app);
    app.get('/wait', async () => { throw new AppError('citizen.too_fast', 'm', { status: 429, retry: 'after', retryAfterMs: 1_200 }); });
    app.get('/boom', async () => { throw new Error('王小明 13800138000'); });
    app.get('/odd', async () => { throw '王小明 13800138000'; }); // eslint-disable-line no-throw-literal
    const wait = await app.inject('/wait');
    expect([wait.statusCode, wait.headers['retry-after']]).toEqual([429, '2']);
    for (const url of ['/boom', '/odd']) expect((await app.inject(url)).statusCode).toBe(500);
    await app.close();
    expect(lines.join('')).toContain('errors.test.ts'); // where it broke
    expect(lines.join('')).not.toMatch(/王小明|13800138000/);
  });
});

describe('bad input', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let supervisor: SignedIn;
  const lines: string[] = [];
  beforeEach(async () => {
    lines.length = 0;
    intake = await openIntake();
    intake.script = () => [{ kind: 'handoff', reason: 'x', understood: { flow: null, slots: [], items: [] } }];
    await intake.startBus();
    app = await openApp(intake, { lines });
    supervisor = await signIn(app, intake, 'supervisor');
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const waiting = async () => {
    const got = await receive(intake.context, aMessage('人工'));
    await intake.settle();
    return got.conversationId;
  };
  const inject = (options: InjectOptions) => app.inject({ ...options, headers: { cookie: supervisor.cookie, 'x-csrf-token': supervisor.csrf, ...options.headers } });
  const json = (url: string, payload: string | Buffer, method: 'POST' | 'PUT' | 'PATCH' = 'POST') => inject({ method, url, payload, headers: { 'content-type': 'application/json' } });

  it('of every shape is a 4xx with a code, on every route that takes a body', async () => {
    const id = await waiting();
    const routes: [method: 'POST' | 'PUT' | 'PATCH', url: string][] = [
      ['POST', '/api/session'], ['PUT', '/api/presence'], ['POST', `/api/conversations/${id}/take`], ['POST', `/api/conversations/${id}/reply`], ['POST', `/api/conversations/${id}/tickets`],
      ['POST', '/api/tickets/x/moves/sign'], ['POST', '/api/tickets/x/notes'], ['POST', '/api/citizens/x/unmask'], ['POST', '/api/seats'], ['PATCH', '/api/seats/x'],
    ];
    const bodies: [what: string, body: string | Buffer][] = [
      ['nothing', ''], ['null', 'null'], ['a number', '7'], ['an array', '[]'], ['a string', '"x"'], ['cut off', '{"a":'], ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
      ['deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`], ['deep objects', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`], ['too large', JSON.stringify({ text: 'x'.repeat(1_100_000) })],
      ['a number that is none', '{"version":1e999,"text":{"toString":1},"username":[1],"role":{"$gt":""}}'],
    ];
    for (const [method, url] of routes) {
      for (const [what, body] of bodies) {
        // Everything in a take-over's body is optional and unknown keys are dropped: an object there is no bad input.
        if (url.endsWith('/take') && ['deep objects', 'too large', 'a number that is none'].includes(what)) continue;
        const answer = await json(url, body, method);
        expect([url, what, answer.statusCode >= 400 && answer.statusCode < 500, answer.json()]).toMatchObject([url, what, true, { error: { code: expect.any(String), message: expect.any(String) } }]);
      }
    }
    expect(lines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });

  it('that would poison a prototype poisons nothing and grants nothing', async () => {
    const seat = await signIn(app, intake, 'seat');
    const id = await waiting();
    const other = await signIn(app, intake, 'seat');
    await other.call('POST', `/api/conversations/${id}/take`, {});
    for (const payload of ['{"__proto__":{"force":true}}', '{"constructor":{"prototype":{"force":true}}}', '{"force":true,"__proto__":{"role":"administrator"}}']) {
      const answer = await app.inject({ method: 'POST', url: `/api/conversations/${id}/take`, payload, headers: { cookie: seat.cookie, 'x-csrf-token': seat.csrf, 'content-type': 'application/json' } });
      expect(answer.statusCode).toBe(409);
    }
    expect(Reflect.get({}, 'force')).toBeUndefined();
    expect((await seat.call('POST', '/api/seats', { username: 'abc', displayName: 'x', role: 'administrator', password: '12345678', ['__proto__']: { seat: { role: 'administrator' } } })).statusCode).toBe(403);
  });

  it('in addresses, queries and headers is a 4xx too', async () => {
    const urls = [
      '/%', '/api/conversations/%E0%A4%A', `/api/conversations/${'x'.repeat(2_000)}`, '/api/conversations?limit=0', '/api/conversations?limit=1e9', '/api/conversations?limit=abc', '/api/conversations?before=-1',
      '/api/conversations?view=human%00', '/api/conversations?view=mine&view=all', '/api/tickets?state=%E4%B8%8D%E5%AD%98%E5%9C%A8', `/api/tickets?q=${'x'.repeat(81)}`, '/api/knowledge?limit=0', '/api/knowledge?module=x', '/api/knowledge/similar',
      '/api/tickets/__proto__', '/api/conversations/constructor', `/api/conversations/x/activities?afterSeq=${'9'.repeat(30)}`, '/api/trail?limit=501', '/no/such', '/api', '/API/seats', '//api//seats',
    ];
    for (const url of urls) {
      const answer = await inject({ method: 'GET', url });
      expect([url.slice(0, 60), answer.statusCode >= 400 && answer.statusCode < 500, answer.json()]).toMatchObject([url.slice(0, 60), true, { error: { code: expect.any(String) } }]);
    }
    for (const headers of [{ 'content-type': 'application/json; charset=utf-16' }, { 'content-type': 'multipart/form-data' }, { 'content-type': 'text/plain' }, { 'content-type': '/' }]) {
      const answer = await inject({ method: 'POST', url: '/api/session', payload: '{"username":"a","password":"b"}', headers });
      expect([headers, answer.statusCode < 500]).toEqual([headers, true]);
    }
    for (const cookie of ['yihu_session=', 'yihu_session=%zz', 'yihu_session', `yihu_session=${'x'.repeat(9_000)}`, '=;=;;', 'yihu_session=a; yihu_session=b']) {
      expect([cookie.slice(0, 20), (await app.inject({ method: 'GET', url: '/api/seats', headers: { cookie } })).statusCode]).toEqual([cookie.slice(0, 20), 401]);
    }
    for (const authorization of ['Bearer ', 'Bearer', `Bearer ${'x'.repeat(9_000)}`, 'Basic YTpi', 'bearer x', 'Bearer \u00e9']) {
      expect((await app.inject({ method: 'GET', url: '/api/seats', headers: { authorization } })).statusCode).toBe(401);
    }
    expect(lines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });

  it('with search signs is searched for as it stands', async () => {
    for (const q of ['%', '_', "'; drop table tickets; --", '\\', '𠮷', '%00'.repeat(3), '13800138000']) {
      const answer = await supervisor.call('GET', `/api/tickets?q=${encodeURIComponent(q)}`);
      expect([q, answer.statusCode, answer.json()]).toEqual([q, 200, { tickets: [] }]);
    }
    expect(lines.join('')).not.toContain('13800138000');
  });

  it('below HTTP closes the connection with a 4xx and the house goes on', async () => {
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const raw = (text: string) => new Promise<string>((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname, () => socket.write(text));
      let got = '';
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => (got += chunk));
      socket.on('error', reject);
      socket.on('close', () => resolve(got));
    });
    for (const text of ['GARBAGE\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`, 'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n']) {
      expect(await raw(text)).toMatch(/^HTTP\/1\.1 4\d\d/);
    }
    const status = await new Promise<number>((resolve, reject) => {
      httpRequest(new URL('/healthz', url), { agent: false }, (incoming) => { incoming.resume(); resolve(incoming.statusCode ?? 0); }).on('error', reject).end();
    });
    expect(status).toBe(200);
  });
});
