import { describe, expect, it } from 'vitest';
import type { Hook, RawRequest } from '../../src/channel/contract.ts';
import { buildPush, type PushField } from '../../src/cli/sim/wechat-peer.ts';
import { createFakePorts } from '../../test/fakes/ports.ts';
import { channel } from './index.ts';
import { readMediaUrl } from '../../src/channel/wechat/push.ts';
import { decodePush } from './decode.ts';

const NOW = 1_790_000_000_000;
const OPENID = 'oAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const OPTIONS = { apiBase: 'https://api.weixin.qq.com' };

const decode = (fields: Record<string, string>, text = JSON.stringify(fields)) =>
  decodePush({ ok: true, mode: 'sealed', key: null, once: '1.1', text, fields: new Map(Object.entries({ ToUserName: 'gh_1', FromUserName: OPENID, CreateTime: '1790000000', ...fields })) }, OPTIONS);

describe('dedupe keys', () => {
  const text = { MsgType: 'text', Content: '你好', MsgId: '1' };
  const enter = { MsgType: 'event', Event: 'user_enter_tempsession', SessionFrom: 'a' };

  it('are the same for a resend and differ for everything else', () => {
    const pushes: readonly Record<string, string>[] = [
      text,
      { ...text, MsgId: '2' },
      { ...text, ToUserName: 'gh_2' },
      { ...text, FromUserName: 'oBBBBBBBBBBBBBBBBBBBBBBBBBBB' },
      enter,
      { ...enter, SessionFrom: 'b' },
      { ...enter, CreateTime: '1790000001' },
      { ...enter, FromUserName: 'oBBBBBBBBBBBBBBBBBBBBBBBBBBB' },
      { MsgType: 'event', Event: 'wxa_media_check', trace_id: '1' },
      { MsgType: 'event', Event: 'wxa_media_check', trace_id: '2' },
    ];
    const keys = pushes.map((fields) => decode(fields)?.externalId);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).not.toContain(undefined);
    expect(decode({ ...text, Content: 'other words of the same id' })?.externalId).toBe(keys[0]);
    expect(decode(enter)?.externalId).toBe(keys[4]);
  });

  it('take a MsgId that is no number, as cloud functions deliver it', () => {
    expect(decode({ ...text, MsgId: 'a/b%c' })?.externalId).toBe(`message/gh_1/${OPENID}/a%2Fb%25c`);
  });
});

describe('content', () => {
  it('needs sender, account and type', () => {
    for (const missing of ['ToUserName', 'FromUserName', 'MsgType']) expect(decode({ MsgType: 'text', Content: 'x', MsgId: '1', [missing]: '' })).toBeNull();
  });

  it('keeps unknown types raw and without a turn, known ones not', () => {
    expect(decode({ MsgType: 'location', MsgId: '1' }, 'raw text')).toMatchObject({ content: { type: 'unsupported', kind: 'location' }, raw: 'raw text' });
    expect(decode({ MsgType: 'event', Event: 'subscribe_msg_popup_event' }, 'raw')).toMatchObject({ content: { type: 'unsupported', kind: 'event/subscribe_msg_popup_event' }, raw: 'raw' });
    expect(decode({ MsgType: 'text', Content: '你好', MsgId: '1' })).not.toHaveProperty('raw');
  });

  it('replaces half a character', () => {
    expect(decode({ MsgType: 'text', Content: 'a\ud800b', MsgId: '1' })?.content).toMatchObject({ text: 'a�b' });
  });

  it('makes of a picture one address for both ways, and takes it apart again', () => {
    const urlOf = (fields: Record<string, string>): string => {
      const content = decode({ MsgType: 'image', MsgId: '1', ...fields })?.content;
      return content?.type === 'message' ? content.attachments?.[0]?.url ?? '' : content?.type ?? '';
    };
    const pic = 'https://mmbiz.qpic.cn/a?b=1&c=2';
    expect(readMediaUrl(urlOf({ MediaId: 'm/1&2', PicUrl: pic }))).toEqual({ mediaId: 'm/1&2', picUrl: pic });
    expect(readMediaUrl(urlOf({ MediaId: 'm' }))).toEqual({ mediaId: 'm', picUrl: null });
    expect(readMediaUrl(urlOf({ MediaId: 'm', PicUrl: 'javascript:alert(1)' }))).toEqual({ mediaId: 'm', picUrl: null });
    expect(readMediaUrl(urlOf({ PicUrl: pic }))).toEqual({ mediaId: null, picUrl: pic });
    expect(urlOf({})).toBe('unsupported');
    expect(readMediaUrl('media:abc')).toBeNull();
  });
});

describe('plain mode', () => {
  const credentials = { appId: 'wx0000000000000000', token: 'not-a-real-token', aesKey: 'A'.repeat(43) };
  const env = { WECHAT_APPID: credentials.appId, WECHAT_SECRET: 'not-a-real-secret', WECHAT_TOKEN: credentials.token, WECHAT_AES_KEY: credentials.aesKey, WECHAT_ALLOW_PLAIN: 'true' };
  const plain = (content: string, msgId: string, nonce: string, at = NOW): RawRequest => {
    const fields: PushField[] = [['ToUserName', 'gh_1', 'text'], ['FromUserName', OPENID, 'text'], ['CreateTime', '1', 'number'], ['MsgType', 'text', 'text'], ['Content', content, 'text'], ['MsgId', msgId, 'number']];
    const push = buildPush(fields, { credentials, mode: 'plain', format: 'json', account: 'gh_1', openid: OPENID, timestamp: String(at / 1000), nonce, random: Buffer.alloc(16) });
    return { method: 'POST', url: `/hooks/wechat/miniprogram?${push.query}`, headers: {}, body: Buffer.from(push.body) };
  };
  const openHook = async (): Promise<{ hook: Hook; close: () => Promise<void> }> => {
    const running = await channel.create({ env, publicUrl: 'https://hotline.example', production: false, ports: createFakePorts({ now: () => NOW }) });
    const hook = running.hooks?.find((candidate) => candidate.method === 'POST');
    if (hook === undefined) throw new Error('no POST hook');
    return { hook, close: async () => running.stop?.() };
  };
  const keyOf = (hook: Hook, request: RawRequest, now = NOW): string | null => {
    const reading = hook.read(request, now);
    return reading.kind === 'inbound' ? reading.activities[0]?.externalId ?? null : reading.kind;
  };

  it('counts other words under a used signature as the first message again', async () => {
    const { hook, close } = await openHook();
    const first = keyOf(hook, plain('路灯坏了', '1', 'n1'));
    expect(first).toBe(`message/gh_1/${OPENID}/1`);
    expect(keyOf(hook, plain('别人写的', '999', 'n1'))).toBe(first);
    expect(keyOf(hook, plain('路灯坏了', '1', 'n1')), 'the same request').toBe(first);
    expect(keyOf(hook, plain('路灯坏了', '1', 'n2')), 'a resend under a new signature').toBe(first);
    expect(keyOf(hook, plain('第二句', '2', 'n3'))).toBe(`message/gh_1/${OPENID}/2`);
    // After the window the signature itself is stale, so the memory may forget it.
    expect(keyOf(hook, plain('别人写的', '999', 'n1'), NOW + 301_000)).toBe('refused');
    await close();
  });

  it('and an API without TLS are warned of in production', async () => {
    const ports = createFakePorts({ now: () => NOW });
    const create = async (more: Record<string, string>): Promise<void> => (await channel.create({ env: { ...env, ...more }, publicUrl: 'https://hotline.example', production: true, ports })).stop?.();
    await create({ WECHAT_ALLOW_PLAIN: 'false', WECHAT_API_BASE: 'http://127.0.0.1:9191' });
    expect(ports.logged).toEqual([]);
    await create({ WECHAT_API_BASE: 'http://proxy.example' });
    expect(ports.logged.map((entry) => entry.facts)).toEqual([{ setting: 'WECHAT_ALLOW_PLAIN' }, { setting: 'WECHAT_API_BASE' }]);
  });

  it('answers success to whatever was stored', async () => {
    const { hook, close } = await openHook();
    expect(hook.encodeReply(plain('你好', '1', 'n'), { messages: [], turn: 'not-awaited', conversation: 'bot' })).toEqual({ status: 200, contentType: 'text/plain; charset=utf-8', body: 'success' });
    await close();
  });
});
