import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { channel as miniProgram } from '../../../channels/wechat-miniprogram/index.ts';
import { channel as official } from '../../../channels/wechat-official/index.ts';
import type { Channel, HookReading, Notification, Receipt } from '../../../src/channel/contract.ts';
import { fit, readTemplates } from '../../../src/channel/wechat/templates.ts';
import { readLists } from '../../../src/channel/wechat/lists.ts';
import { buildPush, writeFields, type PushField } from '../../../src/cli/sim/wechat-peer.ts';
import { createWechatStandIn, type WechatStandIn } from '../../../src/cli/sim/wechat-stand-in.ts';
import { asAddress } from '../../../src/domain/activity.ts';
import { createFakePorts } from '../../fakes/ports.ts';

const CREDENTIALS = { appId: 'wx0000000000000000', token: 'not-a-real-token', aesKey: 'A'.repeat(43) };
const AT = { account: 'gh_0000000000aa', openid: 'oAAAAAAAAAAAAAAAAAAAAAAAAAAA' } as const;
const ADDRESS = asAddress(`${AT.account}/${AT.openid}`);
/** 2026-09-21 22:13:20 in Beijing. */
const T0 = 1_790_000_000_000;
const PROGRESS = 'template-progress-1';
const KEYS = ['character_string1', 'thing2', 'phrase3', 'thing4', 'time5'];
const FIELDS = { character_string1: 'number', thing2: 'title', phrase3: 'state', thing4: 'department', time5: 'time' };
const TEMPLATES = JSON.stringify({ progress: { id: PROGRESS, page: 'pages/ticket?number={number}', fields: FIELDS }, visit: { id: 'template-lasting-1', lasting: true, fields: { thing1: { text: '请点击评价' } } } });

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});

interface House {
  readonly channel: Channel;
  readonly standIn: WechatStandIn;
  readonly read: (fields: readonly PushField[], body?: string) => HookReading;
  readonly notify: (over?: Partial<Notification>) => Promise<Receipt>;
}

async function house(kind: 'mini-program' | 'official', env: Record<string, string> = {}): Promise<House> {
  const standIn = await createWechatStandIn({ appId: CREDENTIALS.appId, secret: 'not-a-real-secret', account: kind, now: () => T0 });
  const prefix = kind === 'official' ? 'WECHAT_MP_' : 'WECHAT_';
  const module = kind === 'official' ? official : miniProgram;
  const own = { APPID: CREDENTIALS.appId, SECRET: 'not-a-real-secret', TOKEN: CREDENTIALS.token, AES_KEY: CREDENTIALS.aesKey, TEMPLATES };
  const channel = await module.create({
    env: { ...Object.fromEntries(Object.entries(own).map(([name, value]) => [`${prefix}${name}`, value])), WECHAT_API_BASE: standIn.url, WECHAT_TIMEOUT_MS: '300', ...env },
    publicUrl: 'https://hotline.example', production: false, ports: createFakePorts({ now: () => T0 }),
  });
  open.push({ close: async () => channel.stop?.() }, standIn);
  const hook = channel.hooks?.find(({ method }) => method === 'POST');
  standIn.notices.addTemplate(PROGRESS, KEYS);
  let serial = 0;
  return {
    channel, standIn,
    read: (fields, body) => {
      if (hook === undefined) throw new Error('no hook');
      const push = buildPush(fields, { credentials: CREDENTIALS, mode: 'safe', format: body === undefined ? 'xml' : 'json', ...AT, timestamp: String(T0 / 1000), nonce: '1372623149', random: Buffer.alloc(16, 1), ...(body === undefined ? {} : { clear: body }) });
      return hook.read({ method: 'POST', url: `${hook.path}?${push.query}`, headers: {}, body: Buffer.from(push.body) }, T0);
    },
    notify: (over = {}) => {
      const notification: Notification = {
        key: `attempt-${(serial += 1)}`, template: 'progress', text: '您的工单已办结。',
        facts: { number: '20260921000018', title: '东城街道鸿福路万科工地夜间施工噪音扰民问题', state: '已办结', department: '市生态环境局', time: '9月21日 18:13' }, ...over,
      };
      if (channel.notify === undefined) throw new Error('no notify');
      return channel.notify(notification, { address: ADDRESS, now: T0 });
    },
  };
}

describe('a subscription message of the mini-program', () => {
  it('goes once for each consent, every field by the rule of its kind', async () => {
    const { standIn, notify } = await house('mini-program', { WECHAT_MINIPROGRAM_STATE: 'trial' });
    standIn.notices.allow(AT.openid, PROGRESS);
    const receipt = await notify();
    expect(receipt).toEqual({ status: 'delivered', externalId: standIn.notices.sent[0]?.msgid });
    expect(standIn.notices.sent[0]?.values).toEqual({ character_string1: '20260921000018', thing2: '东城街道鸿福路万科工地夜间施工噪音扰民…', phrase3: '已办结', thing4: '市生态环境局', time5: '2026年9月21日 18:13' });
    expect(standIn.notices.sent[0]?.body).toMatchObject({ page: 'pages/ticket?number=20260921000018', miniprogram_state: 'trial', lang: 'zh_CN' });
    expect(await notify()).toEqual({ status: 'failed', code: 'wechat.not_consented', fallback: true });
  });

  it('is not sent again under the same key', async () => {
    const { standIn, notify } = await house('mini-program');
    standIn.notices.allow(AT.openid, PROGRESS, 2);
    expect(await notify({ key: 'once' })).toEqual(await notify({ key: 'once' }));
    expect(standIn.notices.sent).toHaveLength(1);
  });

  it.each([
    [43101, { status: 'failed', code: 'wechat.not_consented', fallback: true }],
    [40037, { status: 'failed', code: 'wechat.template_unknown', fallback: true }],
    [47003, { status: 'failed', code: 'wechat.template_field', fallback: true }],
    [41030, { status: 'failed', code: 'wechat.template_page', fallback: true }],
    [40003, { status: 'failed', code: 'wechat.openid_unknown', fallback: true }],
    [45009, { status: 'retry', code: 'wechat.daily_limit', retryAfterMs: 6_400_000 }],
    [-1, { status: 'retry', code: 'wechat.busy' }],
  ])('errcode %i', async (errcode, receipt) => {
    const { standIn, notify } = await house('mini-program');
    standIn.failNext(errcode, { path: 'subscribe/send' });
    expect(await notify()).toEqual(receipt);
  });

  it('without an answer is not known to have failed: it throws, so that nobody sends it again', async () => {
    const { standIn, notify } = await house('mini-program');
    await notify(); // brings the token
    for (const how of ['hang-up', 'stall', 'nonsense'] as const) {
      standIn.breakNext(how, { path: 'subscribe/send' });
      await expect(notify()).rejects.toThrow('a notification was not answered');
    }
  });

  it('without template, or with facts that fill no field, fails and lets another way be taken', async () => {
    const { notify } = await house('mini-program');
    expect(await notify({ template: 'callback' })).toEqual({ status: 'failed', code: 'notification.no_template', fallback: true });
    expect(await notify({ facts: { number: '工单', title: '', state: '已办结', department: '', time: '昨天' } })).toEqual({ status: 'failed', code: 'wechat.template_field', fallback: true });
  });
});

describe('a notification of the official account', () => {
  it('is a template message to followers', async () => {
    const { standIn, notify } = await house('official', { WECHAT_MP_TEMPLATES: JSON.stringify({ progress: { id: PROGRESS, url: 'https://hotline.example/t?n={number}', appId: 'wx00000000000000bb', page: 'pages/t?n={number}', fields: FIELDS } }) });
    expect(await notify()).toEqual({ status: 'failed', code: 'wechat.not_follower', fallback: true });
    standIn.notices.follow(AT.openid);
    expect(await notify({ key: 'k1' })).toMatchObject({ status: 'delivered' });
    expect(standIn.notices.sent[0]?.body).toMatchObject({ url: 'https://hotline.example/t?n=20260921000018', miniprogram: { appid: 'wx00000000000000bb', pagepath: 'pages/t?n=20260921000018' }, client_msg_id: 'k1' });
    // Here WeChat drops a repetition, so a broken answer may be tried again.
    standIn.breakNext('hang-up', { path: 'template/send' });
    expect(await notify()).toMatchObject({ status: 'retry' });
  });

  it('is a subscription notice where that is set', async () => {
    const { standIn, notify } = await house('official', { WECHAT_MP_NOTIFY: 'subscribe' });
    standIn.notices.allow(AT.openid, PROGRESS);
    expect(await notify()).toMatchObject({ status: 'delivered' });
    expect(standIn.notices.sent[0]?.path).toBe('/cgi-bin/message/subscribe/bizsend');
  });

  it('following allows it and leaving ends it, beside the greeting', async () => {
    const { read } = await house('official');
    const event = (name: string): PushField[] => [...common, ['Event', name, 'text'], ['EventKey', '', 'text']];
    expect(read(event('subscribe'))).toMatchObject({ kind: 'inbound', activities: [{ content: { name: 'enter' } }], told: { consents: [{ address: ADDRESS, externalUserId: AT.openid, template: 'all', grant: 'always' }] } });
    expect(read(event('unsubscribe'))).toMatchObject({ kind: 'inbound', told: { consents: [{ template: 'all', grant: 'never' }] } });
    const { read: other } = await house('official', { WECHAT_MP_NOTIFY: 'subscribe' });
    expect(other(event('subscribe'))).not.toHaveProperty('told');
  });

  it('hears what became of a template message', async () => {
    const { read } = await house('official');
    const job = (status: string): PushField[] => [...common, ['Event', 'TEMPLATESENDJOBFINISH', 'text'], ['MsgID', '1864323726461255681', 'number'], ['Status', status, 'text']];
    expect(read(job('success'))).toMatchObject({ kind: 'told', reply: { body: 'success' }, told: { reports: [{ of: 'notification', key: null, externalId: '1864323726461255681', state: 'delivered', code: null, at: T0 }] } });
    expect(read(job('failed:user block'))).toMatchObject({ told: { reports: [{ state: 'failed', code: 'wechat.user_block' }] } });
  });
});

const common: PushField[] = [['ToUserName', AT.account, 'text'], ['FromUserName', AT.openid, 'text'], ['CreateTime', String(T0 / 1000), 'number'], ['MsgType', 'event', 'text']];
const listed = (event: string, list: unknown): string => JSON.stringify({ ToUserName: AT.account, FromUserName: AT.openid, CreateTime: T0 / 1000, MsgType: 'event', Event: event, List: list });

describe('events of subscriptions', () => {
  const tapped = (id: string, said: string) => ({ TemplateId: id, SubscribeStatusString: said, PopupScene: '0' });

  it('a tap gives one send, or all of a long-term template; a refusal takes them back', async () => {
    const { read } = await house('mini-program');
    expect(read([], listed('subscribe_msg_popup_event', [tapped(PROGRESS, 'accept'), tapped('template-lasting-1', 'accept'), tapped('somebody-elses-1', 'accept')]))).toMatchObject({
      kind: 'told', told: { reports: [], consents: [{ address: ADDRESS, externalUserId: AT.openid, template: 'progress', grant: 1 }, { template: 'visit', grant: 'always' }] },
    });
    // One record comes as an object.
    expect(read([], listed('subscribe_msg_change_event', tapped(PROGRESS, 'reject')))).toMatchObject({ told: { consents: [{ template: 'progress', grant: 'never' }] } });
  });

  it('has the same name when WeChat tells it again, and another for another tap', async () => {
    const { read } = await house('mini-program');
    const names = (reading: HookReading): string[] => (reading.kind === 'told' ? reading.told.consents.map(({ externalId }) => externalId) : []);
    const one = listed('subscribe_msg_popup_event', [tapped(PROGRESS, 'accept')]);
    expect(names(read([], one))).toEqual(names(read([], one)));
    expect(names(read([], one.replace(String(T0 / 1000), String(T0 / 1000 + 1))))).not.toEqual(names(read([], one)));
  });

  it('tells what became of a message, by a number beyond 2^53', async () => {
    const { read } = await house('mini-program');
    const sent = (code: string, status: string) => listed('subscribe_msg_sent_event', { TemplateId: PROGRESS, MsgID: '@', ErrorCode: code, ErrorStatus: status }).replace('"@"', '1864323726461255681');
    expect(read([], sent('0', 'success'))).toMatchObject({ told: { reports: [{ externalId: '1864323726461255681', state: 'delivered', at: T0 }] } });
    expect(read([], sent('20001', 'Not Subscribe: 13800138000'))).toMatchObject({ told: { reports: [{ state: 'failed', code: 'wechat.not_subscribe_' }] } });
  });

  it('of templates that are none of ours, or malformed, are kept raw like any other', async () => {
    const { read } = await house('mini-program');
    for (const list of [[tapped('somebody-elses-1', 'accept')], [], null, 'x', [tapped(PROGRESS, 'perhaps')]]) expect(read([], listed('subscribe_msg_popup_event', list))).toMatchObject({ kind: 'inbound', activities: [{ content: { type: 'unsupported' } }] });
  });

  it('are read alike from XML', () => {
    const record = writeFields([['TemplateId', PROGRESS, 'text'], ['SubscribeStatusString', 'accept', 'text']], 'xml').slice(5, -6);
    const xml = `<xml><Event><![CDATA[subscribe_msg_popup_event]]></Event><SubscribeMsgPopupEvent><List>${record}</List><List>${record}</List></SubscribeMsgPopupEvent></xml>`;
    expect(readLists(xml).map((fields) => Object.fromEntries(fields))).toEqual([{ TemplateId: PROGRESS, SubscribeStatusString: 'accept' }, { TemplateId: PROGRESS, SubscribeStatusString: 'accept' }]);
    expect(readLists('<!DOCTYPE x><xml><List><A>1</A></List></xml>')).toEqual([]);
    expect(readLists('nonsense')).toEqual([]);
    expect(readLists('{"List":')).toEqual([]);
  });
});

describe('templates', () => {
  it('whatever the facts, a value keeps the rule of its field or there is none', () => {
    const rules = { thing: /^[^\n]{1,20}$/u, character_string: /^[\x20-\x7e]{1,32}$/, phrase: /^[\u4e00-\u9fff]{1,5}$/, number: /^\d{1,32}$/, letter: /^[A-Za-z]{1,32}$/, time: /^\d{4}年\d{1,2}月\d{1,2}日 \d{2}:\d{2}$/ } as const;
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.constantFrom('thing', 'character_string', 'phrase', 'number', 'letter', 'time'), (text, kind) => {
      const value = fit(kind, text, T0);
      if (value !== null) expect(value).toMatch(rules[kind]);
    }));
  });

  it.each([
    ['1月2日 09:05', Date.UTC(2026, 11, 31), '2027年1月2日 09:05'],
    ['12月31日 23:59', Date.UTC(2027, 0, 1), '2026年12月31日 23:59'],
    ['2月30日 10:00', T0, null],
    ['下周', T0, null],
  ])('the year of %s is the nearest one', (text, now, value) => {
    expect(fit('time', text, now)).toBe(value);
  });

  it.each([['{', /one line of JSON/], ['{"progress":{"id":"short","fields":{"thing1":"title"}}}', /at \/progress/], ['{"progress":{"id":"template-progress-1","fields":{"amount1":"title"}}}', /at \/progress/], ['{"progress":{"id":"template-progress-1","fields":{"thing1":"phone"}}}', /at \/progress/], ['{"sms":{}}', /README/]])('a wrong setting is refused with a sentence: %s', (text, message) => {
    const read = readTemplates(text);
    expect('fault' in read ? read.fault : 'fine').toMatch(message);
  });
});
