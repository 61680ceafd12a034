import { describe, expect, it } from 'vitest';
import twilio from 'twilio';
import type { CallOrder, Channel } from '../../src/channel/contract.ts';
import { standIn } from '../../test/support/stand-in.ts';
import { ACCOUNT_SID, AUTH_TOKEN, CALL_SID, callParams, openChannel, openHook, PUBLIC_URL, signedRequest } from './testing/signed-request.ts';

const ORDER: CallOrder = { key: '0193f6a0-0000-7000-8000-000000000001', to: '+8613800138000', ringSeconds: 30, detectMachine: true };
const KEYED = `?call=${ORDER.key}`;

const open = (apiBase: string): Promise<Channel> => openChannel({ TWILIO_ACCOUNT_SID: ACCOUNT_SID, TWILIO_CALLER_NUMBER: '+8676900012345', TWILIO_API_BASE: apiBase });
const place = async (apiBase: string) => (await open(apiBase)).call?.(ORDER);

describe('placing a call', () => {
  it('orders as the vendor’s own client does', async () => {
    const peer = await standIn({ status: 201, body: { sid: CALL_SID, status: 'queued' } });
    expect(await place(peer.url)).toEqual({ status: 'placed', externalId: CALL_SID });
    let theirs: { readonly data?: object; readonly uri: string } = { uri: '' };
    const httpClient = new twilio.RequestClient();
    httpClient.request = async (options) => {
      theirs = { uri: options.uri, data: { ...options.data } };
      throw new Error('seen');
    };
    const client = twilio(ACCOUNT_SID, AUTH_TOKEN, { httpClient });
    await expect(client.calls.create({
      to: ORDER.to, from: '+8676900012345', url: `${PUBLIC_URL}/hooks/ivr/twilio/voice${KEYED}`, method: 'POST', statusCallback: `${PUBLIC_URL}/hooks/ivr/twilio/status${KEYED}`, statusCallbackMethod: 'POST',
      statusCallbackEvent: ['ringing', 'answered', 'completed'], timeout: 30, machineDetection: 'Enable',
    })).rejects.toThrow('seen');
    const [asked] = peer.asked;
    const ours = new URLSearchParams(asked?.body);
    const form = new Map([...new Set(ours.keys())].map((name): [string, string[]] => [name, ours.getAll(name)]));
    expect(Object.fromEntries([...form].sort())).toEqual(Object.fromEntries(Object.entries(theirs.data ?? {}).map(([name, value]): [string, string[]] => [name, Array.isArray(value) ? value.map(String) : [String(value)]]).sort()));
    expect(asked).toMatchObject({ method: 'POST', url: new URL(theirs.uri).pathname, authorization: `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}` });
  });

  it('says refused only when the peer surely took nothing, and never repeats a number', async () => {
    const refused = await standIn({ status: 400, body: { code: 21211, message: 'The \'To\' number +8613800138000 is not valid.' } });
    expect(await place(refused.url)).toEqual({ status: 'refused', code: 'twilio.21211' });
    expect(refused.asked).toHaveLength(1);
    expect(await place('http://127.0.0.1:1')).toMatchObject({ status: 'refused', code: 'call.unreachable' });
  });

  it.each([
    ['a broken connection', 'cut', 'unknown', 'call.no_answer_from_peer'],
    ['a server error', { status: 503 }, 'unknown', 'twilio.http_503'],
    ['an answer without a call', { status: 201, body: { status: 'queued' } }, 'unknown', 'twilio.http_201'],
    ['too many at once', { status: 429, headers: { 'retry-after': '3' } }, 'refused', 'twilio.too_many'],
  ] as const)('takes %s for what it is, and asks once', async (_what, answer, status, code) => {
    const peer = await standIn(answer);
    expect(await place(peer.url)).toMatchObject({ status, code });
    expect(peer.asked).toHaveLength(1);
  });

  it('is not offered without a number to call from; a half-set one is a fault', async () => {
    expect((await openChannel()).call).toBeUndefined();
    await expect(openChannel({ TWILIO_CALLER_NUMBER: '+8676900012345' })).rejects.toThrow('TWILIO_ACCOUNT_SID');
    await expect(openChannel({ TWILIO_ACCOUNT_SID: ACCOUNT_SID, TWILIO_CALLER_NUMBER: '12345' })).rejects.toThrow('TWILIO_CALLER_NUMBER');
  });
});

describe('hooks of a call that we placed', () => {
  const outbound = (more: Readonly<Record<string, string>>) => callParams({ Direction: 'outbound-api', From: '+8676900012345', To: '+8613800138000', ...more });
  const report = { of: 'call', key: ORDER.key, externalId: CALL_SID };

  it('begin with the citizen, who is the called side, and tell that somebody answered', async () => {
    const voice = await openHook('voice');
    const reading = voice.read(signedRequest(`/hooks/ivr/twilio/voice${KEYED}`, outbound({ AnsweredBy: 'human' })), 0);
    expect(reading).toMatchObject({ kind: 'inbound', answerWhen: 'turn', activities: [{ content: { type: 'event', name: 'enter' }, identity: { phone: '13800138000' } }], told: { reports: [{ ...report, state: 'answered' }], consents: [] } });
    // Later steps of the call are like any other's.
    const later = voice.read(signedRequest('/hooks/ivr/twilio/voice?step=1&for=gather', outbound({ Digits: '1' })), 0);
    expect(later).toMatchObject({ kind: 'inbound', activities: [{ content: { keys: '1' }, identity: { phone: '13800138000' } }] });
    expect(later).not.toHaveProperty('told');
  });

  it.each(['machine_start', 'machine_end_beep', 'fax'])('let %s go without a word', async (by) => {
    const voice = await openHook('voice');
    const reading = voice.read(signedRequest(`/hooks/ivr/twilio/voice${KEYED}`, outbound({ AnsweredBy: by })), 0);
    expect(reading).toMatchObject({ kind: 'told', told: { reports: [{ ...report, state: 'machine', code: by }] }, reply: { status: 200, contentType: 'text/xml; charset=utf-8' } });
    expect(reading.kind === 'told' ? reading.reply.body : '').toMatch(/<Response><Hangup\/><\/Response>$/);
  });

  it.each([
    [{ CallStatus: 'ringing', Timestamp: 'Mon, 23 Nov 2026 01:00:00 +0000' }, [{ ...report, state: 'ringing', at: Date.parse('2026-11-23T01:00:00Z') }]],
    [{ CallStatus: 'busy' }, [{ ...report, state: 'busy' }]],
    [{ CallStatus: 'no-answer' }, [{ ...report, state: 'no-answer' }]],
    [{ CallStatus: 'failed', SipResponseCode: '486' }, [{ ...report, state: 'failed', code: 'sip.486' }]],
    [{ CallStatus: 'completed', CallDuration: '7', AnsweredBy: 'machine_start' }, [{ ...report, state: 'machine' }, { ...report, state: 'completed', seconds: 7 }]],
  ])('tell of %o and begin no conversation', async (params, reports) => {
    const status = await openHook('status');
    expect(status.read(signedRequest(`/hooks/ivr/twilio/status${KEYED}`, outbound(params)), 0)).toMatchObject({ kind: 'told', told: { reports }, reply: { status: 204 } });
  });

  it('end the conversation with the call, in the same breath', async () => {
    const status = await openHook('status');
    expect(status.read(signedRequest(`/hooks/ivr/twilio/status${KEYED}`, outbound({ CallStatus: 'completed', CallDuration: '42' })), 0)).toMatchObject({ kind: 'inbound', answerWhen: 'stored', activities: [{ content: { type: 'endOfConversation' } }], told: { reports: [{ ...report, state: 'completed', seconds: 42 }] } });
    expect(status.read(signedRequest(`/hooks/ivr/twilio/status${KEYED}`, outbound({ CallStatus: 'initiated' })), 0)).toMatchObject({ kind: 'reply' });
    // Forged: nothing is told.
    expect(status.read({ ...signedRequest(`/hooks/ivr/twilio/status${KEYED}`, outbound({ CallStatus: 'busy' })), url: '/hooks/ivr/twilio/status?call=another' }, 0)).toMatchObject({ kind: 'refused', status: 403 });
  });
});
