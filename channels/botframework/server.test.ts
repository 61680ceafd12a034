import { TestAdapter } from 'botbuilder';
import { generateKeyPairSync } from 'node:crypto';
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Channel, OutgoingMessage, Receipt } from '../../src/channel/contract.ts';
import { asAddress, type Activity } from '../../src/domain/activity.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { createFakePorts, type FakePorts } from '../../test/fakes/ports.ts';
import { readConfiguration } from './config.ts';
import { channel as botframework } from './index.ts';
import { createReferences } from './references.ts';
import { createConnector, SERVICE_URL, type Connector } from './testing/connector.ts';
import { createTurn, GROUP_TEXT } from './turn.ts';

/** The channel with the house's side in memory and Microsoft's side on a local port. */

let connector: Connector;
let ports: FakePorts;
let house: Channel;
let app: FastifyInstance;
const opened: { close(): Promise<unknown> }[] = [];

const open = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
  ports = createFakePorts({ now: Date.now });
  house = await botframework.create({ env: { ...connector.env, ...env }, publicUrl: 'https://hotline.example/', production: true, ports });
  app = Fastify();
  if (house.plugin !== undefined) await app.register(house.plugin);
  opened.push(app);
};

beforeEach(async () => {
  connector = await createConnector();
  opened.push(connector);
  await open();
});
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

const activity = (change: JsonObject = {}): JsonObject => ({
  type: 'message', id: 'm1', text: '居住证怎么办', channelId: 'msteams', serviceUrl: SERVICE_URL, conversation: { id: 'c1', conversationType: 'personal' }, from: { id: 'u1', name: 'u' }, recipient: { id: 'b1', name: 'b' }, ...change,
});
const post = (body: JsonObject, authorization = connector.authorization()): Promise<LightMyRequestResponse> =>
  app.inject({ method: 'POST', url: '/hooks/botframework', headers: { 'content-type': 'application/json', authorization }, payload: JSON.stringify(body) });

const message = (text: string, id = 'a100'): OutgoingMessage => ({ activityIds: [id], content: { type: 'message', text } });
const status = (state: string, id = 'a200'): OutgoingMessage => ({ activityIds: [id], content: { type: 'message', text: '' }, event: { name: 'handoff.status', value: { state } } });
const send = async (outgoing: OutgoingMessage): Promise<Receipt | undefined> => house.send?.(outgoing, { address: ports.received[0]?.address ?? asAddress('nobody'), lastInboundAt: null, now: Date.now() });

describe('who is believed', () => {
  it('turns a forged, expired, foreign or borrowed token away, counted by its reason and without a word about it', async () => {
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const noise = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const tried: readonly (readonly [string, string])[] = [
      [connector.authorization({ key: stranger }), 'bad_signature'],
      [connector.authorization({ kid: 'unknown' }), 'bad_signature'],
      [connector.authorization({ claims: { exp: 1_700_000_000 } }), 'expired'],
      [connector.authorization({ claims: { aud: 'another-app' } }), 'wrong_audience'],
      [connector.authorization({ claims: { iss: 'https://stranger.example' } }), 'wrong_issuer'],
      [connector.authorization({ claims: { iss: 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/', tid: '11111111-2222-3333-4444-555555555555' } }), 'wrong_issuer'],
      [connector.authorization({ claims: { serviceurl: 'https://elsewhere.example/' } }), 'bad_signature'],
      ['Bearer eyJhbGciOiJub25lIn0.e30.', 'bad_token'],
      ['', 'no_token'],
    ];
    for (const [authorization] of tried) {
      const answer = await post(activity(), authorization);
      expect(answer.statusCode).toBe(401);
      expect(answer.json()).toEqual({ error: { code: 'hook.refused', message: 'refused' } });
    }
    expect(ports.refusals).toEqual(tried.map(([, reason]) => reason));
    expect(ports.received).toEqual([]);
    noise.mockRestore();
  });

  it('a token without signature algorithm is nobody’s', async () => {
    const noise = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const [, payload = ''] = connector.authorization().split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT', kid: 'stand-in' })).toString('base64url');
    expect((await post(activity(), `Bearer ${header}.${payload}.AAAA`)).statusCode).toBe(401);
    noise.mockRestore();
  });

  it('takes another bot for its caller only when it is on the list', async () => {
    const tenant = 'd6d49420-f39b-4df7-a1dc-d59a935871db';
    const parent = '99999999-0000-4000-8000-000000000001';
    const authorization = connector.authorization({ claims: { iss: `https://sts.windows.net/${tenant}/`, tid: tenant, ver: '1.0', appid: parent } });
    expect((await post(activity(), authorization)).statusCode).toBe(401);
    expect(ports.refusals).toEqual(['unknown_caller']);
    await open({ BOTFRAMEWORK_ALLOWED_CALLERS: parent.toUpperCase() });
    expect((await post(activity(), authorization)).statusCode).toBe(200);
    await send(message('好'));
    expect(connector.sent[0]?.authorization, 'a token for that bot').toBe(`Bearer stand-in-1-${parent}/.default`);
  });

  it('keys that cannot be fetched are our trouble', async () => {
    await open({ BOTFRAMEWORK_OPENID_URL: `${connector.base}/nowhere` });
    const answer = await post(activity());
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toMatch(/http|stack|at /);
    expect(ports.refusals).toEqual([]);
  });

  it('a fault of ours is a 503 without its story', async () => {
    ports.failNextReceive(new Error('secret words at /somewhere/place.ts'));
    const answer = await post(activity());
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ error: { code: 'hook.busy', message: expect.any(String) } });
    expect(JSON.stringify(ports.logged)).not.toContain('secret words');
  });

  it('is off without its settings and loads nothing', async () => {
    await open({ MICROSOFT_APP_PASSWORD: '' });
    expect(house.status).toEqual({ state: 'off', missing: ['MICROSOFT_APP_PASSWORD'] });
    expect((await post(activity())).statusCode).toBe(503);
    expect(await send(message('x'))).toMatchObject({ status: 'failed' });
  });
});

describe('sending by the kept reference', () => {
  it('goes to the conversation that wrote, as its bot, in answer to the last activity, with one token for all', async () => {
    await post(activity());
    await post(activity({ id: 'm2', text: '还有呢' }));
    expect(await send({ activityIds: ['a1'], content: { type: 'message', text: '请选择', choices: [{ title: '办理', value: '办理居住证' }], attachments: [{ contentType: 'image/png', name: '图.png', url: 'media:t1' }] } })).toEqual({ status: 'delivered', externalId: 'sent-1' });
    expect(await send(message('再见'))).toMatchObject({ status: 'delivered' });
    expect(connector.sent.map(({ path }) => path)).toEqual(['/v3/conversations/c1/activities/m2', '/v3/conversations/c1/activities/m2']);
    expect(connector.sent[0]?.activity).toMatchObject({
      type: 'message', text: '请选择', textFormat: 'plain', replyToId: 'm2', from: { id: 'b1' }, recipient: { id: 'u1' }, conversation: { id: 'c1' },
      suggestedActions: { actions: [{ type: 'imBack', title: '办理', value: '办理居住证' }] },
      attachments: [{ contentType: 'image/png', contentUrl: 'https://hotline.example/media/t1/file', name: '图.png' }],
    });
    expect(connector.logins()).toBe(1);
    expect(connector.sent[0]?.authorization).toBe('Bearer stand-in-1-https://api.botframework.com/.default');
  });

  it('says how it ended, without trying again by itself', async () => {
    await post(activity());
    const answers: readonly (readonly [number, object])[] = [
      [429, { status: 'retry', retryAfterMs: 7_000 }],
      [500, { status: 'retry' }],
      [401, { status: 'retry' }],
      [403, { status: 'failed', fallback: true }],
      [404, { status: 'failed', fallback: true }],
    ];
    for (const [code, expected] of answers) {
      connector.answerNext(code, code === 429 ? { 'retry-after': '7' } : {});
      expect(await send(message('x')), String(code)).toMatchObject(expected);
    }
    expect(connector.sent).toEqual([]);
    expect(await send(message('x'))).toMatchObject({ status: 'delivered' });
    expect(connector.logins(), 'a new token after the 401').toBe(2);
    expect(JSON.stringify(ports.logged)).not.toContain('stand-in');
  });

  it('knows nothing of whom never wrote', async () => {
    expect(await send(message('x'))).toEqual({ status: 'failed', code: 'botframework.no_reference', fallback: true });
  });

  it('types', async () => {
    await post(activity());
    await house.sendTyping?.({ address: ports.received[0]?.address ?? asAddress(''), lastInboundAt: null, now: 0 });
    expect(connector.sent.map((sent) => sent.activity['type'])).toEqual(['typing']);
  });

  it('tells how a handover stands, and asks nobody in front of our own seats', async () => {
    await post(activity());
    for (const state of ['waiting', 'accepted', 'completed']) await send(status(state, state));
    expect(connector.sent.map((sent) => [sent.activity['name'], sent.activity['value']])).toEqual([['handoff.status', { state: 'accepted' }], ['handoff.status', { state: 'completed' }]]);
    connector.answerNext(400);
    expect(await send(status('failed')), 'a channel that knows no events').toMatchObject({ status: 'failed', fallback: false });
  });

  it('asks the hub once a wait, with the transcript', async () => {
    await open({ BOTFRAMEWORK_HANDOFF: 'hub' });
    await post(activity({ text: '转人工' }));
    for (const state of ['waiting', 'waiting', 'failed', 'waiting']) await send(status(state, `${state}-${connector.sent.length}`));
    expect(connector.sent.map((sent) => sent.activity['name'])).toEqual(['handoff.initiate', 'handoff.status', 'handoff.initiate']);
    expect(connector.sent[0]?.activity).toMatchObject({ type: 'event', replyToId: 'm1', relatesTo: { activityId: 'm1', conversation: { id: 'c1' } }, attachments: [{ name: 'Transcript', contentType: 'application/json', content: { activities: [{ type: 'message', text: '转人工', from: { role: 'user' } }] } }] });
  });
});

describe('expectReplies', () => {
  const asking = (change: JsonObject = {}): JsonObject => activity({ deliveryMode: 'expectReplies', ...change });
  /** Answers each message as a turn does, in the same breath. */
  const answerEach = (...texts: readonly string[]): void => {
    const { receive } = ports;
    Object.assign(ports, {
      receive: async (inbound: Parameters<typeof receive>[0]) => {
        const received = await receive(inbound);
        if (received.status === 'accepted') for (const text of texts) ports.say(received.conversationId, { type: 'message', text }, { replyToId: received.activityId });
        return received;
      },
    });
  };
  const textsOf = (answer: LightMyRequestResponse): string[] => answer.json<{ activities: { text: string }[] }>().activities.map(({ text }) => text);

  it('carries the answer in the reply, once, and gives a repetition the same', async () => {
    answerEach('第一条', '第二条');
    const first = await post(asking());
    expect(first.statusCode).toBe(200);
    expect(textsOf(first)).toEqual(['第一条', '第二条']);
    expect((await post(asking())).body).toBe(first.body);
    expect(textsOf(await post(asking({ id: 'm2' })))).toEqual(['第一条', '第二条']);
    const said = [...ports.conversations.values()][0]?.activities.filter(({ direction }) => direction === 'out') ?? [];
    for (const { id } of said) expect(await send(message('第一条', id)), 'the outbox has nothing left to do').toEqual({ status: 'delivered' });
    expect(connector.sent).toEqual([]);
  });

  it('waits for a turn that comes later, holding back the outbox meanwhile', async () => {
    let given: Activity | null = null;
    const { subscribe } = ports;
    const subscribed = new Promise<void>((resolve) => Object.assign(ports, { subscribe: (...args: Parameters<typeof subscribe>) => { resolve(); return subscribe(...args); } }));
    const asked = post(asking());
    await subscribed;
    const [conversation] = ports.conversations.values();
    expect(await send(message('来了', 'a2'))).toMatchObject({ status: 'retry', retryAfterMs: expect.any(Number) });
    given = ports.say(conversation?.id ?? '', { type: 'message', text: '来了' }, { replyToId: conversation?.activities[0]?.id ?? '' });
    expect(textsOf(await asked)).toEqual(['来了']);
    expect(await send(message('来了', given.id))).toEqual({ status: 'delivered' });
    expect(ports.subscribers(conversation?.id ?? '')).toBe(0);
  });

  it('pushes what comes after the reply, and does not say it again', async () => {
    answerEach('好的');
    await post(asking());
    const [conversation] = ports.conversations.values();
    const seat = ports.say(conversation?.id ?? '', { type: 'message', text: '我是坐席' }, { role: 'seat' });
    expect(await send(message('我是坐席', seat.id))).toMatchObject({ status: 'delivered' });
    expect(connector.sent).toHaveLength(1);
    expect(textsOf(await post(asking({ id: 'm2' })))).toEqual(['好的']);
  });

  it('by botbuilder’s TestAdapter: the bot’s side alone', async () => {
    answerEach('您好');
    const configuration = readConfiguration(connector.env);
    if (configuration.state === 'off') throw new Error('the settings are whole');
    const turn = createTurn({ settings: configuration.settings, capabilities: botframework.capabilities, ports, references: createReferences(ports.state, Date.now), publicUrl: (url) => url, patienceMs: 50 });
    const adapter = new TestAdapter(async (context) => turn(context, null));
    await adapter.send('居住证怎么办').assertNoReply('the answer goes by the outbox', 50).startTest();
    await adapter.send({ type: 'handoff' }).startTest();
    await adapter.send({ type: 'message', text: '@bot 你好', conversation: { id: 'g', isGroup: true, conversationType: 'groupChat', name: '' }, entities: [{ type: 'mention', mentioned: { id: 'bot', name: 'Bot' } }] }).assertReply(GROUP_TEXT).startTest();
    expect(ports.received.map(({ content }) => content)).toEqual([{ type: 'message', text: '居住证怎么办' }]);
  });
});
