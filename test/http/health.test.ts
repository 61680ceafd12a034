import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHouse, type House } from '../../src/main.ts';
import { createMetrics } from '../../src/meter.ts';
import { openApp } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('health of the zone', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());

  it('lives while it is not ready, and does not say why to strangers', async () => {
    const app = await openApp(intake, { health: { ready: async () => { throw new Error('postgres://user:secret@10.0.0.1'); } } });
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    const ready = await app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'not ready', parts: {} }]);
    await app.close();
  });

  it('shows the counters also while the store is down: that is when they matter', async () => {
    const metrics = createMetrics();
    metrics.meter.count('refused', { channel: 'ivr-twilio', reason: 'bad_signature' });
    const app = await openApp(intake, { health: { registry: metrics.registry, refresh: async () => { throw new Error('down'); } } });
    const answer = await app.inject('/metrics');
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, metrics.registry.contentType]);
    expect(answer.body).toContain('yihu_refused_total{channel="ivr-twilio",reason="bad_signature"} 1');
    await app.close();
  });
});

describe('the whole house', () => {
  let folder: string;
  const houses: House[] = [];
  const lines: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yihu-house-'));
    lines.length = 0;
  });
  afterEach(async () => {
    for (const house of houses.splice(0)) await house.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = async (env: Record<string, string> = {}): Promise<House> => {
    const house = await openHouse({ env: { DATA_DIR: folder, SQLITE_SYNCHRONOUS: 'NORMAL', ...env }, logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }) });
    houses.push(house);
    return house;
  };

  it('starts on an empty folder without a setting, is ready, and says which channels are off', async () => {
    const house = await open();
    expect((await house.app.inject('/readyz')).json()).toMatchObject({ status: 'ready', parts: { roles: 'web,worker', store: 'sqlite', 'channel webchat': 'on', 'channel ivr-twilio': 'off', 'channel wechat-miniprogram': 'off' } });
    const metrics = (await house.app.inject('/metrics')).body;
    expect(metrics).toMatch(/^yihu_outbox_ready 0$/m);
    expect(metrics).toMatch(/^yihu_conversations\{owner="waiting"\} 0$/m);
    expect(metrics).toMatch(/^yihu_seats\{presence="offline"\} 1$/m);
    expect(metrics).toMatch(/^yihu_seats\{presence="online"\} 0$/m);
    expect(house.secrets.adminPasswordIsNew).toBe(true);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o077).toBe(0);
    for (const secret of Object.values(JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')) as Record<string, string>)) expect(lines.join('')).not.toContain(secret);
  });

  it('shows a password only when it made the administrator with it', async () => {
    const first = await open();
    await first.close();
    rmSync(join(folder, 'secrets.json'));
    const again = await open({ VAULT_KEY: first.secrets.vaultKey.toString('base64') });
    expect(again.secrets.adminPasswordIsNew).toBe(false);
  });

  it('names the faults of all channels at once, without a value, and leaves nothing open', async () => {
    const env = {
      TWILIO_AUTH_TOKEN: 'twilio-secret-token', TWILIO_ACCOUNT_SID: 'not-a-sid', TWILIO_VOICE: 'Google.de-DE',
      WECHAT_APPID: 'wx', WECHAT_SECRET: 'wechat-secret', WECHAT_TOKEN: 't', WECHAT_AES_KEY: 'short-aes-key',
    };
    const failed: unknown = await open(env).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'settings.invalid' });
    const text = String(failed);
    for (const name of ['TWILIO_ACCOUNT_SID', 'TWILIO_VOICE', 'WECHAT_AES_KEY']) expect(text).toContain(name);
    for (const value of Object.values(env)) if (value.length > 2) expect(text).not.toContain(value);
    expect(existsSync(join(folder, 'yihu.sqlite3-wal'))).toBe(false); // the store was closed in order
  });

  it('stops once, however often it is asked, and refuses what comes after', async () => {
    const house = await open();
    await Promise.all([house.close(), house.close()]);
    await expect(house.store.ping()).rejects.toMatchObject({ code: 'store.closed' });
    expect(house.bus.running()).toBe(0);
  });

  it('goes on taking messages once its store is gone, and says so', async () => {
    const house = await open();
    await house.store.close();
    const ready = await house.app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toMatchObject([200, { parts: { store: 'sqlite: away, messages are spooled' } }]);
    expect((await house.app.inject('/healthz')).statusCode).toBe(200);
    expect((await house.app.inject('/metrics')).statusCode).toBe(200);
    const hook = await house.app.inject({ method: 'POST', url: '/v3/directline/tokens/generate', headers: { authorization: `Bearer ${house.secrets.directlineSecret}` } });
    expect(hook.statusCode).toBeLessThan(600);
  });

  it('refuses roles that could not hear of each other', async () => {
    await expect(open({ ROLES: 'worker' })).rejects.toMatchObject({ code: 'settings.invalid' });
    await expect(open({ ROLES: 'web' })).rejects.toMatchObject({ code: 'settings.invalid' });
    await expect(open({ ROLES: 'desk' })).rejects.toMatchObject({ code: 'settings.invalid' });
  });

  it('refuses a database that was sealed with another key', async () => {
    const first = await open();
    await first.close();
    await expect(open({ VAULT_KEY: Buffer.alloc(32, 9).toString('base64') })).rejects.toMatchObject({ code: 'vault.other_key' });
  });
});
