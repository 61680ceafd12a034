import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, it } from 'vitest';
import type { HookReading, RawRequest } from '../../src/channel/contract.ts';
import type { InboundActivity } from '../../src/domain/activity.ts';
import { ACCOUNT_SID, AUTH_TOKEN, CALL_SID, callParams, openChannel, openHook, PUBLIC_URL, signedRequest, type SignOptions } from './testing/signed-request.ts';

const VOICE = '/hooks/ivr/twilio/voice';
const STATUS = '/hooks/ivr/twilio/status';

async function read(url: string, params: Readonly<Record<string, string>>, options: SignOptions & { readonly env?: Record<string, string> } = {}): Promise<HookReading> {
  const hook = await openHook(url.startsWith(STATUS) ? 'status' : 'voice', options.env, options.publicUrl);
  return hook.read(signedRequest(url, params, options), 0);
}

function only(reading: HookReading): InboundActivity {
  if (reading.kind !== 'inbound' || reading.activities.length !== 1 || reading.activities[0] === undefined) throw new Error(`one activity expected, got ${JSON.stringify(reading)}`);
  return reading.activities[0];
}

const externalIdOf = (reading: HookReading): string => String(reading.kind === 'collect' ? reading.externalId : only(reading).externalId);

describe('what a voice request says', () => {
  it('takes the first request of a call as enter, and waits for the answer', async () => {
    const reading = await read(VOICE, callParams({ CallStatus: 'ringing' }));
    expect(reading).toMatchObject({ kind: 'inbound', answerWhen: 'turn' });
    expect(only(reading)).toMatchObject({
      channel: 'ivr-twilio',
      address: CALL_SID,
      modality: 'voice',
      content: { type: 'event', name: 'enter' },
      identity: { externalUserId: null, phone: '13800138000' },
    });
  });

  it('takes speech as a message with its confidence', async () => {
    const reading = await read(`${VOICE}?step=2&for=gather`, callParams({ SpeechResult: '路灯不亮', Confidence: '0.91' }));
    expect(only(reading).content).toEqual({ type: 'message', text: '路灯不亮', confidence: 0.91 });
  });

  it.each(['0', '0.0', '', 'NaN', '-1', '1.5', '1e9', 'high'])('takes confidence %j as unknown, not low', async (confidence) => {
    const reading = await read(`${VOICE}?step=2&for=gather`, callParams({ SpeechResult: '路灯', Confidence: confidence }));
    expect(only(reading).content).toEqual({ type: 'message', text: '路灯' });
  });

  it('takes an absent confidence as unknown', async () => {
    expect(only(await read(`${VOICE}?step=2&for=gather`, callParams({ SpeechResult: '路灯' }))).content).toEqual({ type: 'message', text: '路灯' });
  });

  it('takes keys as keys and text, before speech', async () => {
    const reading = await read(`${VOICE}?step=2&for=gather`, callParams({ Digits: '20261122000018', SpeechResult: '我' }));
    expect(only(reading).content).toEqual({ type: 'message', text: '20261122000018', keys: '20261122000018' });
  });

  it.each(['0', '*', '#', '12*#A'])('keeps keys %s', async (digits) => {
    expect(only(await read(`${VOICE}?step=2&for=gather`, callParams({ Digits: digits }))).content).toEqual({ type: 'message', text: digits, keys: digits });
  });

  it.each([
    ['the silence redirect', `${VOICE}?step=3&for=silence`, {}],
    ['an empty gather result', `${VOICE}?step=3&for=gather`, { Digits: '', SpeechResult: '' }],
    ['speech of blanks', `${VOICE}?step=3&for=gather`, { SpeechResult: '  ' }],
  ])('takes %s as silence', async (_what, url, more) => {
    expect(only(await read(url, callParams(more))).content).toEqual({ type: 'event', name: 'silence' });
  });

  it('takes a waiting round as a collect', async () => {
    expect(await read(`${VOICE}?step=4&for=wait&w=2`, callParams())).toMatchObject({ kind: 'collect', address: CALL_SID });
  });

  it('takes words said in a waiting round as a message', async () => {
    expect(only(await read(`${VOICE}?step=4&for=wait&w=2`, callParams({ SpeechResult: '喂' }))).content).toMatchObject({ text: '喂' });
  });

  it.each(['busy', 'no-answer', 'failed', 'canceled'])('goes on waiting after the seat\'s telephone was %s', async (status) => {
    expect(await read(`${VOICE}?step=4&for=seat&d=1`, callParams({ DialCallStatus: status }))).toMatchObject({ kind: 'collect' });
  });

  it('ends the conversation after the talk with the seat', async () => {
    const reading = await read(`${VOICE}?step=4&for=seat&d=1`, callParams({ DialCallStatus: 'completed' }));
    expect(reading).toMatchObject({ kind: 'inbound', answerWhen: 'stored' });
    expect(only(reading).content).toEqual({ type: 'endOfConversation', code: 'completedSuccessfully' });
  });

  it.each([
    ['completed', 'completedSuccessfully'],
    ['no-answer', 'userCancelled'],
  ])('takes a finished call on the voice address as its end, after a telephone that was %s', async (dialled, code) => {
    const reading = await read(`${VOICE}?step=4&for=seat&d=1`, callParams({ CallStatus: 'completed', DialCallStatus: dialled }));
    expect(reading).toMatchObject({ answerWhen: 'stored' });
    expect(only(reading).content).toEqual({ type: 'endOfConversation', code });
  });

  it('resumes a call on the fallback address by collecting, and enters there only when the first request failed', async () => {
    const middle = callParams({ ErrorCode: '11200', ErrorUrl: `${PUBLIC_URL}${VOICE}?step=3&for=gather` });
    expect(await read(VOICE, middle)).toMatchObject({ kind: 'collect' });
    const first = await read(VOICE, callParams());
    const again = await read(VOICE, callParams({ ErrorCode: '11200', ErrorUrl: `${PUBLIC_URL}${VOICE}` }), { headers: { 'i-twilio-idempotency-token': 'other' } });
    expect(only(again)).toMatchObject({ externalId: only(first).externalId, content: { name: 'enter' } });
  });
});

describe('who calls', () => {
  it.each([
    ['+8613800138000', '13800138000'],
    ['008613800138000', '13800138000'],
    ['13800138000', '13800138000'],
    ['+8676922222222', '076922222222'],
    ['076922222222', '076922222222'],
    ['+12025550123', '+12025550123'],
  ])('knows %s as %s', async (from, phone) => {
    expect(only(await read(VOICE, callParams({ From: from }))).identity).toEqual({ externalUserId: null, phone });
  });

  it.each(['+266696687', '+7378742833', '+2562533', '+8656696', '+86282452253', '', 'anonymous', 'Restricted', 'sip:alice@example.com', 'client:bob'])('knows nobody by %j', async (from) => {
    expect(only(await read(VOICE, callParams({ From: from }))).identity).toBeUndefined();
  });

  it('takes the called side in a call that we placed', async () => {
    const identity = only(await read(VOICE, callParams({ Direction: 'outbound-api', From: '+8676900012345', To: '+8613800138000' }))).identity;
    expect(identity).toEqual({ externalUserId: null, phone: '13800138000' });
  });
});

describe('dedupe keys', () => {
  const url = `${VOICE}?step=2&for=gather`;
  const token = (value: string): SignOptions => ({ headers: { 'i-twilio-idempotency-token': value } });

  it('gives a retried request its key again, with and without a token', async () => {
    const params = callParams({ SpeechResult: '路灯' });
    expect(externalIdOf(await read(url, params, token('t1')))).toBe(externalIdOf(await read(url, params, token('t1'))));
    expect(externalIdOf(await read(url, params))).toBe(externalIdOf(await read(url, params)));
    const wait = `${VOICE}?step=3&for=wait&w=1`;
    expect(externalIdOf(await read(wait, callParams()))).toBe(externalIdOf(await read(wait, callParams())));
  });

  it('tells different requests apart', async () => {
    const one = callParams({ Digits: '1' });
    const ids = [
      await read(url, one),
      await read(url, callParams({ Digits: '2' })),
      await read(url, callParams({ SpeechResult: '1' })),
      await read(`${VOICE}?step=3&for=gather`, one),
      await read(url, { ...one, CallSid: `CA${'0'.repeat(31)}2` }),
      await read(url, one, token('t1')),
      await read(url, one, token('t2')),
      await read(`${VOICE}?step=2&for=silence`, callParams(), token('t1')),
      await read(`${VOICE}?step=2&for=wait`, callParams(), token('t1')),
      await read(VOICE, callParams()),
    ].map(externalIdOf);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says nothing about the caller in a key', async () => {
    const id = externalIdOf(await read(url, callParams({ SpeechResult: '13800138000' })));
    expect(id).toMatch(/^[\w-]{43}$/);
  });
});

describe('the status callback', () => {
  it.each([
    ['completed', 'userCancelled'],
    ['busy', 'userCancelled'],
    ['no-answer', 'userCancelled'],
    ['canceled', 'userCancelled'],
    ['failed', 'channelFailed'],
  ])('takes %s as the end', async (status, code) => {
    const reading = await read(STATUS, callParams({ CallStatus: status, SequenceNumber: '3' }));
    expect(reading).toMatchObject({ kind: 'inbound', answerWhen: 'stored' });
    expect(only(reading)).toMatchObject({ address: CALL_SID, content: { type: 'endOfConversation', code } });
  });

  it.each(['queued', 'initiated', 'ringing', 'in-progress', 'something-new', ''])('acknowledges %j and keeps nothing', async (status) => {
    expect(await read(STATUS, callParams({ CallStatus: status }))).toEqual({ kind: 'reply', reply: { status: 204, contentType: expect.any(String), body: '' } });
  });

  it('does not take the end of a leg to the seat for the end of the call', async () => {
    expect(await read(STATUS, callParams({ CallStatus: 'completed', ParentCallSid: CALL_SID, CallSid: `CA${'0'.repeat(31)}9` }))).toMatchObject({ kind: 'reply' });
  });

  it('dedupes by sequence number, else by status', async () => {
    const end = (more: Record<string, string>): Promise<HookReading> => read(STATUS, callParams({ CallStatus: 'completed', ...more }));
    expect(externalIdOf(await end({ SequenceNumber: '2', Timestamp: 'a' }))).toBe(externalIdOf(await end({ SequenceNumber: '2', Timestamp: 'b' })));
    expect(externalIdOf(await end({ SequenceNumber: '2' }))).not.toBe(externalIdOf(await end({ SequenceNumber: '3' })));
    expect(externalIdOf(await end({}))).toBe(externalIdOf(await end({ Timestamp: 'b' })));
    expect(externalIdOf(await end({}))).not.toBe(externalIdOf(await end({ CallStatus: 'failed' })));
  });

  it('answers 204', async () => {
    const hook = await openHook('status');
    const request = signedRequest(STATUS, callParams({ CallStatus: 'completed' }));
    expect(hook.encodeReply(request, { messages: [], turn: 'not-awaited', conversation: 'closed' })).toMatchObject({ status: 204, body: '' });
  });
});

describe('what is refused', () => {
  const url = `${VOICE}?step=2&for=gather`;
  const readRaw = async (change: (request: RawRequest) => RawRequest): Promise<HookReading> => (await openHook('voice')).read(change(signedRequest(url, callParams({ Digits: '1' }))), 0);

  it.each<[string, (request: RawRequest) => RawRequest, number]>([
    ['no signature', (request) => ({ ...request, headers: { ...request.headers, 'x-twilio-signature': undefined } }), 403],
    ['an empty signature', (request) => ({ ...request, headers: { ...request.headers, 'x-twilio-signature': '' } }), 403],
    ['another step', (request) => ({ ...request, url: url.replace('2', '3') }), 403],
    ['another body', (request) => ({ ...request, body: Buffer.from(request.body.toString().replace('Digits=1', 'Digits=2')) }), 403],
    ['an added parameter', (request) => ({ ...request, body: Buffer.concat([request.body, Buffer.from('&X=')]) }), 403],
    ['no body', (request) => ({ ...request, body: Buffer.alloc(0) }), 403],
    ['broken UTF-8', (request) => ({ ...request, body: Buffer.concat([request.body, Buffer.from('&X=%FF')]) }), 400],
    ['another content type', (request) => ({ ...request, headers: { ...request.headers, 'content-type': 'text/plain' } }), 415],
    ['no content type', (request) => ({ ...request, headers: { ...request.headers, 'content-type': undefined } }), 415],
    ['a form that calls itself JSON', (request) => ({ ...request, headers: { ...request.headers, 'content-type': 'application/json' } }), 403],
    ['an absolute request target', (request) => ({ ...request, url: `${PUBLIC_URL}${url}` }), 400],
    ['a body above the limit', (request) => ({ ...request, body: Buffer.alloc(64 * 1024 + 1, 'a') }), 413],
  ])('%s', async (_what, change, status) => {
    expect(await readRaw(change)).toMatchObject({ kind: 'refused', status });
  });

  it('a signature of another token, host or scheme', async () => {
    for (const options of [{ authToken: 'other' }, { publicUrl: 'https://evil.example' }, { publicUrl: PUBLIC_URL.replace('https', 'http') }]) {
      const hook = await openHook('voice');
      expect(hook.read(signedRequest(url, callParams(), options), 0)).toMatchObject({ kind: 'refused', status: 403, reason: 'bad_signature' });
    }
  });

  it('never trusts the Host header', async () => {
    const hook = await openHook('voice');
    const request = signedRequest(url, callParams(), { publicUrl: 'https://evil.example', headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' } });
    expect(hook.read(request, 0)).toMatchObject({ kind: 'refused' });
  });

  it('a call without its sid, or with an impossible one', async () => {
    for (const sid of [undefined, '', 'a b', '通话', 'C'.repeat(129)]) {
      const { CallSid: _sid, ...rest } = callParams();
      expect(await read(VOICE, sid === undefined ? rest : { ...rest, CallSid: sid })).toEqual({ kind: 'refused', status: 400, reason: 'no_call_sid' });
      expect(await read(STATUS, sid === undefined ? rest : { ...rest, CallSid: sid })).toEqual({ kind: 'refused', status: 400, reason: 'no_call_sid' });
    }
  });

  it('another account, when ours is configured', async () => {
    const env = { TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}` };
    expect(await read(VOICE, callParams(), { env })).toEqual({ kind: 'refused', status: 403, reason: 'other_account' });
    expect(await read(STATUS, callParams(), { env })).toMatchObject({ kind: 'refused', status: 403 });
    expect(await read(VOICE, callParams(), { env: { TWILIO_ACCOUNT_SID: ACCOUNT_SID } })).toMatchObject({ kind: 'inbound' });
  });

  it('keys that no telephone has', async () => {
    expect(await read(url, callParams({ Digits: '12x' }))).toEqual({ kind: 'refused', status: 400, reason: 'bad_digits' });
  });

  it('anything random, without a throw', async () => {
    const hook = await openHook('voice');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'text/xml', ''), fc.webPath(), fc.string(), (body, type, path, signature) => {
        const request: RawRequest = { method: 'POST', url: path, headers: { 'content-type': type, 'x-twilio-signature': signature }, body: Buffer.from(body) };
        expect(hook.read(request, 0).kind).toBe('refused');
      }),
    );
  });
});

describe('where it was sent', () => {
  it('takes the path prefix and the user of PUBLIC_URL as signed', async () => {
    const publicUrl = 'https://user:secret@gw.example.cn/yihu/';
    const hook = await openHook('voice', {}, publicUrl);
    const request = signedRequest(VOICE, callParams(), { publicUrl: 'https://user:secret@gw.example.cn/yihu' });
    expect(hook.read(request, 0)).toMatchObject({ kind: 'inbound' });
  });

  it('takes a default port that one side writes out', async () => {
    expect(await read(VOICE, callParams(), { publicUrl: 'https://gw.example.cn:443' })).toMatchObject({ kind: 'inbound' });
    const hook = await openHook('voice');
    expect(hook.read(signedRequest(VOICE, callParams(), { publicUrl: 'https://gw.example.cn:443' }), 0)).toMatchObject({ kind: 'inbound' });
  });

  it('reads JSON when the URL vouches for its bytes, and only then', async () => {
    const body = Buffer.from(JSON.stringify({ ...callParams({ SpeechResult: '路灯' }), nested: { a: 1 } }));
    const url = `${VOICE}?step=2&for=gather&bodySHA256=${createHash('sha256').update(body).digest('hex')}`;
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': getExpectedTwilioSignature(AUTH_TOKEN, PUBLIC_URL + url, {}) };
    const hook = await openHook('voice');
    expect(only(hook.read({ method: 'POST', url, headers, body }, 0)).content).toEqual({ type: 'message', text: '路灯' });
    expect(hook.read({ method: 'POST', url, headers, body: Buffer.concat([body, Buffer.from(' ')]) }, 0)).toMatchObject({ status: 403, reason: 'bad_body_hash' });
    const bare = `${VOICE}?step=2&for=gather`;
    const signature = getExpectedTwilioSignature(AUTH_TOKEN, PUBLIC_URL + bare, {});
    expect(hook.read({ method: 'POST', url: bare, headers: { ...headers, 'x-twilio-signature': signature }, body }, 0)).toMatchObject({ status: 403, reason: 'no_body_hash' });
  });

  it('reads any words as they were said', async () => {
    const hook = await openHook('voice');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() !== ''), (text) => {
        expect(only(hook.read(signedRequest(`${VOICE}?step=2&for=gather`, callParams({ SpeechResult: text })), 0)).content).toEqual({ type: 'message', text });
      }),
    );
  });
});

describe('settings', () => {
  it('is off without the token, names it, and accepts nothing', async () => {
    const off = await openChannel({ TWILIO_AUTH_TOKEN: undefined });
    expect(off.status).toEqual({ state: 'off', missing: ['TWILIO_AUTH_TOKEN'] });
    const request = signedRequest(VOICE, callParams(), { authToken: '' });
    expect(off.hooks?.map(({ path }) => path)).toEqual([VOICE, STATUS, '/hooks/ivr/twilio/conference']);
    for (const hook of off.hooks ?? []) expect(hook.read(request, 0)).toMatchObject({ kind: 'refused' });
    expect((await openChannel({ TWILIO_AUTH_TOKEN: '  ' })).status.state).toBe('off');
  });

  it('names every wrong setting and repeats no value', async () => {
    const env = { TWILIO_VOICE: 'Polly.Nobody', TWILIO_VOICE_EN: 'Someone', TWILIO_ACCOUNT_SID: 'AC-wrong', TWILIO_SEAT_NUMBER: 'call-me' };
    const error = await openChannel(env).then(() => null, (thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'settings.invalid' });
    const message = error instanceof Error ? error.message : '';
    for (const [name, value] of Object.entries(env)) {
      expect(message).toContain(name);
      expect(message).not.toContain(value);
    }
  });
});
