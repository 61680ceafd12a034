import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawRequest } from '../../../src/channel/contract.ts';
import { buildPush, type BuildOptions, type PushField } from '../../../src/cli/sim/wechat-peer.ts';
import { readAccount, type Settings } from '../../../src/channel/wechat/settings.ts';
import { sign } from '../../../src/channel/wechat/crypto.ts';
import { BODY_LIMIT_BYTES, verifyPush, verifyUrlCheck, type RefusalReason } from '../../../src/channel/wechat/verify.ts';

const KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const ENV = { WECHAT_APPID: 'wx0000000000000000', WECHAT_SECRET: 'not-a-real-secret', WECHAT_TOKEN: 'not-a-real-token', WECHAT_AES_KEY: KEY };
const NOW = 1_790_000_000_000;

function settingsOf(more: Record<string, string> = {}, production = false): Settings {
  const configuration = readAccount({ ...ENV, ...more }, production, 'WECHAT_');
  if (configuration.state === 'off') throw new Error('the channel is off');
  return configuration.settings;
}

const FIELDS: readonly PushField[] = [
  ['ToUserName', 'gh_0000000000aa', 'text'],
  ['FromUserName', 'oAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'text'],
  ['CreateTime', '1790000000', 'number'],
  ['MsgType', 'text', 'text'],
  ['Content', '路灯坏了', 'text'],
  ['MsgId', '22923519871373703', 'number'],
];

interface PushChange extends Partial<Pick<BuildOptions, 'mode' | 'format' | 'timestamp' | 'nonce'>> {
  readonly appId?: string;
  readonly token?: string;
  readonly aesKey?: string;
}

function pushRequest(change: PushChange = {}): RawRequest {
  const push = buildPush(FIELDS, {
    credentials: { appId: change.appId ?? ENV.WECHAT_APPID, token: change.token ?? ENV.WECHAT_TOKEN, aesKey: change.aesKey ?? KEY },
    mode: change.mode ?? 'safe',
    format: change.format ?? 'xml',
    account: 'gh_0000000000aa',
    openid: 'oAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    timestamp: change.timestamp ?? String(NOW / 1000),
    nonce: change.nonce ?? '123456789',
    random: Buffer.alloc(16, 0x61),
  });
  return request('POST', push.query, push.body);
}

const request = (method: string, query: string, body = ''): RawRequest => ({ method, url: `/hooks/wechat/miniprogram?${query}`, headers: {}, body: Buffer.from(body) });
const reasonOf = (outcome: { readonly ok: boolean; readonly reason?: RefusalReason }): string => (outcome.ok ? 'taken' : outcome.reason ?? '');

describe('pushes', () => {
  it.each([['safe', 'xml'], ['safe', 'json'], ['compatible', 'xml'], ['compatible', 'json']] as const)('%s mode in %s is taken', (mode, format) => {
    const outcome = verifyPush(pushRequest({ mode, format }), NOW, settingsOf());
    expect(outcome.ok && [outcome.mode, outcome.fields.get('Content'), outcome.fields.get('MsgId')]).toEqual(['sealed', '路灯坏了', '22923519871373703']);
  });

  it('is refused for another token, key, app or time', () => {
    const reason = (change: PushChange, now = NOW): string => reasonOf(verifyPush(pushRequest(change), now, settingsOf()));
    expect(reason({ token: 'another-token' })).toBe('bad-signature');
    expect(reason({ aesKey: 'A'.repeat(43) })).toBe('cipher');
    expect(reason({ appId: 'wx0000000000000001' })).toBe('wrong-receiver');
    expect(reason({}, NOW + 300_000)).toBe('taken');
    expect(reason({}, NOW + 301_000)).toBe('stale');
    expect(reason({}, NOW - 301_000)).toBe('stale');
    expect(reason({ timestamp: '1e9' })).toBe('bad-query');
    expect(reason({ nonce: '' })).toBe('bad-query');
  });

  it('is stale in plain mode and at the URL check as well, within a window that can be set', () => {
    const settings = settingsOf({ WECHAT_ALLOW_PLAIN: 'true', WECHAT_PUSH_WINDOW_SECONDS: '60' });
    expect(reasonOf(verifyPush(pushRequest({ mode: 'plain' }), NOW + 61_000, settings))).toBe('stale');
    expect(reasonOf(verifyPush(pushRequest(), NOW + 61_000, settings))).toBe('stale');
    expect(reasonOf(verifyUrlCheck(request('GET', `signature=x&timestamp=${NOW / 1000}&nonce=1&echostr=1`), NOW + 61_000, settings))).toBe('stale');
  });

  it('is taken under the previous key while that one is set', () => {
    const rotated = { WECHAT_AES_KEY: 'A'.repeat(43) };
    expect(reasonOf(verifyPush(pushRequest(), NOW, settingsOf(rotated)))).toBe('cipher');
    expect(reasonOf(verifyPush(pushRequest(), NOW, settingsOf({ ...rotated, WECHAT_AES_KEY_PREVIOUS: KEY })))).toBe('taken');
  });

  it('in plain mode is refused unless allowed, and always in production', () => {
    const plain = pushRequest({ mode: 'plain' });
    expect(reasonOf(verifyPush(plain, NOW, settingsOf()))).toBe('plain-refused');
    expect(reasonOf(verifyPush(plain, NOW, settingsOf({ WECHAT_ALLOW_PLAIN: 'true' }, true)))).toBe('plain-refused');
    expect(reasonOf(verifyPush(plain, NOW, settingsOf({ WECHAT_ALLOW_PLAIN: 'true' })))).toBe('taken');
    expect(reasonOf(verifyPush(pushRequest({ mode: 'plain', token: 'another-token' }), NOW, settingsOf({ WECHAT_ALLOW_PLAIN: 'true' })))).toBe('bad-signature');
  });

  it('never falls back to the weaker signature', () => {
    const settings = settingsOf({ WECHAT_ALLOW_PLAIN: 'true' });
    const sealed = pushRequest();
    const plain = pushRequest({ mode: 'plain' });
    // Clear words under a query that speaks of encryption.
    expect(reasonOf(verifyPush({ ...sealed, body: plain.body }, NOW, settings))).toBe('no-encrypt');
    // An encrypted body with nothing but the three-part signature.
    expect(reasonOf(verifyPush({ ...plain, body: sealed.body }, NOW, settings))).toBe('bad-signature');
  });

  it('above the limit, not UTF-8 or without a form is refused before anything is decrypted', () => {
    const outcome = (body: Buffer): string => reasonOf(verifyPush({ ...pushRequest(), body }, NOW, settingsOf()));
    expect(outcome(Buffer.alloc(BODY_LIMIT_BYTES + 1, 0x20))).toBe('too-large');
    expect(outcome(Buffer.from([0xc3, 0x28]))).toBe('not-utf8');
    expect(outcome(Buffer.from('hello'))).toBe('malformed');
    expect(outcome(Buffer.from('<!DOCTYPE x><xml/>'))).toBe('doctype');
  });

  it('made of garbage is always refused and never throws', () => {
    const settings = settingsOf({ WECHAT_ALLOW_PLAIN: 'true' });
    fc.assert(fc.property(fc.string(), fc.uint8Array({ maxLength: 400 }), (query, bytes) => {
      expect(verifyPush({ ...request('POST', query), body: Buffer.from(bytes) }, NOW, settings).ok).toBe(false);
      expect(verifyUrlCheck(request('GET', query), NOW, settings).ok).toBe(false);
    }));
    // A signed wrapper around garbage.
    fc.assert(fc.property(fc.string(), (sealed) => {
      fc.pre(sealed !== '');
      const signature = sign([ENV.WECHAT_TOKEN, String(NOW / 1000), '1', sealed]);
      const wrapped = request('POST', `timestamp=${NOW / 1000}&nonce=1&msg_signature=${signature}`, JSON.stringify({ Encrypt: sealed }));
      expect(verifyPush(wrapped, NOW, settings)).toMatchObject({ ok: false, status: 403, reason: 'cipher' });
    }));
  });

  it('with any single character of the signature changed is refused', () => {
    const good = pushRequest();
    const start = good.url.indexOf('msg_signature=') + 'msg_signature='.length;
    for (let at = start; at < start + 40; at += 1) {
      const url = `${good.url.slice(0, at)}${good.url[at] === 'f' ? 'e' : 'f'}${good.url.slice(at + 1)}`;
      expect(reasonOf(verifyPush({ ...good, url }, NOW, settingsOf()))).toBe('bad-signature');
    }
  });
});

describe('the URL check', () => {
  const timestamp = String(NOW / 1000);
  const check = (query: Record<string, string>, settings = settingsOf()) => verifyUrlCheck(request('GET', new URLSearchParams({ timestamp, nonce: '77', ...query }).toString()), NOW, settings);
  const signature = sign([ENV.WECHAT_TOKEN, timestamp, '77']);

  it('echoes the clear echostr verbatim', () => {
    expect(check({ signature, echostr: '4375120948345356249' })).toEqual({ ok: true, echo: '4375120948345356249' });
    expect(reasonOf(check({ signature, echostr: '' }))).toBe('bad-query');
    expect(reasonOf(check({ signature: signature.toUpperCase(), echostr: '1' }))).toBe('bad-signature');
    expect(reasonOf(check({ echostr: '1' }))).toBe('bad-signature');
  });

  it('wants the four-part signature as soon as one is there', () => {
    expect(reasonOf(check({ signature, msg_signature: signature, echostr: '1' }))).toBe('bad-signature');
    const four = sign([ENV.WECHAT_TOKEN, timestamp, '77', 'YWJj']);
    expect(reasonOf(check({ msg_signature: four, echostr: 'YWJj' }))).toBe('cipher');
  });
});
