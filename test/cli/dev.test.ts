import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { channel as ivrTwilio } from '../../channels/ivr-twilio/index.ts';
import { channel as wechat } from '../../channels/wechat-miniprogram/index.ts';
import type { RawRequest } from '../../src/channel/contract.ts';
import { devArguments, devSettings, runDev, type DevIo } from '../../src/cli/dev.ts';
import { createPhoneSim } from '../../src/cli/sim/phone.ts';
import { buildPush } from '../../src/cli/sim/wechat-peer.ts';
import { runWechat } from '../../src/cli/sim/wechat.ts';
import { DEMO_PHONE, DEMO_WECHAT } from '../../src/cli/sim/demo-settings.ts';
import { readSettings } from '../../src/config/settings.ts';
import { createFakePorts } from '../fakes/ports.ts';

const PUBLIC_URL = 'http://127.0.0.1:3000';

/** A child that ends when it is told to. */
function fakeRun(env: Record<string, string | undefined> = {}) {
  const signals = new EventEmitter();
  const started: { nodeArguments: readonly string[]; env: Record<string, string | undefined> }[] = [];
  const told: string[] = [];
  const written = { out: '', err: '' };
  let end: (code: number | null) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const ended = new Promise<number | null>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  const io: DevIo = {
    env,
    signals,
    output: { write: (text) => void (written.out += text) },
    errors: { write: (text) => void (written.err += text) },
    start: (nodeArguments, given) => {
      started.push({ nodeArguments, env: given });
      return { kill: (signal) => void told.push(signal), killAll: () => void told.push('all'), ended };
    },
  };
  return { io, signals, started, told, written, end, fail };
}

describe('npm run dev', () => {
  it('has settings that the gateway and both channels take', async () => {
    const env = devSettings({});
    expect(readSettings(env)).toMatchObject({ DATA_DIR: './data/dev', PORT: 3000 });
    for (const module of [ivrTwilio, wechat]) {
      const channel = await module.create({ env, publicUrl: PUBLIC_URL, production: false, ports: createFakePorts({ now: () => 0 }) });
      expect(channel.status, channel.name).toEqual({ state: 'on' });
    }
  });

  it('never hides what is set', () => {
    const env = devSettings({ TWILIO_AUTH_TOKEN: 'my-own', DATA_DIR: '/elsewhere', WECHAT_TOKEN: ' ', PORT: '3100' });
    expect(env).toMatchObject({ TWILIO_AUTH_TOKEN: 'my-own', DATA_DIR: '/elsewhere', WECHAT_TOKEN: DEMO_WECHAT.WECHAT_TOKEN, PORT: '3100' });
  });

  it('fits the simulated call without any setting', async () => {
    const opened = await ivrTwilio.create({ env: devSettings({}), publicUrl: PUBLIC_URL, production: false, ports: createFakePorts({ now: () => 0 }) });
    const hook = opened.hooks?.find(({ path }) => path === '/hooks/ivr/twilio/voice');
    const kinds: string[] = [];
    const sim = createPhoneSim({
      baseUrl: PUBLIC_URL,
      authToken: DEMO_PHONE.TWILIO_AUTH_TOKEN,
      transport: async ({ url, headers, body }) => {
        const { pathname, search } = new URL(url);
        const raw: RawRequest = { method: 'POST', url: pathname + search, headers, body: Buffer.from(body) };
        const reading = hook?.read(raw, 0);
        kinds.push(reading?.kind ?? 'no hook');
        return hook === undefined ? { status: 404, contentType: '', body: '' } : hook.encodeReply(raw, { messages: [{ activityIds: ['a'], content: { type: 'message', text: '您好。' } }], turn: 'done', conversation: 'bot' });
      },
    });
    expect(await sim.call()).toEqual(['您好。']);
    expect(kinds).toEqual(['inbound']);
  });

  it('fits the simulated chat without any setting', async () => {
    const settings = devSettings({});
    let printed = '';
    await runWechat(['--print-env'], { input: Readable.from([]), output: { write: (text) => void (printed += text) }, errors: { write: () => undefined }, env: {} });
    const lines = printed.trim().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(5);
    for (const line of lines) expect(line).toBe(`${line.slice(0, line.indexOf('='))}=${settings[line.slice(0, line.indexOf('='))]}`);

    const opened = await wechat.create({ env: settings, publicUrl: PUBLIC_URL, production: false, ports: createFakePorts({ now: () => 0 }) });
    const hook = opened.hooks?.find(({ method }) => method === 'POST');
    const credentials = { appId: DEMO_WECHAT.WECHAT_APPID, token: DEMO_WECHAT.WECHAT_TOKEN, aesKey: DEMO_WECHAT.WECHAT_AES_KEY };
    const push = buildPush([['ToUserName', 'gh_simulator', 'text'], ['FromUserName', 'oSimulator1', 'text'], ['CreateTime', '0', 'number'], ['MsgType', 'text', 'text'], ['Content', '你好', 'text'], ['MsgId', '22900000000000001', 'number']], { credentials, mode: 'safe', format: 'xml', account: 'gh_simulator', openid: 'oSimulator1', timestamp: '0', nonce: '1', random: Buffer.alloc(16) });
    const reading = hook?.read({ method: 'POST', url: `${hook.path}?${push.query}`, headers: { 'content-type': push.contentType }, body: Buffer.from(push.body) }, 0);
    expect(reading).toMatchObject({ kind: 'inbound', activities: [{ content: { type: 'message', text: '你好' } }] });
  });

  it('watches code, channels, flows and config', () => {
    const watching = devArguments(true).join(' ');
    for (const folder of ['src', 'channels', 'flows', 'config']) expect(watching).toContain(`--include ./${folder}/`);
    expect(devArguments(true).at(-1)).toBe('src/main.ts');
    expect(devArguments(false)).not.toContain('watch');
  });

  it('says how to talk to it, at its address', async () => {
    const { io, started, written, end } = fakeRun({ PORT: '3100' });
    const running = runDev([], io);
    end(0);
    expect(await running).toBe(0);
    expect(started).toHaveLength(1);
    expect(started[0]?.env).toMatchObject({ PORT: '3100', WECHAT_API_BASE: 'http://127.0.0.1:9191' });
    for (const words of ['npm run sim -- phone --url http://127.0.0.1:3100', 'npm run sim -- wechat --url http://127.0.0.1:3100', './data/dev']) expect(written.out).toContain(words);
    const plain = fakeRun();
    plain.end(0);
    await runDev([], plain.io);
    expect(plain.written.out).toMatch(/npm run sim -- phone +打电话/);
    expect(plain.written.out).not.toContain('--url');
  });

  it('warns where strangers can reach it and refuses production', async () => {
    const open = fakeRun({ HOST: '0.0.0.0' });
    open.end(0);
    await runDev([], open.io);
    expect(open.written.out).toContain('密钥是公开的');
    const production = fakeRun({ NODE_ENV: 'production' });
    expect(await runDev([], production.io)).toBe(2);
    expect(production.started).toHaveLength(0);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('hands %s on once, then ends everything, and is no fault', async (signal) => {
    const { io, signals, told, end } = fakeRun();
    const running = runDev([], io);
    signals.emit(signal);
    expect(told).toEqual([signal]);
    signals.emit(signal);
    expect(told).toEqual([signal, 'all']);
    end(null);
    expect(await running).toBe(0);
    expect(signals.eventNames()).toEqual([]);
  });

  it('ends as the gateway ended by itself', async () => {
    const broken = fakeRun();
    const running = runDev(['--no-watch'], broken.io);
    broken.end(3);
    expect(await running).toBe(3);
    expect(broken.started[0]?.nodeArguments).toEqual(['--import', 'tsx', 'src/main.ts']);
    const missing = fakeRun();
    const starting = runDev([], missing.io);
    missing.fail(new Error('spawn ENOENT'));
    expect(await starting).toBe(1);
    expect(missing.written.err).toContain('spawn ENOENT');
  });

  it('answers 2 on wrong arguments and 0 with --help', async () => {
    const wrong = fakeRun();
    expect(await runDev(['--nonsense'], wrong.io)).toBe(2);
    expect(wrong.started).toHaveLength(0);
    const help = fakeRun();
    expect(await runDev(['--help'], help.io)).toBe(0);
    expect(help.written.out).toContain('npm run dev');
    expect(help.started).toHaveLength(0);
  });
});
