import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HookOutcome, RawRequest } from '../../src/channel/contract.ts';
import type { MessageContent } from '../../src/domain/activity.ts';
import { callParams, openHook, PUBLIC_URL, signedRequest } from './testing/signed-request.ts';
import { findAll, parseTwiml, twimlFaults, type TwimlNode } from './testing/twiml-checker.ts';

const VOICE = '/hooks/ivr/twilio/voice';
const SEAT = { TWILIO_SEAT_NUMBER: '+8676922222222' };

const message = (text: string, more: Partial<MessageContent> = {}): HookOutcome['messages'][number] => ({ activityIds: ['a1'], content: { type: 'message', text, ...more } });
const done = (...messages: HookOutcome['messages']): HookOutcome => ({ messages, turn: 'done', conversation: 'bot' });

async function encode(outcome: HookOutcome, given: { readonly query?: string; readonly params?: Record<string, string>; readonly env?: Record<string, string>; readonly publicUrl?: string } = {}): Promise<{ readonly root: TwimlNode; readonly verbs: readonly string[]; readonly spoken: readonly string[]; readonly body: string }> {
  const hook = await openHook('voice', given.env, given.publicUrl);
  const request = signedRequest(VOICE + (given.query ?? ''), callParams(given.params), { publicUrl: given.publicUrl ?? PUBLIC_URL });
  const reply = hook.encodeReply(request, outcome);
  expect(reply).toMatchObject({ status: 200, contentType: 'text/xml; charset=utf-8' });
  expect(twimlFaults(reply.body)).toEqual([]);
  const root = parseTwiml(reply.body);
  return { root, verbs: root.children.map(({ verb }) => verb), spoken: findAll(root, 'Say').map(({ text }) => text), body: reply.body };
}

const only = (root: TwimlNode, verb: string): TwimlNode => {
  const found = findAll(root, verb);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`one ${verb} expected, got ${found.length}`);
  return found[0];
};

describe('the bot answers', () => {
  it('speaks inside a Gather that listens in Mandarin, then asks again on silence', async () => {
    const { root, verbs, spoken } = await encode(done(message('您好，请问您要反映什么问题？')));
    expect(verbs).toEqual(['Gather', 'Redirect']);
    expect(spoken).toEqual(['您好，请问您要反映什么问题？']);
    expect(only(root, 'Say').attributes).toEqual({ language: 'cmn-CN', voice: 'Polly.Zhiyu' });
    expect(only(root, 'Gather').attributes).toMatchObject({
      input: 'dtmf speech',
      language: 'cmn-Hans-CN',
      action: `${VOICE}?step=1&for=gather`,
      method: 'POST',
      bargeIn: 'true',
      speechTimeout: 'auto',
      profanityFilter: 'false',
    });
    expect(only(root, 'Gather').attributes['hints']).toContain('转人工');
    expect(only(root, 'Redirect').text).toBe(`${VOICE}?step=1&for=silence`);
  });

  it('speaks and listens in Cantonese where the conversation does, what is written for everybody too', async () => {
    const { root } = await encode({ ...done(message('好，請問喺邊度？'), message('请带身份证。')), locale: 'zh-HK' });
    expect(findAll(root, 'Say').map(({ attributes }) => [attributes['language'], attributes['voice']])).toEqual([['yue-HK', 'Google.yue-HK-Standard-A'], ['yue-HK', 'Google.yue-HK-Standard-A']]);
    expect(only(root, 'Gather').attributes).toMatchObject({ language: 'yue-Hant-HK', action: `${VOICE}?step=1&for=gather&l=hk` });
    expect(only(root, 'Gather').attributes['hints']).toBeUndefined();
    const later = await encode({ messages: [], turn: 'spooled', conversation: 'bot' }, { query: '?step=2&for=gather&l=hk', env: { TWILIO_VOICE_HK: 'Polly.Hiujin-Neural' } });
    expect(later.spoken[0]).toContain('唔好意思');
    expect(findAll(later.root, 'Say')[0]?.attributes['voice']).toBe('Polly.Hiujin-Neural');
  });

  it('speaks slowly from where the caller asked for it, own words too, and at the old speed again', async () => {
    const slow = await encode(done(message('好的，我说慢一点。', { pace: 'slow' })));
    expect(findAll(slow.root, 'prosody').map(({ attributes, text }) => [attributes['rate'], text])).toEqual([['80%', '好的，我说慢一点。']]);
    expect(only(slow.root, 'Gather').attributes['action']).toBe(`${VOICE}?step=1&for=gather&p=1`);
    const waiting = await encode({ messages: [], turn: 'done', conversation: 'waiting' }, { query: '?step=2&for=gather&p=1' });
    expect(findAll(waiting.root, 'prosody')).toHaveLength(1);
    const newest = await encode(done(message('您好')), { query: '?step=2&for=gather&p=1', env: { TWILIO_VOICE: 'Google.cmn-CN-Chirp3-HD-Kore' } });
    expect(findAll(newest.root, 'prosody')).toEqual([]);
    const fast = await encode(done(message('好的，我说快一点。', { pace: 'normal' })), { query: '?step=3&for=gather&p=1' });
    expect(findAll(fast.root, 'prosody')).toEqual([]);
    expect(only(fast.root, 'Gather').attributes['action']).toBe(`${VOICE}?step=4&for=gather`);
  });

  it('counts the steps of the call', async () => {
    const { root } = await encode(done(message('好的。')), { query: '?step=7&for=gather' });
    expect(only(root, 'Gather').attributes['action']).toBe(`${VOICE}?step=8&for=gather`);
  });

  it('tells the next request up to where the caller has heard everything, and keeps that while nothing new comes', async () => {
    const answered = await encode({ ...done(message('好的。')), upTo: 7 }, { query: '?step=7&for=gather&h=4' });
    expect(only(answered.root, 'Gather').attributes['action']).toBe(`${VOICE}?step=8&for=gather&h=7`);
    const away = await encode({ messages: [], turn: 'spooled', conversation: 'bot' }, { query: '?step=7&for=gather&h=4' });
    expect(only(away.root, 'Redirect').text).toContain('&h=4');
  });

  it('puts the path prefix of PUBLIC_URL before its paths', async () => {
    const { root } = await encode(done(message('好的。')), { publicUrl: 'https://gw.example.cn/yihu/' });
    expect(only(root, 'Redirect').text).toBe(`/yihu${VOICE}?step=1&for=silence`);
  });

  it('speaks English with an English voice and listens in English, on later requests too', async () => {
    const first = await encode(done(message('How can we help you?')));
    expect(only(first.root, 'Say').attributes).toEqual({ language: 'en-US', voice: 'Polly.Joanna' });
    expect(only(first.root, 'Gather').attributes).toMatchObject({ language: 'en-US' });
    expect(only(first.root, 'Gather').attributes['hints']).toBeUndefined();
    const query = (only(first.root, 'Redirect').text).slice(VOICE.length);
    const later = await encode(done(), { query });
    expect(only(later.root, 'Gather').attributes['language']).toBe('en-US');
    expect(later.spoken).toEqual(['Please go ahead, or press 0 for a person.']);
  });

  it('takes its voices and hints from the settings', async () => {
    const env = { TWILIO_VOICE: 'Google.cmn-CN-Wavenet-A', TWILIO_VOICE_EN: 'Polly.Amy', TWILIO_HINTS: '莞城街道，"虎门"&<大道>\u0007, ' };
    const { root } = await encode(done(message('您好。'), message('Hello there.'), message('再说一遍。')), { env });
    expect(findAll(root, 'Say').map(({ attributes }) => attributes['voice'])).toEqual(['Google.cmn-CN-Wavenet-A', 'Polly.Amy', 'Google.cmn-CN-Wavenet-A']);
    expect(only(root, 'Gather').attributes['hints']).toMatch(/,莞城街道,"虎门"&<大道>$/);
  });

  it('says something and listens even when the turn wrote nothing', async () => {
    expect((await encode(done(), { query: '?step=1&for=gather' })).spoken).toEqual(['请讲，转人工请按0。']);
  });
});

describe('keys', () => {
  const rule = async (text: string, more: Partial<MessageContent> = {}): Promise<Record<string, string | undefined>> => {
    const { numDigits, finishOnKey, timeout } = only((await encode(done(message(text, more)))).root, 'Gather').attributes;
    return { numDigits, finishOnKey, timeout };
  };
  const single = { numDigits: '1', finishOnKey: '', timeout: '5' };
  const number = { numDigits: undefined, finishOnKey: '#', timeout: '7' };
  const open = { numDigits: undefined, finishOnKey: '#', timeout: '5' };

  it.each(['满意请按1，不满意请按2。', '请直接说您的问题，转人工请按0。', '举报请按1，查询工单编号请按2。', 'Press 1 for progress.'])('one key answers at once: %s', async (text) => {
    expect(await rule(text)).toEqual(single);
  });

  it('one key answers at once where choices have keys', async () => {
    expect(await rule('您满意吗？', { choices: [{ title: '满意', value: '满意', key: '1' }] })).toEqual(single);
  });

  it.each(['请输入您的工单编号，以井号键结束。', '请说出或输入手机号后四位。', '请报一下您的手机号。', '请输入手机号，使用来电号码请按1。', 'Please enter your ticket number.'])('a number ends with #: %s', async (text) => {
    expect(await rule(text)).toEqual(number);
  });

  it.each(['请问发生在哪里？', '您好，这里是12345热线。', 'What happened?'])('an open question tears no number apart: %s', async (text) => {
    expect(await rule(text)).toEqual(open);
  });
});

describe('a late turn', () => {
  const late: HookOutcome = { messages: [], turn: 'late', conversation: 'bot' };

  it('says so once, pauses and comes back to collect', async () => {
    const first = await encode(late, { query: '?step=3&for=gather' });
    expect(first.verbs).toEqual(['Say', 'Pause', 'Redirect']);
    expect(first.spoken).toEqual(['请稍候，正在为您处理。']);
    expect(only(first.root, 'Redirect').text).toBe(`${VOICE}?step=4&for=wait&w=1`);
    const second = await encode(late, { query: '?step=4&for=wait&w=1' });
    expect(second.verbs).toEqual(['Pause', 'Redirect']);
    expect((await encode(late, { query: '?step=9&for=wait&w=6' })).spoken).toEqual(['还在处理，请再稍候。']);
  });

  it('does not wait for ever', async () => {
    const { verbs, spoken } = await encode(late, { query: '?step=30&for=wait&w=20' });
    expect(verbs).toEqual(['Gather', 'Redirect']);
    expect(spoken).toEqual(['抱歉让您久等了，请您再说一遍，转人工请按0。']);
  });

  it('speaks the answer when it has come', async () => {
    const { verbs, spoken } = await encode(done(message('已为您登记。')), { query: '?step=4&for=wait&w=1' });
    expect(verbs).toEqual(['Gather', 'Redirect']);
    expect(spoken).toEqual(['已为您登记。']);
  });

  it('does not hang up on a closed conversation that is being reopened', async () => {
    expect((await encode({ ...late, conversation: 'closed' }, { query: '?step=3&for=gather' })).verbs).toEqual(['Say', 'Pause', 'Redirect']);
  });

  it('polls on when a collect cannot tell yet', async () => {
    expect((await encode({ messages: [], turn: 'not-awaited', conversation: 'bot' }, { query: '?step=4&for=wait&w=1' })).verbs).toEqual(['Pause', 'Redirect']);
  });
});

describe('waiting for a person', () => {
  const outcome = (conversation: 'waiting' | 'human', ...messages: HookOutcome['messages']): HookOutcome => ({ messages, turn: 'done', conversation });

  it('speaks what the bot said, listens, and polls', async () => {
    const { root, verbs, spoken } = await encode(outcome('waiting', message('正在为您转接人工。')), { query: '?step=2&for=gather' });
    expect(verbs).toEqual(['Gather', 'Redirect']);
    expect(spoken).toEqual(['正在为您转接人工。']);
    expect(only(root, 'Gather').attributes).toMatchObject({ numDigits: '1', finishOnKey: '', action: `${VOICE}?step=3&for=gather` });
    expect(only(root, 'Redirect').text).toBe(`${VOICE}?step=3&for=wait&w=1`);
  });

  it('is quiet for some rounds, then tells that we are still there', async () => {
    expect((await encode(outcome('waiting'), { query: '?step=3&for=wait&w=1' })).spoken).toEqual([]);
    expect((await encode(outcome('waiting'), { query: '?step=8&for=wait&w=6' })).spoken[0]).toContain('继续等候');
    expect((await encode(outcome('human'), { query: '?step=8&for=wait&w=6' })).spoken[0]).toContain('坐席正在');
  });

  it('tells the caller that his words were kept', async () => {
    expect((await encode(outcome('waiting'), { query: '?step=3&for=gather' })).spoken[0]).toContain('已经记下');
    expect((await encode(outcome('human'), { query: '?step=3&for=gather' })).spoken[0]).toContain('已转给坐席');
    expect((await encode(outcome('human'), { query: '?step=3&for=silence' })).spoken[0]).toContain('坐席正在');
  });

  it('speaks what the seat wrote and starts counting anew', async () => {
    const { root, spoken } = await encode(outcome('human', message('您好，我是坐席。')), { query: '?step=9&for=wait&w=5' });
    expect(spoken).toEqual(['您好，我是坐席。']);
    expect(only(root, 'Redirect').text).toBe(`${VOICE}?step=10&for=wait&w=1`);
  });

  it('listens also while the turn is late', async () => {
    expect((await encode({ messages: [], turn: 'late', conversation: 'human' }, { query: '?step=9&for=gather' })).verbs).toEqual(['Gather', 'Redirect']);
  });
});

describe('the seat\'s telephone', () => {
  const waiting = (...messages: HookOutcome['messages']): HookOutcome => ({ messages, turn: 'done', conversation: 'waiting' });

  it('rings when the caller begins to wait, and comes back', async () => {
    const { root, verbs, spoken } = await encode(waiting(message('为您转接人工。')), { query: '?step=2&for=gather', env: SEAT });
    expect(verbs).toEqual(['Say', 'Dial']);
    expect(spoken).toEqual(['为您转接人工。']);
    expect(only(root, 'Dial').attributes).toEqual({ action: `${VOICE}?step=3&for=seat&d=1`, method: 'POST', timeout: '25' });
    expect(only(root, 'Number').text).toBe('+8676922222222');
    expect((await encode(waiting(), { query: '?step=2&for=gather', env: SEAT })).spoken).toEqual(['正在为您接通人工坐席，请不要挂断。']);
  });

  it('does not ring again at once when nobody answered, but later', async () => {
    const failed = await encode(waiting(), { query: '?step=3&for=seat&d=1', params: { DialCallStatus: 'no-answer' }, env: SEAT });
    expect(failed.verbs).toEqual(['Gather', 'Redirect']);
    expect(failed.spoken[0]).toContain('无人接听');
    expect(only(failed.root, 'Redirect').text).toBe(`${VOICE}?step=4&for=wait&w=1&d=1`);
    expect((await encode(waiting(), { query: '?step=5&for=wait&w=2&d=1', env: SEAT })).verbs).toEqual(['Gather', 'Redirect']);
    expect((await encode(waiting(message('好的。')), { query: '?step=6&for=gather&d=1', env: SEAT })).verbs).toEqual(['Gather', 'Redirect']);
    expect(only((await encode(waiting(), { query: '?step=19&for=wait&w=12&d=1', env: SEAT })).root, 'Dial').attributes['action']).toBe(`${VOICE}?step=20&for=seat&d=2`);
  });

  it('does not ring while a seat at the desk has the conversation', async () => {
    expect((await encode({ messages: [], turn: 'done', conversation: 'human' }, { query: '?step=2&for=gather', env: SEAT })).verbs).toEqual(['Gather', 'Redirect']);
  });

  it('says goodbye after the talk', async () => {
    const outcome: HookOutcome = { messages: [], turn: 'not-awaited', conversation: 'waiting' };
    const { verbs, spoken } = await encode(outcome, { query: '?step=3&for=seat&d=1', params: { DialCallStatus: 'completed' }, env: SEAT });
    expect(verbs).toEqual(['Say', 'Hangup']);
    expect(spoken).toEqual(['感谢您的来电，再见。']);
  });
});

describe('the end', () => {
  it('says goodbye and hangs up', async () => {
    const { verbs, spoken } = await encode({ messages: [message('您的诉求已登记。')], turn: 'done', conversation: 'closed' }, { query: '?step=5&for=gather' });
    expect(verbs).toEqual(['Say', 'Say', 'Hangup']);
    expect(spoken).toEqual(['您的诉求已登记。', '感谢您的来电，再见。']);
  });

  it('says goodbye once', async () => {
    expect((await encode({ messages: [message('感谢来电，再见！')], turn: 'done', conversation: 'closed' })).spoken).toEqual(['感谢来电，再见！']);
    expect((await encode({ messages: [message('Goodbye.')], turn: 'done', conversation: 'closed' })).spoken).toEqual(['Goodbye.']);
  });

  it('says nothing to a call that is over', async () => {
    const { root } = await encode(done(message('您好')), { params: { CallStatus: 'completed' } });
    expect(root.children).toEqual([]);
  });
});

describe('any outcome', () => {
  const wild = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(']]>', '<Hangup/>', '&amp;', '"', "'", '\u0000\u0001\u001f', '😀👨‍👩‍👧', '\ud800', '\udfff', '\ufffe', '请按1', '20261122000187', '路灯'.repeat(3000), ' ', ''),
    fc.array(fc.constantFrom('您好', 'hello', ' ]]> ', '<a b="c">', '\n', '\u0008', '13800138000', '。', '&', '😀'), { maxLength: 12 }).map((parts) => parts.join('')),
  );
  const choice = fc.record({ title: wild.filter((text) => text !== ''), value: fc.constant('v'), key: fc.constantFrom('0', '1', '9', '*', '#') }, { requiredKeys: ['title', 'value'] });
  const content = fc
    .record({ text: wild, speak: wild, choices: fc.array(choice, { maxLength: 4 }), inputHint: fc.constantFrom('acceptingInput' as const, 'expectingInput' as const, 'ignoringInput' as const) }, { requiredKeys: ['text'] })
    .map((part): MessageContent => ({ type: 'message', ...part }));
  const outcome: fc.Arbitrary<HookOutcome> = fc.record({
    messages: fc.array(content.map((one) => ({ activityIds: ['a'], content: one })), { maxLength: 4 }),
    turn: fc.constantFrom('done', 'late', 'not-awaited'),
    conversation: fc.constantFrom('bot', 'waiting', 'human', 'closed'),
  });
  const query = fc.oneof(
    fc.constant(''),
    fc.record({ step: fc.nat({ max: 50 }), purpose: fc.constantFrom('gather', 'silence', 'wait', 'seat', 'else'), w: fc.nat({ max: 15 }), d: fc.nat({ max: 2 }), l: fc.constantFrom('', '&l=en') }).map(({ step, purpose, w, d, l }) => `?step=${step}&for=${purpose}&w=${w}&d=${d}${l}`),
    fc.webQueryParameters().map((text) => `?${text}`),
  );
  const params = fc.record({ CallStatus: fc.constantFrom('in-progress', 'completed', 'busy'), DialCallStatus: fc.constantFrom('', 'completed', 'no-answer'), SpeechResult: fc.constantFrom('', '喂') });

  it.each([{}, SEAT])('becomes TwiML that Twilio takes (%j)', async (env) => {
    const hook = await openHook('voice', env);
    fc.assert(
      fc.property(outcome, query, params, (given, where, more) => {
        const reply = hook.encodeReply(signedRequest(VOICE + where, callParams(more)), given);
        expect(twimlFaults(reply.body)).toEqual([]);
        expect(reply.body).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
        expect(hook.encodeReply(signedRequest(VOICE + where, callParams(more)), given)).toEqual(reply);
      }),
      { numRuns: 400 },
    );
  });

  it('speaks every message, whatever else happens', async () => {
    const hook = await openHook('voice');
    const words = fc.array(fc.stringMatching(/^[路灯不亮]{1,6}$/), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(words, fc.constantFrom('done' as const, 'late' as const), fc.constantFrom('bot' as const, 'waiting' as const, 'human' as const, 'closed' as const), (texts, turn, conversation) => {
        const reply = hook.encodeReply(signedRequest(`${VOICE}?step=1&for=gather`, callParams()), { messages: texts.map((text) => message(text)), turn, conversation });
        expect(findAll(parseTwiml(reply.body), 'Say').map(({ text }) => text).slice(0, texts.length)).toEqual(texts);
      }),
    );
  });

  it('splits what is too long for one Say, inside the Gather', async () => {
    const { root, verbs, spoken } = await encode(done(message('一二三四五六七八九十。'.repeat(300))));
    expect(verbs).toEqual(['Gather', 'Redirect']);
    expect(spoken.length).toBe(3);
    expect(spoken.join('')).toBe('一二三四五六七八九十。'.repeat(300));
    expect(only(root, 'Gather').children).toHaveLength(3);
  });

  it('does not choke on a request that is no form', async () => {
    const hook = await openHook('voice');
    const request: RawRequest = { method: 'POST', url: VOICE, headers: {}, body: Buffer.from('%') };
    expect(twimlFaults(hook.encodeReply(request, done(message('您好'))).body)).toEqual([]);
  });
});

describe('the checker itself', () => {
  const wrap = (inner: string): string => `<?xml version="1.0" encoding="UTF-8"?><Response>${inner}</Response>`;
  it.each([
    ['an unknown verb', wrap('<Speak>a</Speak><Hangup/>')],
    ['an unknown attribute', wrap('<Say lang="zh-CN">a</Say><Hangup/>')],
    ['a language of the wrong kind', wrap('<Gather language="zh-CN"/><Hangup/>')],
    ['an unknown voice', wrap('<Say voice="Polly.Nobody">a</Say><Hangup/>')],
    ['a wrong input', wrap('<Gather input="digits"/><Hangup/>')],
    ['wrong nesting', wrap('<Gather><Redirect>/a</Redirect></Gather><Hangup/>')],
    ['an attribute of Hangup', wrap('<Hangup reason="x"/>')],
    ['an end that cuts the caller off', wrap('<Gather/>')],
    ['verbs after the end', wrap('<Hangup/><Say>a</Say><Hangup/>')],
    ['a Dial without action', wrap('<Dial><Number>1</Number></Dial>')],
    ['text that is not well-formed', wrap('<Say>a & b</Say><Hangup/>')],
    ['no Say text', wrap('<Say></Say><Hangup/>')],
    ['no declaration', '<Response><Hangup/></Response>'],
    ['another root', '<?xml version="1.0" encoding="UTF-8"?><Reply><Hangup/></Reply>'],
  ])('finds %s', (_what, xml) => {
    expect(twimlFaults(xml)).not.toEqual([]);
  });
});
