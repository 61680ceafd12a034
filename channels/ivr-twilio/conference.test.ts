import twilio from 'twilio';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { describe, expect, it } from 'vitest';
import type { ConferenceLeg, Hook, HookOutcome, HookReading } from '../../src/channel/contract.ts';
import { asAddress, asExternalId } from '../../src/domain/activity.ts';
import { standIn } from '../../test/support/stand-in.ts';
import { parseTwiml } from './testing/twiml-checker.ts';
import { ACCOUNT_SID, AUTH_TOKEN, CALL_SID, callParams, openChannel, PUBLIC_URL, signedRequest } from './testing/signed-request.ts';

const ROOM = '0193f6a0-0000-7000-8000-0000000000aa';
const LEG: ConferenceLeg = { room: ROOM, party: 'service', key: `${ROOM}.service.1`, to: '+8676900000110', ringSeconds: 40, greeting: '这里是12345热线，有市民请求三方通话。' };
const NOW = Date.parse('2026-11-23T09:00:00+08:00');
const PATH = '/hooks/ivr/twilio/conference';
const CALLER = { TWILIO_ACCOUNT_SID: ACCOUNT_SID, TWILIO_CALLER_NUMBER: '+8676900012345' };

async function calls(apiBase: string) {
  const { conference } = await openChannel({ ...CALLER, TWILIO_API_BASE: apiBase });
  if (conference === undefined) throw new TypeError('no conference');
  return conference;
}

async function hook(which: 'voice' | 'conference'): Promise<Hook> {
  const found = (await openChannel(CALLER)).hooks?.find(({ path }) => path.endsWith(`/${which}`));
  if (found === undefined) throw new TypeError(`no ${which} hook`);
  return found;
}

/** The form that the vendor's own client would post. */
async function theirs(order: (client: ReturnType<typeof twilio>) => Promise<unknown>): Promise<{ readonly uri: string; readonly form: Record<string, string[]> }> {
  const seen: { uri: string; data: object } = { uri: '', data: {} };
  const httpClient = new twilio.RequestClient();
  httpClient.request = async (options) => {
    Object.assign(seen, { uri: new URL(options.uri).pathname, data: { ...options.data } });
    throw new Error('seen');
  };
  await expect(order(twilio(ACCOUNT_SID, AUTH_TOKEN, { httpClient }))).rejects.toThrow('seen');
  return { uri: seen.uri, form: Object.fromEntries(Object.entries(seen.data).map(([name, value]): [string, string[]] => [name, Array.isArray(value) ? value.map(String) : [String(value)]]).sort()) };
}

const formOf = (body: string): Record<string, string[]> => formIn(new URLSearchParams(body));
const formIn = (form: URLSearchParams): Record<string, string[]> => Object.fromEntries([...new Set(form.keys())].map((name): [string, string[]] => [name, form.getAll(name)]).sort());
const reportsOf = (reading: HookReading) => (reading.kind === 'told' ? reading.told.conference : reading);
const human = (over: Partial<HookOutcome> = {}): HookOutcome => ({ messages: [], turn: 'done', conversation: 'human', upTo: 7, ...over });

describe('bringing people into a room', () => {
  it('rings a telephone as the vendor’s own client does; whoever picks up is in the room, with a document of the vendor’s own builder', async () => {
    const peer = await standIn({ status: 201, body: { sid: CALL_SID } });
    expect(await (await calls(peer.url)).ring(LEG)).toEqual({ status: 'placed', externalId: CALL_SID });
    const response = new VoiceResponse();
    response.say({ language: 'cmn-CN', voice: 'Polly.Zhiyu' }, LEG.greeting);
    response.dial({ timeLimit: 14_400 }).conference(
      { participantLabel: 'service', beep: 'onEnter', startConferenceOnEnter: true, endConferenceOnExit: false, statusCallback: `${PUBLIC_URL}${PATH}?for=event&room=${ROOM}`, statusCallbackMethod: 'POST', statusCallbackEvent: ['start', 'end', 'join', 'leave'] },
      ROOM,
    );
    response.hangup();
    const wanted = await theirs((client) => client.calls.create({
      to: LEG.to, from: '+8676900012345', twiml: response.toString(), statusCallback: `${PUBLIC_URL}${PATH}?for=leg&room=${ROOM}&party=service&key=${LEG.key}`, statusCallbackMethod: 'POST', statusCallbackEvent: ['ringing', 'answered', 'completed'], timeout: 40,
    }));
    expect(peer.asked.map(({ method, url, body }) => [method, url, formOf(body)])).toEqual([['POST', wanted.uri, wanted.form]]);
  });

  it('moves the caller as the vendor’s own client does, each time to an address that no request of the call had', async () => {
    const peer = await standIn({ status: 200, body: { sid: CALL_SID } });
    const conference = await calls(peer.url);
    const call = { address: asAddress(CALL_SID), locale: 'zh-HK', now: NOW } as const;
    expect(await conference.bring({ ...call, room: ROOM })).toEqual({ status: 'moved' });
    expect(await conference.release(call)).toEqual({ status: 'moved' });
    const [bring, release] = peer.asked;
    const step = (Math.floor(NOW / 1000) % 1_000_000_000) + 1;
    const wanted = await theirs((client) => client.calls(CALL_SID).update({ url: `${PUBLIC_URL}/hooks/ivr/twilio/voice?step=${step}&for=wait&l=hk&room=${ROOM}`, method: 'POST' }));
    expect([bring?.method, bring?.url, formOf(bring?.body ?? '')]).toEqual(['POST', wanted.uri, wanted.form]);
    expect(formOf(release?.body ?? '')['Url']?.[0]).not.toContain('room');
  });

  it.each([
    ['cut', 'unknown'],
    [{ status: 503 }, 'unknown'],
    [{ status: 404 }, 'refused'],
  ] as const)('takes %o for what it is, and asks once', async (answer, status) => {
    const peer = await standIn(answer);
    expect(await (await calls(peer.url)).ring(LEG)).toMatchObject({ status });
    expect(await (await calls(peer.url)).bring({ address: asAddress(CALL_SID), locale: 'zh-CN', now: NOW, room: ROOM })).toMatchObject({ status });
    expect(peer.asked).toHaveLength(2);
  });

  const ofStatus = (status: string) => ({ status: 200, body: { sid: CALL_SID, status } });
  const over = { status: 400, body: { code: 21220, message: 'Call is not in-progress. Cannot redirect.' } };
  it.each([
    ['rings', false, [ofStatus('ringing')], ['canceled'], { status: 'ended' }],
    ['was answered this very moment', false, [ofStatus('in-progress'), ofStatus('completed')], ['canceled', 'completed'], { status: 'ended' }],
    ['is answered', true, [ofStatus('completed')], ['completed'], { status: 'ended' }],
    ['is over', false, [over, over], ['canceled', 'completed'], { status: 'ended' }],
    ['nobody knows any more', true, [{ status: 404, body: { code: 20404 } }], ['completed'], { status: 'ended' }],
    ['is another account’s', true, [{ status: 401, body: { code: 20003 } }], ['completed'], { status: 'refused', code: 'twilio.20003' }],
    ['cannot be ended now', false, ['cut' as const], ['canceled'], { status: 'unknown', code: 'call.no_answer_from_peer' }],
    ['breaks the peer', true, [{ status: 503 }], ['completed'], { status: 'unknown', code: 'twilio.http_503' }],
  ])('ends a telephone’s call that %s', async (_what, answered, [first, ...more], orders, receipt) => {
    const peer = await standIn(first ?? 'cut', ...more);
    expect(await (await calls(peer.url)).end({ externalId: asExternalId(CALL_SID), answered })).toEqual(receipt);
    const wanted = await Promise.all(orders.map((order) => theirs((client) => client.calls(CALL_SID).update({ status: order === 'canceled' ? 'canceled' : 'completed' }))));
    expect(peer.asked.map(({ url, body }) => ({ uri: url, form: formOf(body) }))).toEqual(wanted);
  });

  it('is not offered without a number to call from', async () => {
    expect((await openChannel()).conference).toBeUndefined();
    expect((await openChannel()).capabilities.conference).toBe(true);
  });
});

describe('the caller', () => {
  const message = (value: object) => ({ activityIds: ['a'], content: { type: 'message', text: '正在为您接通110，请不要挂断。', inputHint: 'acceptingInput', value: { ...value } } }) as const;

  it.each([
    ['is told by a message', '/hooks/ivr/twilio/voice?step=4&for=wait', human({ messages: [message({ conference: ROOM })] }), ['Say', 'Dial']],
    ['was moved', `/hooks/ivr/twilio/voice?step=4&for=wait&room=${ROOM}`, human(), ['Dial']],
  ])('%s: hears what was said, then hold words in the room, and comes back to the loop', async (_how, url, outcome, verbs) => {
    const voice = await hook('voice');
    const request = signedRequest(url, callParams());
    expect(voice.read(request, 0).kind).toBe('collect');
    const root = parseTwiml(voice.encodeReply(request, outcome).body);
    expect(root.children.map(({ verb }) => verb)).toEqual(verbs);
    const dial = root.children.at(-1);
    expect(dial?.attributes).toEqual({ action: '/hooks/ivr/twilio/voice?step=5&for=wait&h=7', method: 'POST', timeLimit: '14400' });
    expect(dial?.children[0]).toMatchObject({ verb: 'Conference', text: ROOM, attributes: { participantLabel: 'citizen', startConferenceOnEnter: 'false', endConferenceOnExit: 'false', waitUrl: `${PATH}?for=hold&room=${ROOM}`, waitMethod: 'POST', statusCallbackEvent: 'start end join leave' } });
  });

  it('never hears silence while nobody is there', async () => {
    const room = await hook('conference');
    const first = room.read(signedRequest(`${PATH}?for=hold&room=${ROOM}&l=hk`, callParams()), 0);
    if (first.kind !== 'reply') throw new TypeError(first.kind);
    const hold = new VoiceResponse();
    hold.say({ language: 'yue-HK', voice: 'Google.yue-HK-Standard-A' }, '而家幫你接通緊，請唔好收線。');
    hold.pause({ length: 6 });
    hold.redirect({ method: 'POST' }, `${PATH}?for=hold&room=${ROOM}&l=hk&n=1`);
    expect(first.reply.body).toBe(hold.toString());
    const later = room.read(signedRequest(`${PATH}?for=hold&room=${ROOM}&n=3`, callParams()), 0);
    expect(later.kind === 'reply' ? later.reply.body : '').toContain('直接拨打1 1 0');
  });

  it('is not led into a room when the conversation is over', async () => {
    const voice = await hook('voice');
    const body = voice.encodeReply(signedRequest(`/hooks/ivr/twilio/voice?step=4&for=wait&room=${ROOM}`, callParams()), human({ conversation: 'closed' })).body;
    expect(body).not.toContain('Conference');
  });
});

describe('the hook of rooms', () => {
  const leg = (more: Readonly<Record<string, string>>) => callParams({ Direction: 'outbound-api', Timestamp: 'Mon, 23 Nov 2026 01:00:00 +0000', ...more });
  const base = { room: ROOM, party: 'service', key: LEG.key, externalId: CALL_SID, code: null, at: NOW };

  it.each([
    [{ CallStatus: 'ringing' }, { state: 'ringing' }],
    [{ CallStatus: 'in-progress' }, { state: 'answered' }],
    [{ CallStatus: 'busy' }, { state: 'busy' }],
    [{ CallStatus: 'no-answer' }, { state: 'no-answer' }],
    [{ CallStatus: 'failed', SipResponseCode: '503' }, { state: 'failed', code: 'sip.503' }],
    [{ CallStatus: 'completed' }, { state: 'completed' }],
  ])('tells of a leg’s %o', async (params, wanted) => {
    const room = await hook('conference');
    expect(reportsOf(room.read(signedRequest(`${PATH}?for=leg&room=${ROOM}&party=service&key=${LEG.key}`, leg(params)), 0))).toEqual([{ ...base, ...wanted }]);
  });

  it('tells who came, who went and that it is over; the rest is acknowledged', async () => {
    const room = await hook('conference');
    const event = (name: string, more: Readonly<Record<string, string>> = {}) => room.read(signedRequest(`${PATH}?for=event&room=${ROOM}`, { ConferenceSid: 'CF1', FriendlyName: ROOM, AccountSid: ACCOUNT_SID, Timestamp: 'Mon, 23 Nov 2026 01:00:00 +0000', StatusCallbackEvent: name, ...more }), 0);
    const party = { CallSid: CALL_SID, ParticipantLabel: 'seat' };
    expect(reportsOf(event('participant-join', party))).toEqual([{ ...base, key: null, party: 'seat', state: 'joined' }]);
    expect(reportsOf(event('participant-leave', party))).toEqual([{ ...base, key: null, party: 'seat', state: 'left' }]);
    // A caller who is moved leaves the room too; only one who has hung up is gone.
    const citizen = { CallSid: CALL_SID, ParticipantLabel: 'citizen' };
    expect(reportsOf(event('participant-leave', { ...citizen, ReasonParticipantLeft: 'participant_updated_via_api' }))).toMatchObject([{ party: 'citizen', state: 'left' }]);
    expect(reportsOf(event('participant-leave', { ...citizen, ReasonParticipantLeft: 'participant_hung_up' }))).toMatchObject([{ party: 'citizen', state: 'completed' }]);
    expect(reportsOf(event('conference-end', { ReasonConferenceEnded: 'last-participant-left' }))).toEqual([{ ...base, key: null, party: null, externalId: null, state: 'ended', code: 'last-participant-left' }]);
    expect(event('conference-start')).toMatchObject({ kind: 'reply', reply: { status: 204 } });
  });

  it('believes nobody else', async () => {
    const room = await hook('conference');
    const good = signedRequest(`${PATH}?for=leg&room=${ROOM}&party=service&key=${LEG.key}`, leg({ CallStatus: 'busy' }));
    expect(room.read({ ...good, url: good.url.replace('service', 'seat') }, 0)).toMatchObject({ kind: 'refused', status: 403 });
    for (const url of [PATH, `${PATH}?for=leg&room=${ROOM}`, `${PATH}?for=hold`, `${PATH}?for=join&room=${ROOM}`]) expect(room.read(signedRequest(url, leg({ CallStatus: 'busy' })), 0)).toMatchObject({ kind: 'refused', status: 400 });
  });
});
