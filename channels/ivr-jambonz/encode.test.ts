import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { HookOutcome, OutgoingMessage } from '../../src/channel/contract.ts';
import type { MessageContent } from '../../src/domain/activity.ts';
import { openHook, signedHook } from './testing/signed-hook.ts';

const schema: { validateApp(app: unknown): { readonly valid: boolean; readonly errors: readonly unknown[] } } = createRequire(import.meta.url)('@jambonz/schema');

type Verbs = readonly Readonly<Record<string, unknown>>[];

const message = (content: Partial<MessageContent> & { readonly text: string }): OutgoingMessage => ({ activityIds: ['a'], content: { type: 'message', inputHint: 'expectingInput', ...content } });
const outcome = (over: Partial<HookOutcome> = {}): HookOutcome => ({ messages: [], turn: 'done', conversation: 'bot', upTo: 3, ...over });

async function verbs(url: string, given: HookOutcome, more: Readonly<Record<string, unknown>> = {}, env: Readonly<Record<string, string>> = {}, publicUrl?: string): Promise<Verbs> {
  const hook = await openHook('voice', env, publicUrl);
  const reply = hook.encodeReply(signedHook(url, more), given);
  expect(reply).toMatchObject({ status: 200, contentType: 'application/json; charset=utf-8' });
  const app: Verbs = JSON.parse(reply.body);
  expect(schema.validateApp(app)).toEqual({ valid: true, errors: [] });
  return app;
}

const V = '/hooks/ivr/jambonz';

describe('what a call hears by jambonz', () => {
  it('the vendor’s checker sees faults, so its yes means something', () => {
    for (const app of [[{ verb: 'gather', input: ['dtmf'] }], [{ verb: 'dial', actionHook: '/x' }], [{ verb: 'shout', text: 'x' }]]) expect(schema.validateApp(app).valid).toBe(false);
  });

  it('a question: spoken inside a gather that takes keys and speech, and comes back by one absolute path', async () => {
    expect(await verbs(V, outcome({ messages: [message({ text: '您好，请问有什么可以帮您？' })] }))).toEqual([
      { verb: 'gather', actionHook: `${V}?step=1&for=silence&h=3`, input: ['speech', 'digits'], timeout: 5, speechTimeout: 1, interDigitTimeout: 4, finishOnKey: '#', bargein: true, dtmfBargein: true, say: { text: '您好，请问有什么可以帮您？' } },
    ]);
  });

  it('Cantonese by the names of each vendor, and slowly where the vendor reads markup', async () => {
    const said = { ...outcome({ messages: [message({ text: '好，我講慢啲。<b>', pace: 'slow' })] }), locale: 'zh-HK' } as const;
    const [google] = await verbs(V, said, {}, { JAMBONZ_TTS_VENDOR: 'google', JAMBONZ_VOICE_HK: 'yue-HK-Standard-A', JAMBONZ_STT_VENDOR: 'google', JAMBONZ_HINTS: '东城' });
    expect(google).toMatchObject({
      actionHook: `${V}?step=1&for=silence&h=3&l=hk&p=1`,
      recognizer: { vendor: 'google', language: 'yue-Hant-HK' },
      say: { text: '<speak><prosody rate="80%">好，我講慢啲。&lt;b&gt;</prosody></speak>', synthesizer: { vendor: 'google', language: 'yue-HK', voice: 'yue-HK-Standard-A' } },
    });
    const [other] = await verbs(V, said, {}, { JAMBONZ_TTS_VENDOR: 'elevenlabs', JAMBONZ_STT_VENDOR: 'microsoft' });
    expect(other).toMatchObject({ recognizer: { language: 'zh-HK' }, say: { text: '好，我講慢啲。<b>', synthesizer: { language: 'zh-HK' } } });
  });

  it('the prefix of the public address is kept: jambonz resolves relative paths against the origin alone', async () => {
    const [gather] = await verbs(V, outcome({ messages: [message({ text: '您好' })] }), {}, {}, 'https://gw.example.cn/line/');
    expect(gather?.['actionHook']).toBe(`/line${V}?step=1&for=silence&h=3`);
  });

  it('keys on offer: the first one answers at once; a number is taken up to #', async () => {
    const [menu] = await verbs(V, outcome({ messages: [message({ text: '请选择', choices: [{ title: '投诉', value: '1', key: '1' }] })] }));
    expect(menu).toMatchObject({ numDigits: 1, say: { text: '请选择。投诉请按1。' } });
    expect(menu).not.toHaveProperty('finishOnKey');
    const [number] = await verbs(V, outcome({ messages: [message({ text: '请输入工单编号，按#号键结束' })] }));
    expect(number).toMatchObject({ finishOnKey: '#', timeout: 7, interDigitTimeout: 7 });
  });

  it('voices and recognition by setting, in the language of what is said', async () => {
    const env = { JAMBONZ_TTS_VENDOR: 'microsoft', JAMBONZ_VOICE: 'zh-CN-XiaoxiaoNeural', JAMBONZ_STT_VENDOR: 'google', JAMBONZ_HINTS: '莞城，东城' };
    const [chinese] = await verbs(V, outcome({ messages: [message({ text: '您好' })] }), {}, env);
    expect(chinese).toMatchObject({ recognizer: { vendor: 'google', language: 'zh-CN', hints: ['莞城', '东城'] }, say: { synthesizer: { vendor: 'microsoft', language: 'zh-CN', voice: 'zh-CN-XiaoxiaoNeural' } } });
    const mixed = await verbs(V, outcome({ messages: [message({ text: '您好' }), message({ text: 'How can I help you?' })] }), {}, env);
    expect(mixed).toMatchObject([{ verb: 'say', text: '您好' }, { verb: 'gather', recognizer: { language: 'en-US' }, say: { text: 'How can I help you?', synthesizer: { language: 'en-US' } } }]);
  });

  it('a turn that is late: a word, a pause, and back to collect', async () => {
    expect(await verbs(V, outcome({ turn: 'late' }))).toEqual([{ verb: 'say', text: '请稍候，正在为您处理。' }, { verb: 'pause', length: 2 }, { verb: 'redirect', actionHook: `${V}?step=1&for=wait&w=1&h=3` }]);
  });

  it('waiting for a person: the words once, then rounds of listening; what is said there is confirmed', async () => {
    const [begun] = await verbs(V, outcome({ conversation: 'waiting', messages: [message({ text: '正在为您转接' })] }));
    expect(begun).toMatchObject({ verb: 'gather', actionHook: `${V}?step=1&for=wait&w=1&h=3`, numDigits: 1 });
    const [round] = await verbs(`${V}?step=4&for=wait&w=2&h=3`, outcome({ conversation: 'waiting' }), { reason: 'timeout' });
    expect(round).not.toHaveProperty('say');
    const [noted] = await verbs(`${V}?step=4&for=wait&w=2&h=3`, outcome({ conversation: 'waiting' }), { reason: 'speechDetected', speech: { alternatives: [{ transcript: '我很急' }] } });
    expect(noted).toMatchObject({ say: { text: '已经记下，坐席接入后就能看到，请继续等候。' } });
  });

  it('rings the seat’s telephone where there is one, and says goodbye after that talk', async () => {
    const env = { JAMBONZ_SEAT_NUMBER: '+8676900000000' };
    expect((await verbs(V, outcome({ conversation: 'waiting' }), {}, env)).at(-1)).toEqual({ verb: 'dial', actionHook: `${V}?step=1&for=seat&d=1&h=3`, timeout: 25, target: [{ type: 'phone', number: '+8676900000000' }] });
    expect(await verbs(`${V}?step=2&for=seat&d=1`, outcome({ conversation: 'closed' }), { dial_call_status: 'completed' }, env)).toEqual([{ verb: 'say', text: '感谢您的来电，再见。' }, { verb: 'hangup' }]);
  });

  it('the database is away: the truth, and an ear', async () => {
    const [first] = await verbs(V, outcome({ turn: 'spooled' }));
    expect(first).toMatchObject({ verb: 'gather', actionHook: `${V}?step=1&for=wait&o=1&h=3` });
    expect(JSON.stringify(first)).toContain('系统出了故障');
  });

  it('nothing more after the end', async () => {
    const hook = await openHook();
    expect(hook.encodeReply(signedHook(V, { call_status: 'completed' }), outcome({ messages: [message({ text: '您好' })] }))).toMatchObject({ status: 204, body: '' });
  });
});

describe('who says what how often', () => {
  it('a retry of a hook has the key of the first, the same words a step later have another', async () => {
    const hook = await openHook();
    const said = { reason: 'speechDetected', speech: { alternatives: [{ transcript: '路灯不亮', confidence: 0.9 }] } };
    const [first, again, next] = [`${V}?step=1&for=silence`, `${V}?step=1&for=silence`, `${V}?step=2&for=silence`].map((url) => hook.read(signedHook(url, said), 1_795_330_800_000));
    const keyOf = (reading: typeof first): unknown => (reading?.kind === 'inbound' ? reading.activities[0]?.externalId : null);
    expect(keyOf(first)).toBe(keyOf(again));
    expect(keyOf(first)).not.toBe(keyOf(next));
  });
});
