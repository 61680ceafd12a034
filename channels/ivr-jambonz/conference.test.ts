import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { ConferenceLeg, Hook, HookOutcome, HookReading } from '../../src/channel/contract.ts';
import { asAddress, asExternalId } from '../../src/domain/activity.ts';
import { createFakePorts } from '../../test/fakes/ports.ts';
import { type AskedOfStandIn, standIn } from '../../test/support/stand-in.ts';
import { channel } from './index.ts';
import { CALL_SID, NOW, SECRET, signedHook } from './testing/signed-hook.ts';

type VendorClient = (account: string, key: string, options: { readonly baseUrl: string }) => { readonly calls: { create(order: object): Promise<unknown>; update(sid: string, change: object): Promise<unknown> } };
const jambonz: VendorClient = createRequire(import.meta.url)('@jambonz/node-client');
const schema: { validateApp(app: unknown): { readonly valid: boolean; readonly errors: readonly unknown[] } } = createRequire(import.meta.url)('@jambonz/schema');
const ACCOUNT = '00000000-0000-4000-8000-000000000000';
const ROOM = '0193f6a0-0000-7000-8000-0000000000aa';
const LEG: ConferenceLeg = { room: ROOM, party: 'service', key: `${ROOM}.service.1`, to: '110', ringSeconds: 40, greeting: '这里是12345热线，有市民请求三方通话。' };
const PUBLIC = 'https://gw.example.cn/prefix';
const PATH = '/hooks/ivr/jambonz/conference';
const env = (apiBase: string) => ({ JAMBONZ_WEBHOOK_SECRET: SECRET, JAMBONZ_CALLER_NUMBER: '076900012345', JAMBONZ_ACCOUNT_SID: ACCOUNT, JAMBONZ_API_KEY: 'not-a-real-key', JAMBONZ_API_BASE: apiBase });
const open = (apiBase = 'http://127.0.0.1:1') => channel.create({ env: env(apiBase), publicUrl: PUBLIC, production: false, ports: createFakePorts({ now: () => NOW }) });
const hooked = (url: string, more: Readonly<Record<string, unknown>> = {}, now: number = NOW) => signedHook(url, { account_sid: ACCOUNT, ...more }, now);

async function calls(apiBase: string) {
  const { conference } = await open(apiBase);
  if (conference === undefined) throw new TypeError('no conference');
  return conference;
}

async function hook(which: 'voice' | 'conference'): Promise<Hook> {
  const found = (await open()).hooks?.find(({ path }) => (which === 'voice' ? path === '/hooks/ivr/jambonz' : path === PATH));
  if (found === undefined) throw new TypeError(`no ${which} hook`);
  return found;
}

/** In whatever order the fields came. */
const read = ({ body, ...rest }: AskedOfStandIn) => ({ ...rest, body: JSON.parse(body) });

type Verbs = readonly Readonly<Record<string, unknown>>[];
function appOf(body: string): Verbs {
  const app: Verbs = JSON.parse(body);
  expect(schema.validateApp(app)).toEqual({ valid: true, errors: [] });
  return app;
}
const reportsOf = (reading: HookReading) => (reading.kind === 'told' ? reading.told.conference : reading);
const human = (over: Partial<HookOutcome> = {}): HookOutcome => ({ messages: [], turn: 'done', conversation: 'human', upTo: 7, ...over });

describe('bringing people into a room', () => {
  it('asks what the vendor’s own client asks', async () => {
    const peer = await standIn({ status: 201, body: { sid: CALL_SID } });
    const conference = await calls(peer.url);
    expect(await conference.ring(LEG)).toEqual({ status: 'placed', externalId: CALL_SID });
    const call = { address: asAddress(CALL_SID), locale: 'zh-CN', now: NOW } as const;
    expect(await conference.bring({ ...call, room: ROOM })).toEqual({ status: 'moved' });
    expect(await conference.release(call)).toEqual({ status: 'moved' });
    const step = (Math.floor(NOW / 1000) % 1_000_000_000) + 1;
    const query = new URLSearchParams({ room: ROOM, party: 'service', key: LEG.key }).toString();
    const client = jambonz(ACCOUNT, 'not-a-real-key', { baseUrl: `${peer.url}/v1` });
    await client.calls.create({
      from: '076900012345', to: { type: 'phone', number: '110' }, tag: { yihuCall: LEG.key }, timeout: 40,
      call_hook: { url: `${PUBLIC}${PATH}?for=join&${query}&${new URLSearchParams({ say: LEG.greeting }).toString()}`, method: 'POST' }, call_status_hook: { url: `${PUBLIC}${PATH}?for=leg&${query}`, method: 'POST' },
    });
    const moved = (room: string) => client.calls.update(CALL_SID, { call_hook: { url: `${PUBLIC}/hooks/ivr/jambonz?step=${step}&for=wait${room}`, method: 'POST' } });
    await Promise.allSettled([moved(`&room=${ROOM}`)]);
    await Promise.allSettled([moved('')]);
    expect(peer.asked).toHaveLength(6);
    expect(peer.asked.slice(0, 3).map(read)).toEqual(peer.asked.slice(3).map(read));
    expect(peer.asked[1]).toMatchObject({ method: 'PUT', url: `/v1/Accounts/${ACCOUNT}/Calls/${CALL_SID}`, authorization: 'Bearer not-a-real-key' });
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

  const wrong = { status: 422, body: { msg: 'current call state is incompatible with requested action' } };
  it.each([
    ['rings', false, [{ status: 202 }], ['no-answer'], { status: 'ended' }],
    ['was answered this very moment', false, [wrong, { status: 202 }], ['no-answer', 'completed'], { status: 'ended' }],
    ['is answered', true, [{ status: 202 }], ['completed'], { status: 'ended' }],
    ['is over', true, [wrong, wrong], ['completed', 'no-answer'], { status: 'ended' }],
    ['nobody knows any more', false, [{ status: 404 }], ['no-answer'], { status: 'ended' }],
    ['is another account’s', true, [{ status: 403 }], ['completed'], { status: 'refused', code: 'jambonz.http_403' }],
    ['cannot be ended now', false, ['cut' as const], ['no-answer'], { status: 'unknown', code: 'call.no_answer_from_peer' }],
    ['breaks the peer', true, [{ status: 500 }], ['completed'], { status: 'unknown', code: 'jambonz.http_500' }],
  ])('ends a telephone’s call that %s, as the vendor’s own client does', async (_what, answered, [first, ...more], orders, receipt) => {
    const peer = await standIn(first ?? 'cut', ...more);
    expect(await (await calls(peer.url)).end({ externalId: asExternalId(CALL_SID), answered })).toEqual(receipt);
    const ours = peer.asked.map(read);
    const client = jambonz(ACCOUNT, 'not-a-real-key', { baseUrl: `${peer.url}/v1` });
    for (const order of orders) await Promise.allSettled([client.calls.update(CALL_SID, { call_status: order })]);
    expect(ours).toEqual(peer.asked.slice(ours.length).map(read));
    expect(ours).toHaveLength(orders.length);
  });

  it('finds a telephone that rings, by our key', async () => {
    const peer = await standIn({ status: 200, body: [{ callSid: CALL_SID, callStatus: 'ringing', customerData: { yihuCall: LEG.key } }] });
    const conference = await calls(peer.url);
    expect(await conference.find?.(LEG)).toEqual({ room: ROOM, party: 'service', key: LEG.key, externalId: CALL_SID, state: 'ringing', code: null, at: null });
    expect(await conference.find?.({ ...LEG, key: 'another' })).toBeNull();
  });
});

describe('the caller', () => {
  const message = { activityIds: ['a'], content: { type: 'message', text: '正在为您接通110，请不要挂断。', inputHint: 'acceptingInput', value: { conference: ROOM } } } as const;

  it.each([
    ['is told by a message', '/hooks/ivr/jambonz?step=4&for=wait', human({ messages: [message] }), ['say', 'conference']],
    ['was moved', `/hooks/ivr/jambonz?step=4&for=wait&room=${ROOM}`, human(), ['conference']],
  ])('%s: hears what was said, then hold words in the room, and comes back to the loop', async (_how, url, outcome, verbs) => {
    const voice = await hook('voice');
    const request = hooked(url);
    expect(voice.read(request, NOW).kind).toBe('collect');
    const app = appOf(voice.encodeReply(request, outcome).body);
    expect(app.map(({ verb }) => verb)).toEqual(verbs);
    expect(app.at(-1)).toEqual({
      verb: 'conference', name: ROOM, memberTag: 'citizen', beep: true, startConferenceOnEnter: false, endConferenceOnExit: false, actionHook: '/prefix/hooks/ivr/jambonz?step=5&for=wait&h=7',
      waitHook: `${PUBLIC}${PATH}?for=hold&room=${ROOM}`, statusHook: `${PUBLIC}${PATH}?for=event&room=${ROOM}`, statusEvents: ['start', 'end', 'join', 'leave'],
    });
  });

  it('never hears silence while nobody is there: say and pause, which a wait hook takes, and in time what else to do', async () => {
    const room = await hook('conference');
    const said = [0, 12_000, 24_000, 36_000].map((after) => {
      const reading = room.read(hooked(`${PATH}?for=hold&room=${ROOM}`, {}, NOW + after), NOW + after);
      if (reading.kind !== 'reply') throw new TypeError(reading.kind);
      const app = appOf(reading.reply.body);
      expect(app.map(({ verb }) => verb)).toEqual(['say', 'pause']);
      return String(app[0]?.['text']);
    });
    expect(said.filter((text) => text.includes('直接拨打1 1 0')).length).toBeGreaterThan(0);
    expect(said).toContain('正在为您接通，请不要挂断。');
  });
});

describe('the hook of rooms', () => {
  const base = { room: ROOM, party: 'service', key: LEG.key, externalId: CALL_SID, code: null, at: null };
  const query = `room=${ROOM}&party=service&key=${LEG.key}`;

  it('puts whoever picks up into the room, and tells that somebody did', async () => {
    const reading = (await hook('conference')).read(hooked(`${PATH}?for=join&${query}&say=${encodeURIComponent(LEG.greeting)}`, { direction: 'outbound' }), NOW);
    expect(reportsOf(reading)).toEqual([{ ...base, state: 'answered' }]);
    const app = appOf(reading.kind === 'told' ? reading.reply.body : '');
    expect(app.map(({ verb }) => verb)).toEqual(['say', 'conference', 'hangup']);
    expect(app[1]).toMatchObject({ name: ROOM, startConferenceOnEnter: true });
  });

  it.each([
    [{ call_status: 'ringing' }, { state: 'ringing' }],
    [{ call_status: 'busy' }, { state: 'busy' }],
    [{ call_status: 'no-answer' }, { state: 'no-answer' }],
    [{ call_status: 'failed', sip_status: 503 }, { state: 'failed', code: 'sip.503' }],
    [{ call_status: 'completed', duration: 30 }, { state: 'completed' }],
  ])('tells of a leg’s %o', async (params, wanted) => {
    expect(reportsOf((await hook('conference')).read(hooked(`${PATH}?for=leg&${query}`, { direction: 'outbound', ...params }), NOW))).toEqual([{ ...base, ...wanted }]);
  });

  it('tells who came, who went and that it is over; believes nobody else', async () => {
    const room = await hook('conference');
    const event = (name: string) => room.read(hooked(`${PATH}?for=event&room=${ROOM}`, { event: name, conference_sid: `conf:${ACCOUNT}:${ROOM}`, friendly_name: ROOM, members: 2, duration: 3, time: new Date(NOW).toISOString() }), NOW);
    const of = { ...base, key: null, party: null, at: NOW };
    expect(reportsOf(event('join'))).toEqual([{ ...of, state: 'joined' }]);
    expect(reportsOf(event('leave'))).toEqual([{ ...of, state: 'left' }]);
    expect(reportsOf(event('end'))).toEqual([{ ...of, externalId: null, state: 'ended' }]);
    expect(event('start')).toMatchObject({ kind: 'reply', reply: { status: 204 } });
    expect(room.read({ ...hooked(`${PATH}?for=leg&${query}`, { call_status: 'busy' }), body: Buffer.from('{}') }, NOW)).toMatchObject({ kind: 'refused', status: 403 });
    for (const url of [PATH, `${PATH}?for=leg&room=${ROOM}`, `${PATH}?for=join&room=${ROOM}&party=citizen&key=k`]) expect(room.read(hooked(url), NOW)).toMatchObject({ kind: 'refused', status: 400 });
  });
});
