import { describe, expect, it } from 'vitest';
import type { Hook, HookOutcome, OutgoingMessage, RawRequest } from '../../src/channel/contract.ts';
import type { MessageContent } from '../../src/domain/activity.ts';
import { createFakePorts } from '../../test/fakes/ports.ts';
import { channel } from './index.ts';

const SECRET = 'not-a-real-secret-01';
const CALL = '100001616500^100001871490';

const message = (content: Partial<MessageContent> & { readonly text: string }): OutgoingMessage => ({ activityIds: ['a'], content: { type: 'message', inputHint: 'expectingInput', ...content } });
const outcome = (over: Partial<HookOutcome> = {}): HookOutcome => ({ messages: [], turn: 'done', conversation: 'bot', upTo: 3, ...over });
const request = (type: string, content: object): RawRequest => ({ method: 'POST', url: `/hooks/ivr/aliyun?key=${SECRET}&${new URLSearchParams({ call_id: CALL, content_type: type, content: JSON.stringify(content) }).toString()}`, headers: {}, body: Buffer.alloc(0) });

async function hook(env: Readonly<Record<string, string>> = {}): Promise<Hook> {
  const opened = await channel.create({ env: { ALIYUN_IVR_SECRET: SECRET, ...env }, publicUrl: 'https://gw.example.cn', production: false, ports: createFakePorts({ now: () => 0 }) });
  const [first] = opened.hooks ?? [];
  if (first === undefined) throw new Error('no hook');
  return first;
}

async function data(type: string, content: object, given: HookOutcome, env: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, unknown>>> {
  const { body } = (await hook(env)).encodeReply(request(type, content), given);
  const reply: { readonly result: string; readonly code: number; readonly data: Readonly<Record<string, unknown>> } = JSON.parse(body);
  expect([reply.result, reply.code, reply.data['call_id']]).toEqual(['success', 200, CALL]);
  return reply.data;
}

/** What a callback is answered at once, without a turn. */
async function atOnce(type: string, content: object, env: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, unknown>>> {
  const reading = (await hook(env)).read(request(type, content), 0);
  if (reading.kind !== 'reply') throw new Error(reading.kind);
  const reply: { readonly data: Readonly<Record<string, unknown>> } = JSON.parse(reading.reply.body);
  return reply.data;
}

describe('answers to Aliyun', () => {
  it('a call that comes in is answered with words, and the place in the call goes along', async () => {
    expect(await data('callin', { caller: '13800138000' }, outcome({ messages: [message({ text: '您好，请问有什么可以帮您？' })] }))).toEqual({
      call_id: CALL, action: 'answer', action_code: '$tts$', action_code_param: '{"tts":"您好，请问有什么可以帮您？"}', action_code_break: true,
      dynamic_id: 'step-1_for-silence_h-3', mute_time: 5000, session_timeout: 3600, pause_time: 800, record_flag: false,
    });
  });

  it('later words interrupt what is played, and no mark that the vendor forbids is in them or in the thread', async () => {
    const given = await data('normal', { words: '你好', dynamic_id: 'step-4_for-silence_h-2_l-hk_p-1' }, outcome({ locale: 'zh-HK', messages: [message({ text: '价格=5$ "好": {a}^b*@' })] }));
    expect(given).toMatchObject({ action: 'play', action_break: true, dynamic_id: 'step-5_for-silence_h-3_l-hk_p-1' });
    expect(String(given['action_code_param'])).toBe('{"tts":"价格，5 好： ab"}');
    expect(String(given['dynamic_id'])).toMatch(/^[a-z0-9_-]+$/);
  });

  it('a menu takes a key at once, a number is gathered key by key until # or a silence', async () => {
    expect(await data('normal', { words: '投诉' }, outcome({ messages: [message({ text: '请选择', choices: [{ title: '投诉', value: '1', key: '1' }] })] }))).toMatchObject({ dynamic_id: 'step-1_for-silence_h-3_k-s' });
    const asked = await data('normal', { words: '查进度' }, outcome({ messages: [message({ text: '请输入工单编号，按#号键结束' })] }));
    expect(asked).toMatchObject({ dynamic_id: 'step-1_for-silence_h-3_k-n', mute_time: 7000 });
    let thread = String(asked['dynamic_id']);
    for (const key of '2026') thread = String((await atOnce('dtmf', { dtmf_digits: key, dynamic_id: thread }))['dynamic_id']);
    const reading = (await hook()).read(request('dtmf', { dtmf_digits: '#', dynamic_id: thread }), 0);
    expect(reading).toMatchObject({ kind: 'inbound', activities: [{ content: { keys: '2026' } }] });
  });

  it('goodbye is said before the call is hung up, and who goes on talking is heard', async () => {
    const bye = await data('normal', { words: '没有了' }, outcome({ conversation: 'closed', messages: [message({ text: '再见。' })] }));
    expect(bye).toMatchObject({ action: 'play', mute_time: 1000 });
    expect(await atOnce('mute', { dynamic_id: bye['dynamic_id'] })).toEqual({ call_id: CALL, action: 'hangup' });
    expect((await hook()).read(request('normal', { words: '等一下', dynamic_id: bye['dynamic_id'] }), 0)).toMatchObject({ kind: 'inbound', activities: [{ content: { text: '等一下' } }] });
  });

  it('a seat’s telephone: told, passed on, and should the call come back, waiting goes on', async () => {
    const env = { ALIYUN_IVR_SEAT_NUMBER: '+8676900000000' };
    const told = await data('dtmf', { dtmf_digits: '0', dynamic_id: 'step-2_for-silence_h-2_k-s' }, outcome({ conversation: 'waiting' }), env);
    expect(told).toMatchObject({ action: 'play', mute_time: 1000 });
    const passed = await atOnce('mute', { dynamic_id: told['dynamic_id'] }, env);
    expect(passed).toMatchObject({ action: 'transfer', number: '+8676900000000' });
    const back = await data('mute', { dynamic_id: passed['dynamic_id'] }, outcome({ conversation: 'waiting' }), env);
    expect(back['action_code_param']).toContain('暂时无人接听');
    expect(back['dynamic_id']).toContain('for-wait_w-1_d-1');
  });

  it('late: a word, then a look every two seconds without one', async () => {
    const late = await data('normal', { words: '居住证怎么办' }, outcome({ turn: 'late' }));
    expect(late).toMatchObject({ action: 'play', mute_time: 2000, dynamic_id: 'step-1_for-wait_w-1_h-3_k-s' });
    expect(await data('mute', { dynamic_id: late['dynamic_id'] }, outcome({ turn: 'not-awaited' }))).toMatchObject({ action: 'donothing', mute_time: 2000 });
  });

  it('the database is away: the truth, and a call that is answered all the same', async () => {
    const away = await data('callin', {}, outcome({ turn: 'spooled' }));
    expect(away).toMatchObject({ action: 'answer', mute_time: 8000 });
    expect(away['action_code_param']).toContain('系统出了故障');
  });

  it('a repeated callback is one message, another one at the same place is not', async () => {
    const read = async (content: object): Promise<string> => {
      const reading = (await hook()).read(request('normal', { dynamic_id: 'step-4_for-silence', begin_offset: '1000', ...content }), 0);
      return reading.kind === 'inbound' ? String(reading.activities[0]?.externalId) : reading.kind;
    };
    expect(await read({ words: '你好' })).toBe(await read({ words: '你好' }));
    expect(new Set([await read({ words: '你好' }), await read({ words: '你好', begin_offset: '7000' }), await read({ words: '您好' }), await read({ words: '你好', dynamic_id: 'step-5_for-silence' })]).size).toBe(4);
  });

  it('settings with faults are refused by name, and no value is repeated', async () => {
    const opened = channel.create({ env: { ALIYUN_IVR_SECRET: 'short!', ALIYUN_IVR_ALLOW: 'nowhere', ALIYUN_IVR_SEAT_NUMBER: 'abc' }, publicUrl: 'https://gw.example.cn', production: false, ports: createFakePorts({ now: () => 0 }) });
    await expect(opened).rejects.toThrow(/ALIYUN_IVR_SECRET[\s\S]*ALIYUN_IVR_ALLOW[\s\S]*ALIYUN_IVR_SEAT_NUMBER/);
    await expect(opened).rejects.not.toThrow(/short!|nowhere|abc/);
  });
});
