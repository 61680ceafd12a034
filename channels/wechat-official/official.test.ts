import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decrypt as wecomDecrypt, getSignature as wecomSignature } from '@wecom/crypto';
import { XMLParser } from 'fast-xml-parser';
import { afterEach, describe, expect, it } from 'vitest';
import WXBizMsgCrypt from 'wechat-crypto';
import { buildPush, createWechatPeer, readPassive, type PushField } from '../../src/cli/sim/wechat-peer.ts';
import { createWechatStandIn, type WechatStandIn } from '../../src/cli/sim/wechat-stand-in.ts';
import { runWechatMenu } from '../../src/cli/wechat-menu.ts';
import type { Channel, Hook, HookOutcome, RawRequest } from '../../src/channel/contract.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { createFakePorts } from '../../test/fakes/ports.ts';
import { channel as official } from './index.ts';

const CREDENTIALS = { appId: 'wx0000000000000000', token: 'not-a-real-token', aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' };
const PREVIOUS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg';
const AT = { account: 'gh_0000000000aa', openid: 'oAAAAAAAAAAAAAAAAAAAAAAAAAAA' } as const;
const ADDRESS = asAddress(`${AT.account}/${AT.openid}`);
const T0 = 1_790_000_000_000;
const ENV = { WECHAT_MP_APPID: CREDENTIALS.appId, WECHAT_MP_SECRET: 'not-a-real-secret', WECHAT_MP_TOKEN: CREDENTIALS.token, WECHAT_MP_AES_KEY: CREDENTIALS.aesKey };

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});

async function channelWith(env: Record<string, string> = {}): Promise<{ readonly channel: Channel; readonly hook: Hook; readonly standIn: WechatStandIn }> {
  const standIn = await createWechatStandIn({ appId: CREDENTIALS.appId, secret: 'not-a-real-secret', account: 'official', now: () => T0 });
  const channel = await official.create({ env: { ...ENV, WECHAT_API_BASE: standIn.url, ...env }, publicUrl: 'https://hotline.example', production: false, ports: createFakePorts({ now: () => T0 }) });
  open.push({ close: async () => channel.stop?.() }, standIn);
  const hook = channel.hooks?.find(({ method }) => method === 'POST');
  if (hook === undefined) throw new Error('no hook');
  return { channel, hook, standIn };
}

const peer = createWechatPeer({ hookUrl: 'http://unused.invalid', credentials: CREDENTIALS, mode: 'safe', format: 'xml', ...AT, now: () => T0 });

function pushed(fields: readonly PushField[], change: { mode?: 'safe' | 'compatible' | 'plain'; format?: 'xml' | 'json'; aesKey?: string } = {}): RawRequest {
  const push = buildPush(fields, { credentials: { ...CREDENTIALS, aesKey: change.aesKey ?? CREDENTIALS.aesKey }, mode: change.mode ?? 'safe', format: change.format ?? 'xml', ...AT, timestamp: String(T0 / 1000), nonce: '1372623149', random: Buffer.alloc(16, 1) });
  return { method: 'POST', url: `/hooks/wechat/official?${push.query}`, headers: { 'content-type': push.contentType }, body: Buffer.from(push.body) };
}

const saying = (text: string): HookOutcome => ({ messages: [{ activityIds: ['a1'], content: { type: 'message', text } }], turn: 'done', conversation: 'bot' });

describe('an answer to a push', () => {
  it.each([
    ['safe', 'xml'], ['safe', 'json'], ['compatible', 'xml'], ['plain', 'xml'], ['plain', 'json'],
  ] as const)('in %s mode, %s, is what WeChat takes', async (mode, format) => {
    const { hook } = await channelWith({ WECHAT_ALLOW_PLAIN: 'true' });
    const request = pushed(peer.text('路灯坏了'), { mode, format });
    hook.read(request, T0);
    const reply = hook.encodeReply(request, saying('收到 <您> & ]]> 谢谢😀'));
    expect(reply.contentType).toContain(format);
    expect(readPassive(reply.body, { credentials: CREDENTIALS, mode, ...AT })).toBe('收到 <您> & ]]> 谢谢😀');
    if (mode !== 'plain') expect(reply.body).not.toContain('谢谢');
  });

  it('opens with the libraries that others use', async () => {
    const { hook } = await channelWith();
    const request = pushed(peer.text('路灯坏了'));
    hook.read(request, T0);
    const outer = new XMLParser({ parseTagValue: false }).parse(hook.encodeReply(request, saying('已记下')).body).xml;
    expect(wecomSignature(CREDENTIALS.token, outer.TimeStamp, outer.Nonce, outer.Encrypt)).toBe(outer.MsgSignature);
    expect(wecomDecrypt(CREDENTIALS.aesKey, outer.Encrypt)).toMatchObject({ id: CREDENTIALS.appId, message: expect.stringContaining('已记下') });
    const crypt = new WXBizMsgCrypt(CREDENTIALS.token, CREDENTIALS.aesKey, CREDENTIALS.appId);
    expect(crypt.getSignature(outer.TimeStamp, outer.Nonce, outer.Encrypt)).toBe(outer.MsgSignature);
    const inner = new XMLParser({ parseTagValue: false }).parse(crypt.decrypt(outer.Encrypt).message).xml;
    expect(inner).toMatchObject({ ToUserName: AT.openid, FromUserName: AT.account, MsgType: 'text', Content: '已记下', CreateTime: String(T0 / 1000) });
  });

  it('is sealed with the key that opened the push, while keys change', async () => {
    const { hook } = await channelWith({ WECHAT_MP_AES_KEY_PREVIOUS: PREVIOUS });
    const request = pushed(peer.text('你好'), { aesKey: PREVIOUS });
    hook.read(request, T0);
    expect(readPassive(hook.encodeReply(request, saying('您好')).body, { credentials: { ...CREDENTIALS, aesKey: PREVIOUS }, mode: 'safe', ...AT })).toBe('您好');
  });

  it('is `success` when there is nothing to say, and to whom nobody can tell', async () => {
    const { hook } = await channelWith();
    const request = pushed(peer.text('你好'));
    hook.read(request, T0);
    for (const outcome of [{ ...saying(''), messages: [] }, saying('')]) expect(hook.encodeReply(request, outcome).body).toBe('success');
    expect(hook.encodeReply({ ...request, url: '/hooks/wechat/official' }, saying('您好')).body).toBe('success');
  });
});

describe('sends', () => {
  it('go as an official account sends: links as articles, cards with the app whose page it is', async () => {
    const { channel, standIn } = await channelWith();
    const send = (content: object, at: { lastMessageAt: number | null; role?: 'seat' } = { lastMessageAt: T0 }) => channel.send?.({ activityIds: [JSON.stringify(content)], content: { type: 'message', text: '', ...content } }, { address: ADDRESS, lastInboundAt: T0, now: T0, ...at });
    standIn.citizenWrote(AT.openid);
    expect(await send({ text: '您好' })).toMatchObject({ status: 'delivered' });
    expect(await send({ value: { kind: 'link', title: '办事指南', url: 'https://example.com/' } })).toMatchObject({ status: 'delivered' });
    expect(standIn.sent.map(({ type }) => type)).toEqual(['text', 'news']);
    expect(await send({ value: { kind: 'miniprogrampage', title: '工单', pagePath: 'pages/t', appId: 'wx00000000000000bb', thumbMediaId: standIn.addPicture(Buffer.from('x'), 'image/png').mediaId } })).toMatchObject({ status: 'delivered' });
    expect(standIn.sent.at(-1)?.body).toMatchObject({ miniprogrampage: { appid: 'wx00000000000000bb' } });
  });

  it('count three for a follower who has not written: two for the bot', async () => {
    const { channel, standIn } = await channelWith();
    standIn.citizenEntered(AT.openid);
    const statuses: string[] = [];
    for (let one = 0; one < 3; one += 1) statuses.push((await channel.send?.({ activityIds: [`f${one}`], content: { type: 'message', text: '欢迎' } }, { address: ADDRESS, lastInboundAt: T0, lastMessageAt: null, now: T0 }))?.status ?? 'none');
    expect(statuses).toEqual(['delivered', 'delivered', 'retry']);
    expect(standIn.left(AT.openid)).toBe(1);
  });

  it('fetches a video from where WeChat says it lies', async () => {
    const { channel, standIn } = await channelWith();
    const { mediaId } = standIn.addVideo(Buffer.from('a video'));
    const got = await channel.fetchAttachment?.({ contentType: 'video/mp4', url: `${standIn.url}/cgi-bin/media/get?media_id=${mediaId}` });
    expect(got?.bytes.toString()).toBe('a video');
  });
});

describe('yihu wechat-menu', () => {
  const run = async (file: string, env: Record<string, string>, ...more: string[]): Promise<{ readonly code: number; readonly text: string }> => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-menu-'));
    let text = '';
    const write = { write: (line: string) => (text += line) };
    try {
      writeFileSync(join(folder, 'menu.yaml'), file);
      return { code: await runWechatMenu([join(folder, 'menu.yaml'), ...more], { output: write, errors: write, env }), text };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  const MENU = '- name: 办事\n  buttons:\n    - { name: 居住证, say: 居住证怎么办 }\n- { name: 我的工单, url: "https://hotline.example/tickets" }\n- { name: 小程序, miniProgram: { appId: wx0, page: pages/a, url: "https://hotline.example" } }\n';

  it('makes the menu', async () => {
    const { standIn } = await channelWith();
    expect(await run(MENU, { ...ENV, WECHAT_API_BASE: standIn.url })).toMatchObject({ code: 0 });
    expect(standIn.menus).toEqual([{ button: [
      { name: '办事', sub_button: [{ type: 'click', name: '居住证', key: '居住证怎么办' }] },
      { type: 'view', name: '我的工单', url: 'https://hotline.example/tickets' },
      { type: 'miniprogram', name: '小程序', url: 'https://hotline.example', appid: 'wx0', pagepath: 'pages/a' },
    ] }]);
    standIn.failNext(65316, { path: 'menu/create' });
    expect(await run(MENU, { ...ENV, WECHAT_API_BASE: standIn.url })).toMatchObject({ code: 1, text: expect.stringContaining('65316') });
  });

  it.each([
    ['- { name: 这个名字实在太长了, say: 好 }\n', /menu\.yaml:1:\d+ .*name has 27 bytes, WeChat takes 16/],
    [`- { name: 好, say: ${'长'.repeat(43)} }\n`, /say has 129 bytes/],
    ['- { name: 一, say: 一 }\n- { name: 二, say: 二 }\n- { name: 三, say: 三 }\n- { name: 四, say: 四 }\n', /menu\.yaml:/],
    ['- { name: 一, url: "javascript:alert(1)" }\n', /menu\.yaml:/],
  ])('refuses what WeChat would refuse, and says where: %s', async (file, message) => {
    expect(await run(file, {}, '--check')).toMatchObject({ code: 1, text: expect.stringMatching(message) });
  });

  it('says what is missing', async () => {
    expect(await run(MENU, {})).toMatchObject({ code: 1, text: expect.stringContaining('WECHAT_MP_SECRET') });
    expect(await run(MENU, {}, '--check')).toMatchObject({ code: 0 });
  });
});
