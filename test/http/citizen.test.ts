import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openApp, signIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { PNG } from '../support/webchat-server.ts';

describe('what citizens are served', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let web: string;
  beforeEach(async () => {
    web = mkdtempSync(join(tmpdir(), 'yihu-web-'));
    for (const folder of ['desk', 'assets']) mkdirSync(join(web, folder));
    for (const [path, text] of [['index.html', '<p>citizens</p>'], ['desk/index.html', '<p>seats</p>'], ['widget.js', '1'], ['assets/main-a1B2c3D4.js', '2']] as const) writeFileSync(join(web, path), text);
    writeFileSync(join(web, '..', 'yihu-outside.txt'), 'outside');
    intake = await openIntake();
    app = await openApp(intake, { webFolder: web });
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
    rmSync(web, { recursive: true, force: true });
    rmSync(join(web, '..', 'yihu-outside.txt'), { force: true });
  });
  const path = (url: string): string => new URL(intake.context.media.publicUrl(url)).pathname;

  it('an attachment by its address: pictures shown, the rest saved, nothing run', async () => {
    const saved = await intake.context.media.save(PNG, '现场 (1)\'s.png');
    const answer = await app.inject(path(saved.url));
    expect(answer.statusCode).toBe(200);
    expect(answer.rawPayload.equals(PNG)).toBe(true);
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox" });
    expect(answer.headers['content-disposition']).toBe("inline; filename*=UTF-8''%E7%8E%B0%E5%9C%BA%20%281%29%27s.png");
    const note = await intake.context.media.save(Buffer.from('hello <script>alert(1)</script>'), 'note.html');
    expect((await app.inject(path(note.url))).headers).toMatchObject({ 'content-type': 'text/plain', 'content-disposition': expect.stringMatching(/^attachment;/) });
  });

  it('a file with the longest Chinese name there is', async () => {
    const saved = await intake.context.media.save(PNG, `${'现场照片'.repeat(40)}.png`);
    expect((await app.inject(path(saved.url))).statusCode).toBe(200);
  });

  it('no attachment without its token, by any trick', async () => {
    const saved = await intake.context.media.save(PNG, 'a.png');
    const token = path(saved.url).split('/')[2] ?? '';
    for (const url of [`/media/${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}/a.png`, `/media/${token.toLowerCase()}x/a.png`, '/media/%25/a.png', '/media/__proto__/a.png', `/media/${token}`, '/media/', `/media/${'x'.repeat(2_000)}/a`]) {
      const answer = await app.inject(url);
      expect([url.slice(0, 30), [404, 414].includes(answer.statusCode)]).toEqual([url.slice(0, 30), true]);
    }
  });

  it('pages are looked at again, hashed files kept for ever', async () => {
    const [page, widget, asset] = [await app.inject('/'), await app.inject('/widget.js'), await app.inject('/assets/main-a1B2c3D4.js')];
    expect([page.body, page.headers['cache-control']]).toEqual(['<p>citizens</p>', 'no-cache']);
    expect(widget.headers).toMatchObject({ 'cache-control': 'no-cache', 'cross-origin-resource-policy': 'cross-origin' });
    expect(asset.headers['cache-control']).toContain('immutable');
    expect([(await app.inject('/desk')).body, (await app.inject('/desk/')).body]).toEqual(['<p>seats</p>', '<p>seats</p>']);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  });

  it('nothing outside the folder of the pages', async () => {
    for (const url of ['/../yihu-outside.txt', '/%2e%2e/yihu-outside.txt', '/..%2fyihu-outside.txt', '/desk/../../yihu-outside.txt', '/assets/..\\..\\yihu-outside.txt', '/%00', '/index.html%00.js', '/.env', '/package.json']) {
      const answer = await app.inject(url);
      expect([url, answer.statusCode >= 400 && answer.statusCode < 500, answer.body.includes('outside')]).toEqual([url, true, false]);
    }
  });

  it('says how to build the pages when they are not there, and serves the rest', async () => {
    const bare = await openApp(intake, { webFolder: join(web, 'nowhere') });
    expect((await bare.inject('/')).statusCode).toBe(503);
    expect((await bare.inject('/healthz')).statusCode).toBe(200);
    await bare.close();
  });
});

describe('limits by address', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());

  it('slow a flood down with a time to come back, not the hooks and not the probes', async () => {
    const app = await openApp(intake, { env: { RATE_LIMIT_ADDRESS: '5' } });
    const codes = [];
    for (let n = 0; n < 7; n += 1) codes.push((await app.inject('/media/a/b')).statusCode);
    expect(codes).toEqual([404, 404, 404, 404, 404, 429, 429]);
    const slowed = await app.inject('/media/a/b');
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0);
    expect(slowed.json()).toMatchObject({ error: { code: 'http.too_many' } });
    for (let n = 0; n < 10; n += 1) expect((await app.inject('/healthz')).statusCode).toBe(200);
    expect((await app.inject({ url: '/media/a/b', remoteAddress: '10.1.2.3' })).statusCode).toBe(404);
    await app.close();
  });

  it('do not punish the seats of a hall for sharing one address', async () => {
    const app = await openApp(intake, { env: { RATE_LIMIT_ADDRESS: '5' }, desk: { requestsPerMinute: 5 } });
    const seats = [];
    for (let n = 0; n < 8; n += 1) seats.push(await signIn(app, intake));
    for (let n = 0; n < 5; n += 1) for (const seat of seats) expect((await seat.call('GET', '/api/channels')).statusCode).toBe(200);
    const [first, second] = seats;
    expect((await first?.call('GET', '/api/channels'))?.statusCode).toBe(429);
    for (let n = 0; n < 20; n += 1) await app.inject({ url: '/api/channels', headers: { cookie: `yihu_session=made-up-${n}` } });
    expect((await app.inject({ url: '/api/channels', headers: { cookie: 'yihu_session=made-up' } })).statusCode).toBe(429);
    expect((await second?.call('GET', '/api/session'))?.statusCode).toBe(200);
    await app.close();
  });

  it('believe a proxy only when it is named', async () => {
    const run = async (env: Record<string, string>) => {
      const app = await openApp(intake, { env: { RATE_LIMIT_ADDRESS: '2', ...env } });
      const codes = [];
      for (let n = 0; n < 4; n += 1) codes.push((await app.inject({ url: '/media/a/b', remoteAddress: '10.9.9.9', headers: { 'x-forwarded-for': `203.0.113.${n}` } })).statusCode);
      await app.close();
      return codes;
    };
    expect(await run({})).toEqual([404, 404, 429, 429]);
    expect(await run({ TRUSTED_PROXIES: '10.9.9.0/24' })).toEqual([404, 404, 404, 404]);
    expect(await run({ TRUSTED_PROXIES: '192.0.2.1' })).toEqual([404, 404, 429, 429]);
  });
});
