import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { channel as jambonz } from '../../channels/ivr-jambonz/index.ts';
import { channel as twilio } from '../../channels/ivr-twilio/index.ts';
import { createConferencePeer, type ConferencePeer, type LegFate } from '../../src/cli/sim/conference-peer.ts';
import { createJambonzSim } from '../../src/cli/sim/jambonz-sim.ts';
import { createPhoneSim } from '../../src/cli/sim/phone-sim.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { MINUTE } from '../../src/domain/clock.ts';
import { createEmergencyCallHandler, EMERGENCY_CALL_KIND, queueEmergencyCall } from '../../src/intake/linkage.ts';
import { type IntakeContext, writeUnit } from '../../src/intake/context.ts';
import { createTurnHandler } from '../../src/intake/turn.ts';
import { createLinkageCallHandler, sweepCalls } from '../../src/linkage/call-drive.ts';
import { takeConference, takeHangUp } from '../../src/linkage/call-news.ts';
import { LINKAGE_CALL_KIND } from '../../src/linkage/call.ts';
import { type LinkageContext, openLinkageHouse } from '../../src/linkage/context.ts';
import type { Rule } from '../../src/linkage/profile.ts';
import { conferenceIn } from '../../src/wiring/linkage.ts';
import { createFakePorts } from '../fakes/ports.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { shipped } from './support.ts';

/** 三方通话 over HTTP, with the platforms' conferences played by the simulators: what the desk sees, what the caller hears, and who is rung how often. */

const PUBLIC = 'https://gw.example.cn';
const TOKEN = 'not-a-real-auth-token-0000000000';
const ACCOUNTS = { twilio: `AC${'0'.repeat(32)}`, jambonz: '00000000-0000-4000-8000-000000000000' } as const;
const [SERVICE, SEAT, SEAT_SET] = ['076900000110', '+8613900139000', '139 0013 9000'];
const RULE: Rule = { id: 'fire-call', when: { emergencies: ['fire'] }, to: 'fire-119', how: 'suggest', threeParty: true, why: '火情由消防救援处置' };

interface CallView { readonly id: string; readonly state: string; readonly citizen: { readonly state: string }; readonly seat: { readonly state: string; readonly code: string | null } | null; readonly service: { readonly state: string; readonly code: string | null; readonly seconds: number } | null }
interface View { readonly able: boolean; readonly why: string | null; readonly phone: string | null; readonly call: CallView | null }

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function openHouse(platform: 'twilio' | 'jambonz', { fate = () => 'answer', rules = shipped.rules, api = true, unruly = false }: { readonly fate?: (to: string, times: number) => LegFate; readonly rules?: readonly Rule[]; readonly api?: boolean; readonly unruly?: boolean } = {}) {
  const state: { base: string; dies: () => boolean } = { base: '', dies: () => false };
  let intake: IntakeUnderTest | null = null;
  const now = () => intake?.clock.now() ?? 0;
  const secret = platform === 'twilio' ? TOKEN : 'wh_secret_not_real_00000001';
  const account = ACCOUNTS[platform];
  const gateway = () => ({ baseUrl: state.base, publicUrl: PUBLIC });
  const peer: ConferencePeer = await createConferencePeer({ platform, gateway, secret, account, apiKey: 'not-a-real-key', fate, caller: (sid) => (sid === sim.callSid ? sim : null), now, unruly });
  closing.push(() => peer.close());
  const env = platform === 'twilio'
    ? { TWILIO_AUTH_TOKEN: TOKEN, TWILIO_ACCOUNT_SID: account, ...(api ? { TWILIO_CALLER_NUMBER: '+8676900012345', TWILIO_API_BASE: peer.url } : {}) }
    : { JAMBONZ_WEBHOOK_SECRET: secret, JAMBONZ_ACCOUNT_SID: account, ...(api ? { JAMBONZ_CALLER_NUMBER: '076900012345', JAMBONZ_API_KEY: 'not-a-real-key', JAMBONZ_API_BASE: peer.url } : {}) };
  const channel = await (platform === 'twilio' ? twilio : jambonz).create({ env, publicUrl: PUBLIC, production: false, ports: createFakePorts({ now }) });
  const opened = await openIntake({ channels: async () => [channel] });
  intake = opened;
  closing.push(() => opened.close());
  const house = openLinkageHouse({ profiles: shipped.profiles, rules: [...rules] }, { LINKAGE_POLICE_110_DIAL: SERVICE, LINKAGE_FIRE_119_DIAL: SERVICE }, '/nonexistent');
  const linkage: LinkageContext = { city: opened.context.city, clock: opened.context.clock, now, newId: opened.context.newId, store: opened.store, house, conference: (name) => conferenceIn(opened.context.channel(name)), write: (fn) => writeUnit(context, fn) };
  const context: IntakeContext = { ...opened.context, heed: (name, { conference = [] }) => takeConference(linkage, name, conference), emergency: (unit, conversation) => queueEmergencyCall(context, linkage, unit, conversation), hungUp: (unit, conversation) => takeHangUp(linkage, unit, conversation) };
  const dying: LinkageContext = { ...linkage, write: (fn) => (state.dies() ? Promise.reject(new Error('the process is gone')) : linkage.write(fn)) };
  await opened.startBus({ turn: createTurnHandler(context), [LINKAGE_CALL_KIND]: createLinkageCallHandler({ context: dying, log: { warn: () => {} } }), [EMERGENCY_CALL_KIND]: createEmergencyCallHandler(context, linkage) });
  const app: FastifyInstance = await openApp({ ...opened, context }, { channels: [channel], desk: { linkage } });
  closing.push(async () => app.close());
  state.base = await app.listen({ port: 0, host: '127.0.0.1' });
  const common = { ...gateway(), wait: async () => {}, onEvent: (event: Parameters<ConferencePeer['watch']>[1]) => peer.watch(sim.callSid, event) };
  const sim = platform === 'twilio' ? createPhoneSim({ ...common, authToken: secret, accountSid: account }) : createJambonzSim({ ...common, secret, accountSid: account, now });
  const calm = async (): Promise<void> => {
    for (let round = 0; round < 4; round += 1) {
      await opened.settle();
      await peer.idle();
    }
  };
  const hangUp = async (): Promise<void> => {
    await peer.leave('citizen');
    await sim.hangup();
    await calm();
  };
  return { intake: opened, linkage, peer, sim, app, calm, hangUp, state };
}
type House = Awaited<ReturnType<typeof openHouse>>;

const conversationOf = async ({ intake, sim }: Pick<House, 'intake' | 'sim'>): Promise<string> => {
  const found = await Promise.all(['ivr-twilio', 'ivr-jambonz'].map((channel) => intake.store.read((repos) => repos.conversations.findByAddress(channel, asAddress(sim.callSid)))));
  return found.find((one) => one !== null)?.id ?? '';
};

/** A caller whom a seat with a telephone has taken over. */
async function served({ intake, app, sim }: House): Promise<{ readonly seat: SignedIn; readonly id: string; readonly view: () => Promise<View>; readonly begin: () => ReturnType<SignedIn['call']> }> {
  intake.script = () => [{ kind: 'say', text: '请讲', inputHint: 'acceptingInput' }];
  await sim.call();
  const seat = await signIn(app, intake);
  const id = await conversationOf({ intake, sim });
  expect((await seat.call('POST', `/api/conversations/${id}/take`, {})).statusCode).toBe(200);
  expect((await seat.call('PUT', '/api/seat-phone', { phone: SEAT_SET })).json()).toEqual({ phone: '139****9000' });
  return {
    seat, id,
    view: async () => (await seat.call('GET', `/api/conversations/${id}/conference`)).json<View>(),
    begin: () => seat.call('POST', `/api/conversations/${id}/linkage`, { profile: 'police-110', conference: true, clientId: 'k1' }),
  };
}

const states = ({ call }: View) => [call?.state, call?.citizen.state, call?.seat?.state, call?.service?.state];
const notes = async (house: House) => {
  const id = await conversationOf(house);
  const { tickets, trail } = await house.intake.store.read(async (repos) => ({ tickets: (await repos.tickets.events((await repos.tickets.byConversation(id))[0]?.id ?? '')).map(({ data }) => String(data['text'] ?? '')), trail: await repos.trail.latest(50) }));
  return { tickets: tickets.filter((text) => text.includes('三方通话')), trail: trail.filter(({ action }) => action.startsWith('linkage.call')), everything: JSON.stringify([tickets, trail]) };
};

describe.each(['twilio', 'jambonz'] as const)('a three-party call by %s', (platform) => {
  it('brings caller, seat and 110 together with one key, tells who is there, and takes the caller back when they have gone', async () => {
    const house = await openHouse(platform, { unruly: true });
    const { peer, sim, calm, intake } = house;
    const { view, begin, seat, id } = await served(house);
    expect(await view()).toEqual({ able: true, why: null, phone: '139****9000', call: null });
    const begun = await begin();
    expect(begun.json()).toMatchObject({ repeated: false, call: { state: 'open', profile: 'police-110' } });
    await calm();
    expect(states(await view())).toEqual(['open', 'in', 'in', 'in']);
    expect(sim.state).toBe('room');
    expect(sim.heard.join('\n')).toContain('请不要挂断');
    expect(peer.legs.map(({ party, to }) => [party, to]).toSorted()).toEqual([['seat', SEAT], ['service', SERVICE]]);
    // Pressed again: nobody is rung twice.
    expect((await begin()).json()).toMatchObject({ repeated: true });
    expect((await seat.call('POST', `/api/conversations/${id}/conference/ring`, { party: 'service' })).json()).toMatchObject({ error: { code: 'linkage.under_way' } });
    await calm();
    expect(peer.legs).toHaveLength(2);

    intake.clock.advance(3 * MINUTE + 20_000);
    await peer.leave('service');
    await calm();
    expect(states(await view())).toEqual(['open', 'in', 'in', 'left']);
    await peer.leave('seat');
    await calm();
    expect(states(await view())).toEqual(['over', 'left', 'left', 'left']);
    // Not alone in silence: back where the seat at the desk is heard.
    expect(sim.state).toBe('listening');
    expect(sim.heard.at(-1)).toContain('正在为您处理');
    const { tickets, trail, everything } = await notes(house);
    expect(tickets.join('\n')).toMatch(/三方通话开始[\s\S]*110 报警服务台已接入[\s\S]*三方通话结束：110 报警服务台通话 3 分 20 秒，坐席通话 3 分 20 秒，市民通话 3 分 20 秒/);
    expect(trail.map(({ action }) => action)).toContain('linkage.call_ended');
    for (const number of ['13900139000', SERVICE, '13800138000']) expect(everything).not.toContain(number);
    const { link } = begun.json<{ link: { id: string } }>();
    const kept = await seat.call('GET', `/api/linkage/links/${link.id}`);
    expect(kept.json()).toMatchObject({ link: { threeParty: true, mode: 'phone' }, calls: [{ state: 'over', service: { state: 'left', seconds: 200 }, citizen: { seconds: 200 } }] });
    expect(kept.body).not.toContain('139');
    expect(peer.faults).toEqual([]);
  });

  it('says at once that 110 is busy, leaves the caller with the seat, and rings again when asked', async () => {
    const house = await openHouse(platform, { fate: (to, times) => (to === SERVICE && times === 0 ? 'busy' : 'answer') });
    const { view, begin, seat, id } = await served(house);
    await begin();
    await house.calm();
    expect(states(await view())).toEqual(['open', 'in', 'in', 'busy']);
    expect((await notes(house)).tickets.join('\n')).toContain('三方通话：110 报警服务台忙');
    expect((await seat.call('POST', `/api/conversations/${id}/conference/ring`, { party: 'service' })).statusCode).toBe(200);
    await house.calm();
    expect(states(await view())).toEqual(['open', 'in', 'in', 'in']);
  });

  it('takes the caller back when nobody answers', async () => {
    const house = await openHouse(platform, { fate: () => 'no-answer' });
    const { view, begin } = await served(house);
    await begin();
    await house.calm();
    expect(states(await view()).slice(0, 1)).toEqual(['over']);
    expect(house.sim.state).toBe('listening');
    expect(house.sim.heard.at(-1)).toContain('正在为您处理');
  });

  it.each(['lost', 'gone', 'mute'] as const)('rings nobody twice by itself when an order ends in the dark (%s)', async (fate) => {
    const house = await openHouse(platform, { fate: (to, times) => (to === SERVICE && times === 0 ? fate : 'answer') });
    const { view, begin, seat, id } = await served(house);
    await begin();
    await house.calm();
    house.intake.clock.advance(3 * MINUTE);
    await sweepCalls(house.linkage);
    house.intake.clock.advance(6 * MINUTE);
    await sweepCalls(house.linkage);
    await house.calm();
    const { call } = await view();
    const service = call?.service;
    // What was rung says so itself; what the platform can be asked for is known; the rest is for a person.
    const known = { lost: 'in', gone: platform === 'jambonz' ? 'failed' : 'unknown', mute: 'unknown' } as const;
    expect(service?.state).toBe(known[fate]);
    expect(house.peer.legs.filter(({ to }) => to === SERVICE)).toHaveLength(fate === 'gone' ? 0 : 1);
    if (service?.state !== 'unknown') return;
    const again = (looked: boolean) => seat.call('POST', `/api/conversations/${id}/conference/ring`, { party: 'service', looked });
    expect((await again(false)).json()).toMatchObject({ error: { code: 'linkage.look_first' } });
    expect((await again(true)).statusCode).toBe(200);
  });

  it('rings nobody twice after a crash between the ringing and its note', async () => {
    const house = await openHouse(platform, { fate: (to) => (to === SERVICE ? 'mute' : 'answer') });
    const { begin, view } = await served(house);
    house.state.dies = () => house.peer.legs.some(({ to }) => to === SERVICE);
    await begin();
    await house.calm();
    house.state.dies = () => false;
    house.intake.clock.advance(MINUTE);
    await house.calm();
    expect(house.peer.legs.filter(({ to }) => to === SERVICE)).toHaveLength(1);
    house.intake.clock.advance(9 * MINUTE);
    await sweepCalls(house.linkage);
    house.intake.clock.advance(9 * MINUTE);
    await sweepCalls(house.linkage);
    expect((await view()).call?.service?.state).toMatch(/^(unknown|failed)$/);
    expect(house.peer.legs.filter(({ to }) => to === SERVICE)).toHaveLength(1);
  });

  it('rings nobody any longer for a caller who has hung up, whatever is told twice', async () => {
    const house = await openHouse(platform, { fate: () => 'ring', unruly: true });
    const { peer, calm } = house;
    const { view, begin } = await served(house);
    await begin();
    await calm();
    expect(states(await view()).slice(2)).toEqual(['ringing', 'ringing']);
    await house.hangUp();
    expect(states(await view())).toEqual(['over', 'left', 'canceled', 'canceled']);
    const how = platform === 'twilio' ? 'canceled' : 'no-answer';
    expect(peer.stops.toSorted((left, right) => left.party.localeCompare(right.party))).toEqual([{ party: 'seat', how }, { party: 'service', how }]);
    expect(peer.legs.map(({ state }) => state)).toEqual(['over', 'over']);
    const { tickets, trail, everything } = await notes(house);
    expect(tickets.filter((text) => text.endsWith('市民已挂断，取消呼叫110 报警服务台'))).toHaveLength(1);
    expect(tickets.join('\n')).toMatch(/三方通话：市民已挂断[\s\S]*三方通话结束：110 报警服务台的呼叫已取消，坐席的呼叫已取消/);
    expect(trail.filter(({ action }) => action === 'linkage.call_stopped')).toHaveLength(2);
    for (const number of ['13900139000', SERVICE, '13800138000']) expect(everything).not.toContain(number);
    expect(peer.faults).toEqual([]);
  });

  it('lets 110 ring on for a seat who is there, and ends its call when the seat has gone too', async () => {
    const house = await openHouse(platform, { fate: (to) => (to === SERVICE ? 'ring' : 'answer') });
    const { peer, calm } = house;
    const { view, begin } = await served(house);
    await begin();
    await calm();
    await house.hangUp();
    expect(states(await view())).toEqual(['open', 'left', 'in', 'ringing']);
    await peer.pickUp('service');
    await calm();
    expect([states(await view()), peer.stops]).toEqual([['open', 'left', 'in', 'in'], []]);
    await peer.leave('seat');
    await calm();
    expect(states(await view())).toEqual(['over', 'left', 'left', 'left']);
    expect([peer.stops, [...peer.inRoom]]).toEqual([[{ party: 'service', how: 'completed' }], []]);
    expect((await notes(house)).tickets.join('\n')).toContain('市民已挂断，结束与110 报警服务台的通话');
  });

  it('leaves nobody in an empty room who picks up in that very moment, a crash after the order notwithstanding', async () => {
    const house = await openHouse(platform, { fate: (to) => (to === SERVICE ? 'snatch' : 'busy') });
    const { peer, calm } = house;
    const { view, begin } = await served(house);
    await begin();
    await calm();
    let crashes = 1;
    house.state.dies = () => peer.stops.length > 0 && (crashes -= 1) >= 0;
    await house.hangUp();
    house.intake.clock.advance(MINUTE);
    await calm();
    expect(states(await view())).toEqual(['over', 'left', 'busy', 'left']);
    expect([...peer.inRoom]).toEqual([]);
    expect(peer.legs.find(({ party }) => party === 'service')?.state).toBe('over');
    expect(peer.stops.at(-1)).toEqual({ party: 'service', how: 'completed' });
    expect((await notes(house)).trail.filter(({ action }) => action === 'linkage.call_stopped')).toHaveLength(2);
    expect(peer.faults).toEqual([]);
  });

  it('brings 119 in by rule when the dialog finds a fire; the seat who takes over joins with the same key', async () => {
    const house = await openHouse(platform, { rules: [RULE] });
    const { intake, sim, app, calm, peer } = house;
    intake.script = (event) => (event.type === 'message' ? [{ kind: 'emergency', category: 'fire', words: ['着火'] }, { kind: 'handoff', reason: '火情', understood: { flow: null, slots: [], items: [] } }] : [{ kind: 'say', text: '请讲', inputHint: 'acceptingInput' }]);
    await sim.call();
    await sim.say('楼下着火了');
    await calm();
    expect(peer.legs.map(({ party }) => party)).toEqual(['service']);
    expect(sim.state).toBe('room');
    const seat = await signIn(app, intake);
    const id = await conversationOf(house);
    await seat.call('POST', `/api/conversations/${id}/take`, {});
    await seat.call('PUT', '/api/seat-phone', { phone: '8001' });
    const joined = await seat.call('POST', `/api/conversations/${id}/linkage`, { profile: 'fire-119', conference: true, clientId: 'k2' });
    expect(joined.json()).toMatchObject({ repeated: true, call: { seat: { state: 'waiting' } } });
    await calm();
    expect(peer.legs.map(({ party, to }) => [party, to])).toEqual([['service', SERVICE], ['seat', '8001']]);
    expect(states((await seat.call('GET', `/api/conversations/${id}/conference`)).json<View>())).toEqual(['open', 'in', 'in', 'in']);
  });

  it('says in words what to do instead where no calls can be placed', async () => {
    const house = await openHouse(platform, { api: false });
    const { view, begin } = await served(house);
    expect(await view()).toMatchObject({ able: false, why: expect.stringContaining('自己的话机') });
    expect((await begin()).json()).toMatchObject({ error: { code: 'linkage.no_conference' } });
    expect((await house.intake.rows())['tickets']).toBe(0);
  });
});
