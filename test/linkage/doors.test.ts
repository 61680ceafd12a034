import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCallState } from '../../src/channel/voice/call-state.ts';
import { planVoice } from '../../src/channel/voice/plan.ts';
import { linkageZone } from '../../src/http/zones/linkage/index.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { takeOver } from '../../src/intake/handoff.ts';
import { receive } from '../../src/intake/receive.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { type LinkageContext, openLinkageHouse } from '../../src/linkage/context.ts';
import { aTicket } from '../factories/index.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { signedBy } from './peer.ts';
import { aRecord, shipped } from './support.ts';

const SECRET = 'a-secret-that-both-sides-know';
const KEY = 'a-key-that-the-other-side-shows';
const rules = { ...shipped, profiles: shipped.profiles.map((profile) => (profile.id === 'fire-119' ? { ...profile, transport: { kind: 'http', format: 'json', auth: 'key' } as const } : profile)) };

let intake: IntakeUnderTest;
let linkage: LinkageContext;
beforeEach(async () => {
  intake = await openIntake();
  const { context } = intake;
  const house = openLinkageHouse(rules, {
    LINKAGE_ACTIVE: 'yueshengxin,fire-119,renminwang', LINKAGE_YUESHENGXIN_URL: 'https://province.example/', LINKAGE_YUESHENGXIN_SECRET: SECRET,
    LINKAGE_FIRE_119_URL: 'https://119.example/', LINKAGE_FIRE_119_SECRET: SECRET, LINKAGE_FIRE_119_KEY: KEY, LINKAGE_POLICE_110_DIAL: '+8676900000110',
  }, '/nonexistent');
  linkage = { city: context.city, clock: context.clock, now: context.now, newId: context.newId, store: intake.store, house, write: (fn) => writeUnit(context, fn) };
});
afterEach(() => intake.close());

describe('where linked platforms post to', () => {
  let app: FastifyInstance;
  let counted: string[];
  beforeEach(async () => {
    counted = [];
    app = Fastify();
    await app.register(linkageZone({ context: linkage, log: intake.context.log, perAddress: 1_000, count: (reason) => void counted.push(reason) }));
  });
  afterEach(() => app.close());
  const post = (url: string, body: string, headers?: Readonly<Record<string, string>>) => app.inject({ method: 'POST', url, payload: body, headers: { 'content-type': 'application/json', ...(headers ?? signedBy(SECRET, body, intake.clock.now())) } });
  const record = JSON.stringify(aRecord({ profile: 'yueshengxin' }));

  it('takes what is signed, once, and answers in their code after it is stored', async () => {
    const first = await post('/hooks/linkage/yueshengxin', record);
    expect([first.statusCode, first.json()]).toMatchObject([200, { code: '0', state: 'applied', number: 'RM-1', version: 1, ticketNo: expect.stringMatching(/^\d{14,}$/) }]);
    expect((await post('/hooks/linkage/yueshengxin', record)).json()).toMatchObject({ code: '0', state: 'repeated', ticketNo: first.json<{ ticketNo: string }>().ticketNo });
    const two = await post('/hooks/linkage/yueshengxin', JSON.stringify([aRecord({ profile: 'yueshengxin', version: 2, kind: 'urge' }), { ...aRecord({ profile: 'yueshengxin' }), version: 'x' }]));
    expect(two.json()).toMatchObject({ records: [{ code: '0', state: 'applied' }, { code: '1', state: 'refused', reason: 'linkage.invalid', number: 'RM-1' }] });
    expect((await post('/hooks/linkage/yueshengxin', '{')).json()).toMatchObject({ code: '1', reason: 'linkage.unreadable' });
    expect((await intake.rows())['tickets']).toBe(1);
    expect(counted).toEqual(['applied', 'repeated', 'applied', 'refused', 'refused']);
  });

  it('tells a stranger nothing: wrong, old, foreign, off and unknown are one answer', async () => {
    const now = intake.clock.now();
    const answers = [
      await post('/hooks/linkage/yueshengxin', record, {}), await post('/hooks/linkage/yueshengxin', record, signedBy(`${SECRET}!`, record, now)), await post('/hooks/linkage/yueshengxin', `${record} `, signedBy(SECRET, record, now)),
      await post('/hooks/linkage/yueshengxin', record, signedBy(SECRET, record, now - 600_000)), await post('/hooks/linkage/yueshengxin', record, signedBy(SECRET, record, now + 600_000)), await post('/hooks/linkage/police-110', record), await post('/hooks/linkage/nobody', record),
      await post('/hooks/linkage/renminwang', record), await post('/hooks/linkage/fire-119', record, { authorization: `Bearer ${KEY}x` }), await post('/hooks/linkage/fire-119', record), await app.inject({ method: 'POST', url: '/hooks/linkage/fire-119', payload: Buffer.from([0xff]), headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' } }),
    ];
    expect([...new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`))]).toHaveLength(1);
    expect(answers[0]?.statusCode).toBe(401);
    expect((await intake.rows())['tickets']).toBe(0);
    expect((await post('/hooks/linkage/fire-119', JSON.stringify(aRecord({ profile: 'fire-119' })), { authorization: `Bearer ${KEY}` })).json()).toMatchObject({ code: '0' });
  });

  it('takes acknowledgements and lists too, and says what is wrong with them', async () => {
    expect((await post('/hooks/linkage/yueshengxin/ack', '{"number":"1","version":1,"code":"0"}')).json()).toEqual({ acknowledgements: [{ number: '1', version: 1, state: 'unknown' }] });
    expect((await post('/hooks/linkage/yueshengxin/ack', '{"number":"1"}')).statusCode).toBe(400);
    expect((await post('/hooks/linkage/yueshengxin/list/2026-11-22', '[{"direction":"sent","number":"RM-1","version":1}]')).json()).toEqual({ day: '2026-11-22', lines: 1 });
    expect((await post('/hooks/linkage/yueshengxin/list/gestern', '[]')).statusCode).toBe(400);
  });
});

describe('联动 at the desk', () => {
  let app: FastifyInstance;
  let seat: SignedIn;
  let chief: SignedIn;
  beforeEach(async () => {
    app = await openApp(intake, { desk: { linkage } });
    seat = await signIn(app, intake);
    chief = await signIn(app, intake, 'supervisor');
  });
  afterEach(() => app.close());

  const talk = async (channel: string, words: string): Promise<string> => {
    await receive(intake.context, aMessage(words, { channel, modality: channel === 'phone' ? 'voice' : 'text', address: asAddress(`a-${channel}-${words.length}`) }));
    const [conversation] = await intake.store.read((repos) => repos.conversations.list({ limit: 1 }));
    if (conversation === undefined) throw new Error('no conversation');
    await takeOver(intake.context, conversation.id, { id: seat.seatId, displayName: 'x', role: 'seat' });
    return conversation.id;
  };

  it('passes a conversation on with one key: a ticket, a word to the citizen, once', async () => {
    const id = await talk('push', '楼下有人打架，请帮忙看看');
    const body = { profile: 'police-110', note: '已与民警通话', threeParty: true, clientId: 'k1' };
    const done = await seat.call('POST', `/api/conversations/${id}/linkage`, body);
    expect([done.statusCode, done.json()]).toMatchObject([200, { sent: false, repeated: false, connected: false, link: { profileName: '110 报警服务台', state: 'open', threeParty: true, owes: 'acceptance' } }]);
    const { ticketNumber, link } = done.json<{ ticketNumber: string; link: { id: string; ticketId: string } }>();
    const said = (await intake.store.read((repos) => repos.activities.latest(id, 9))).flatMap(({ content }) => (content.type === 'message' ? [content.text] : []));
    expect(said.at(-1)).toContain(`请立即拨打 110。`);
    expect(said.at(-1)).toContain(ticketNumber);
    expect((await seat.call('POST', `/api/conversations/${id}/linkage`, body)).json()).toMatchObject({ repeated: true, ticketNumber });
    expect((await intake.store.read((repos) => repos.activities.latest(id, 30))).filter(({ content }) => content.type === 'message' && content.text.includes('立即拨打')).length).toBe(1);
    expect((await seat.call('GET', `/api/tickets/${link.ticketId}/linkage`)).json()).toMatchObject({ links: [{ id: link.id, ticketNumber }], suggestions: expect.arrayContaining([expect.objectContaining({ profile: 'police-110', number: '110' })]) });
    expect((await seat.call('POST', `/api/linkage/links/${link.id}/answer`, { kind: 'refusal', text: '属邻里纠纷' })).json()).toMatchObject({ link: { state: 'refused', reason: '属邻里纠纷' } });
    expect((await seat.call('GET', '/api/linkage/links?state=refused')).json()).toMatchObject({ links: [{ id: link.id }] });
    expect((await seat.call('GET', `/api/linkage/links/${link.id}`)).json()).toMatchObject({ link: { id: link.id }, messages: [], gap: false });
    // Nobody is put through on a screen, nor without a number that was set.
    expect((await seat.call('POST', `/api/conversations/${id}/linkage`, { ...body, connect: true, clientId: 'k2' })).json()).toMatchObject({ error: { code: 'linkage.no_dial' } });
    expect((await chief.call('POST', `/api/conversations/${id}/linkage`, { ...body, clientId: 'k3' })).json()).toMatchObject({ error: { code: 'conversation.not_owner' } });
  });

  it('puts a caller through to the number that was set, and to none that was not', async () => {
    const id = await talk('phone', '有人在砸我家的门');
    expect((await seat.call('POST', `/api/conversations/${id}/linkage`, { profile: 'fire-119', connect: true, clientId: 'a' })).json()).toMatchObject({ error: { code: 'linkage.no_dial' } });
    expect((await seat.call('POST', `/api/conversations/${id}/linkage`, { profile: 'police-110', connect: true, clientId: 'b' })).json()).toMatchObject({ connected: true, link: { mode: 'phone' } });
    const message = (await intake.store.read((repos) => repos.activities.latest(id, 9))).findLast(({ content }) => content.type === 'message')?.content;
    if (message?.type !== 'message') throw new Error('nothing was said');
    const plan = (conversation: 'human' | 'bot', seatFailed = false) =>
      planVoice({ state: readCallState(`/x?step=3&for=${seatFailed ? 'seat' : 'wait'}`), over: false, seatTalked: false, seatFailed, keys: '', speech: '' }, { turn: 'done', conversation, messages: seatFailed ? [] : [{ activityIds: ['a'], content: message }] }, null).steps;
    expect(plan('human')).toMatchObject([{ kind: 'say', lines: [{ text: expect.stringContaining('转接') }] }, { kind: 'dial', number: '+8676900000110', next: { purpose: 'seat' } }]);
    // Once it has rung in vain the caller goes on waiting for the seat; a bot puts nobody through.
    expect(plan('human', true).map(({ kind }) => kind)).toEqual(['listen', 'go']);
    expect(plan('bot').map(({ kind }) => kind)).not.toContain('dial');
  });

  it('shows what the rules name first, whom we are linked with, and nothing of it to departments', async () => {
    const list = (await seat.call('GET', '/api/linkage')).json<{ profiles: { id: string; on: boolean; canDial: boolean }[] }>();
    expect(list.profiles.filter(({ on }) => on).map(({ id }) => id)).toEqual(['fire-119', 'renminwang', 'yueshengxin']);
    expect(list.profiles.filter(({ canDial }) => canDial).map(({ id }) => id)).toEqual(['police-110']);
    expect(JSON.stringify(list)).not.toMatch(/a-secret|a-key|8676900000110/);
    const id = await talk('push', '家里出事了快来');
    await intake.store.write(async (repos) => {
      const stored = await repos.conversations.get(id);
      await repos.conversations.update(id, stored?.version ?? 0, { emergency: { category: 'fire', words: ['着火'], at: intake.clock.now() } });
    });
    expect((await seat.call('GET', `/api/conversations/${id}/linkage`)).json()).toMatchObject({ suggestions: [{ profile: 'fire-119', why: expect.stringContaining('火情') }, { why: null }, { why: null }, { why: null }, { why: null }] });
    const department = await signIn(app, intake, 'department', 'ecology');
    expect((await department.call('GET', '/api/linkage')).statusCode).toBe(403);
  });

  it('passes a ticket on, sends again, goes past a gap and reconciles a day; only leaders do the last three', async () => {
    const ticket = await intake.store.write(async (repos) => {
      const citizenId = await repos.citizens.resolve({ id: 'c1', channel: 'webchat', externalUserId: 'u', phone: null, displayName: null, now: intake.clock.now() });
      const made = aTicket({ citizenId, createdAt: intake.clock.now() });
      await repos.tickets.insert(made, null);
      return made;
    });
    const passed = await seat.call('POST', `/api/tickets/${ticket.id}/linkage`, { profile: 'yueshengxin', note: '跨市事项' });
    expect(passed.json()).toMatchObject({ sent: true, link: { state: 'open', sentVersion: 1 } });
    const linkId = passed.json<{ link: { id: string } }>().link.id;
    const whole = (await seat.call('GET', `/api/linkage/links/${linkId}`)).json<{ messages: { id: string; stateName: string; kindName: string }[] }>();
    expect(whole.messages).toMatchObject([{ kindName: '派转', stateName: '待发送' }]);
    const messageId = whole.messages[0]?.id ?? '';
    expect((await seat.call('POST', `/api/linkage/messages/${messageId}/replay`)).statusCode).toBe(403);
    expect((await chief.call('POST', `/api/linkage/messages/${messageId}/replay`)).json()).toMatchObject({ error: { code: 'linkage.message_waits' } });
    expect((await chief.call('POST', `/api/linkage/links/${linkId}/skip`)).json()).toMatchObject({ error: { code: 'linkage.no_gap' } });
    const day = '2026-11-22';
    expect((await seat.call('GET', '/api/linkage/days')).statusCode).toBe(403);
    expect((await chief.call('GET', `/api/linkage/days/yueshengxin/${day}`)).json()).toEqual({ report: null });
    expect((await chief.call('POST', `/api/linkage/days/yueshengxin/${day}`)).json()).toMatchObject({ report: { profile: 'yueshengxin', day } });
    for (const [format, type] of [['json', 'application/json'], ['csv', 'text/csv'], ['xlsx', 'spreadsheetml']]) expect((await chief.call('GET', `/api/linkage/days/yueshengxin/${day}/file?format=${format}`)).headers['content-type']).toContain(type);
    expect((await chief.call('GET', '/api/linkage/days')).json()).toMatchObject({ days: [{ profile: 'yueshengxin', day, name: '粤省心' }] });
    expect((await chief.call('GET', `/api/linkage/days/nobody/${day}/file?format=csv`)).json()).toMatchObject({ error: { code: 'linkage.not_reconciled' } });
  });
});
